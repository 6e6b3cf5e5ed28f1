"""python -m volley_tools.stack: the local stack from the command line; `--help` lists the commands."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import FrameType

from volley_tools.stack import compose, control
from volley_tools.stack.folder import is_locked, read_state
from volley_tools.stack.platform import SERVICES, Addresses, kept_secrets
from volley_tools.stack.prerequisites import ensure_programs
from volley_tools.stack.processes import StackError
from volley_tools.stack.supervisor import FOLDER, Stack

INFRA_FOLDER = FOLDER / "infra"
DEMO_FOLDER = FOLDER / "demo"


def main() -> None:
    options = _parser().parse_args()
    try:
        COMMANDS[options.command](options)
    except StackError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit(130)


def up(options: argparse.Namespace) -> None:
    if options.folder == FOLDER and compose.usable():
        compose.up(options.folder)
        return
    state = control.run_in_background(options.folder, ["--simulator"] if options.simulator else [])
    print(control.describe(state))
    gateway, links = state["urls"]["gateway-api-0"], state["public_urls"]["link-svc-0"]
    print(f"\nAPI      {gateway}/v1   its documentation: {gateway}/docs\nLinks    {links}")
    print(f"Key      {kept_secrets(options.folder).bootstrap_key}   (the first administrator's)")
    print(f"Logs     {options.folder}/logs   (make logs; make down stops everything)")


def down(options: argparse.Namespace) -> None:
    if options.folder == FOLDER and compose.stop(FOLDER):
        return
    stopped = [folder for folder in _alike(options.folder) if control.stop(folder)]
    print("Stopped." if stopped else "Nothing was running.")


def status(options: argparse.Namespace) -> None:
    running = [folder for folder in _alike(options.folder) if is_locked(folder)]
    for folder in running:
        print(control.describe(read_state(folder)))
    if not running:
        print("Nothing is running. `make up` starts the platform.")


def logs(options: argparse.Namespace) -> None:
    names = options.names or ["*"]
    files = sorted(str(log) for name in names for log in (options.folder / "logs").glob(f"{name}*.log"))
    if not files:
        sys.exit(f"No logs of {' '.join(names)} in {options.folder}/logs.")
    subprocess.run(["tail", "-n", "20", *(["-F"] if options.follow else []), *files], check=False)


def infra_up(options: argparse.Namespace) -> None:
    addresses = control.run_in_background(options.folder, ["--servers-only"])["addresses"]
    for name, address in addresses.items():
        print(f"export VOLLEY_TEST_{name.upper()}={address}")


def run(options: argparse.Namespace) -> None:
    """Supervise in the foreground until SIGINT or SIGTERM."""
    given = Addresses(*(os.environ.get(f"VOLLEY_{name}", "") for name in ("KAFKA", "POSTGRES", "REDIS_URL")))
    services = () if options.servers_only else SERVICES
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        if asked.is_set():
            return
        asked.set()
        if not ready.is_set():
            raise KeyboardInterrupt  # out of the start, whatever it waits for

    ready = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    with Stack(
        options.folder,
        services=services,
        given=given,
        with_simulator=options.simulator,
        report=lambda step: print(step, flush=True),
    ) as stack:
        ready.set()
        stack.supervise(asked)


def setup(options: argparse.Namespace) -> None:
    del options
    ensure_programs()


def clean(options: argparse.Namespace) -> None:
    """Stop everything and remove its data; the jars and programs too."""
    for folder in (INFRA_FOLDER, *_alike(options.folder)):
        control.stop(folder)
        Stack(folder).remove()
    compose.stop(FOLDER, with_data=True)
    shutil.rmtree(FOLDER, ignore_errors=True)


def _alike(folder: Path) -> list[Path]:
    """The folder, and with the usual one that of a demo which was left running."""
    return [folder, DEMO_FOLDER] if folder == FOLDER else [folder]


COMMANDS = {
    "up": up,
    "down": down,
    "status": status,
    "logs": logs,
    "infra-up": infra_up,
    "infra-down": down,
    "run": run,
    "setup": setup,
    "clean": clean,
}
HELP = {
    "up": "start the platform in the background and wait until it serves",
    "down": "stop it",
    "status": "list its processes",
    "logs": "the ends of its logs; NAME picks some, -f follows",
    "infra-up": "start Kafka, Postgres and Redis alone, for tests; prints their addresses as variables",
    "infra-down": "stop those",
    "run": "supervise in the foreground (what `up` starts)",
    "setup": "find or install the servers' programs",
    "clean": "stop everything and remove its data",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m volley_tools.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in HELP.items():
        command = commands.add_parser(name, help=text)
        default = INFRA_FOLDER if name.startswith("infra-") else FOLDER
        command.add_argument("--folder", type=Path, default=default, help="where the data is (%(default)s)")
        if name == "logs":
            command.add_argument("names", nargs="*", metavar="NAME")
            command.add_argument("-f", "--follow", action="store_true")
        if name in {"up", "run"}:
            command.add_argument("--simulator", action="store_true", help="with the provider simulator")
        if name == "run":
            command.add_argument("--servers-only", action="store_true", help="no services")
    return parser


if __name__ == "__main__":
    main()
