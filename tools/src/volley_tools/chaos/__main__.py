"""`make chaos SEEDS=n FIRST_SEED=s`: campaigns under faults, judged by the provider's ledger. All of it on loopback.

Prints a line a seed, and of a failing one its plan, what happened when, and what broke; its logs are kept. The last
line is `N passed, N failed`.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from volley_tools.chaos.api import PatientApi
from volley_tools.chaos.machine import Machine
from volley_tools.chaos.plan import WORKERS, Plan, plan
from volley_tools.chaos.run import Verdict, run_seed
from volley_tools.demo.provider import Provider
from volley_tools.stack.processes import StackError
from volley_tools.stack.supervisor import FOLDER, Stack

OUTPUT = FOLDER / "chaos"
SEEDS_A_PLATFORM = 25
"""A platform is made anew after so many seeds, and after a failure, so that none stands on another's ruins."""

STARTS = 3
"""A platform that does not start is tried again so often: the machine may be busy."""


def main() -> None:
    options = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if options.show:
        print(msgspec.json.format(msgspec.json.encode(plan(options.first_seed, options.recipients)), indent=2).decode())
        return
    seeds = list(range(options.first_seed, options.first_seed + options.seeds))
    good: dict[int, bool] = {}
    starts = 0
    try:
        while len(good) < len(seeds) and starts < STARTS:
            try:
                _some(seeds[len(good) : len(good) + SEEDS_A_PLATFORM], options, good)
                starts = 0
            except StackError as error:
                starts += 1
                print(f"The platform did not start: {error}", flush=True)
    except KeyboardInterrupt:
        print("Interrupted.", flush=True)
    failed = [seed for seed, held in good.items() if not held]
    if failed:
        print(f"Failed: {' '.join(map(str, failed))}. Plans and logs: {OUTPUT}")
    print(f"{len(good) - len(failed)} passed, {len(failed)} failed", flush=True)
    sys.exit(0 if len(good) == len(seeds) and not failed else 1)


def _some(seeds: list[int], options: argparse.Namespace, good: dict[int, bool]) -> None:
    """Run seeds on one platform until one fails; `good` takes how each went."""
    with tempfile.TemporaryDirectory(prefix="volley-chaos-") as folder:
        stack = Stack(
            Path(folder),
            scattered=True,
            durable=False,  # processes die here, not the machine: what was written stays, and no disk is waited for
            replicas=dict.fromkeys(WORKERS, 2),
            with_simulator=True,
        )
        try:
            with stack:
                asyncio.run(_run(stack, seeds, options, good))
        finally:
            stack.remove()


async def _run(stack: Stack, seeds: list[int], options: argparse.Namespace, good: dict[int, bool]) -> None:
    if options.synchronous_commit == "off":
        await _commit_later(stack)
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session:
        machine = Machine(stack, Provider(session, stack.simulator.url))
        root = PatientApi(session, stack.url("gateway-api"), stack.bootstrap_key)
        await machine.stop_seconds()
        for seed in seeds:
            _empty(stack.folder / "logs")
            planned = plan(seed, options.recipients)
            verdict = await run_seed(machine, root, planned)
            _tell(seed, planned, verdict, verbose=options.verbose)
            good[seed] = not verdict.broken
            if verdict.broken:
                _keep(stack.folder / "logs", OUTPUT / f"seed-{seed}", planned, verdict)
                return


async def _commit_later(stack: Stack) -> None:
    """Commits are acknowledged before they are written: to see what that costs in a crash."""
    connection = await asyncpg.connect(f"{stack.addresses.postgres}/postgres")
    try:
        await connection.execute("ALTER SYSTEM SET synchronous_commit = off")
        await connection.execute("SELECT pg_reload_conf()")
    finally:
        await connection.close()


def _tell(seed: int, planned: Plan, verdict: Verdict, *, verbose: bool) -> None:
    faults = ", ".join(f"{f.kind} {f.point or f.target}".rstrip() for f in planned.faults)
    print(
        f"seed {seed}: {'BROKEN' if verdict.broken else 'ok'} in {verdict.seconds:.0f} s ({faults}) {verdict.figures}"
    )
    if verdict.broken:
        print(f"  plan: {msgspec.json.encode(planned).decode()}")
    if verdict.broken or verbose:
        print("\n".join(f"  {line}" for line in [*verdict.told, *(f"BROKEN {line}" for line in verdict.broken)]))
    sys.stdout.flush()


def _empty(logs: Path) -> None:
    """The processes go on writing at the end of them."""
    for log in logs.glob("*.log"):
        log.write_bytes(b"")


def _keep(logs: Path, into: Path, planned: Plan, verdict: Verdict) -> None:
    shutil.rmtree(into, ignore_errors=True)
    shutil.copytree(logs, into)
    (into / "plan.json").write_bytes(msgspec.json.format(msgspec.json.encode(planned), indent=2))
    (into / "verdict.json").write_bytes(msgspec.json.format(msgspec.json.encode(verdict), indent=2))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many (%(default)s)")
    parser.add_argument("--first-seed", type=int, default=1, help="the first of them (%(default)s)")
    parser.add_argument("--recipients", type=int, default=50_000, help="of all campaigns of a seed (%(default)s)")
    parser.add_argument("--synchronous-commit", choices=("on", "off"), default="on", help="Postgres' (%(default)s)")
    parser.add_argument("--verbose", action="store_true", help="tell what happened in good seeds too")
    parser.add_argument("--show", action="store_true", help="print the plan of the first seed, and run nothing")
    return parser


if __name__ == "__main__":
    main()
