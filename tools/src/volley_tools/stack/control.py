"""What `make up`, `down`, `status` and `logs` do: the supervisor in the background, and words about it."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from volley_tools.stack.folder import is_locked, read_state
from volley_tools.stack.processes import StackError

STOP_SECONDS = 30


def run_in_background(folder: Path, options: list[str]) -> dict[str, Any]:
    """Start the supervisor of `folder`, unless it runs, and tell its steps until the stack is ready: its state."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "supervisor.log"
    if is_locked(folder):
        return _wait_ready(folder, log, None)
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "volley_tools.stack", "run", "--folder", str(folder), *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        return _wait_ready(folder, log, supervisor)
    except BaseException:
        supervisor.terminate()
        supervisor.wait()
        raise


def stop(folder: Path) -> bool:
    """Stop what runs in `folder` and wait until it has ended; whether anything ran."""
    state = read_state(folder)
    if not state or not is_locked(folder):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_locked(folder):
        if time.monotonic() > deadline:
            raise StackError(f"the supervisor (process {state['pid']}) does not stop; see {folder}/supervisor.log")
        time.sleep(0.1)
    return True


def describe(state: dict[str, Any]) -> str:
    """A table of the processes, and where they serve."""
    lines = [f"{'process':<18} {'pid':>8}  {'restarts':>8}  address"]
    addresses = {"kafka": state["addresses"]["kafka"], "redis": state["addresses"]["redis"]}
    addresses |= {"postgres": state["addresses"]["postgres"], **state["urls"]}
    for name, process in state["processes"].items():
        running = process["pid"] if psutil.pid_exists(process["pid"]) else "-"
        lines.append(f"{name:<18} {running:>8}  {process['restarts']:>8}  {addresses.get(name, '')}")
    return "\n".join(lines)


def _wait_ready(folder: Path, log: Path, supervisor: subprocess.Popen[bytes] | None) -> dict[str, Any]:
    """Copy the supervisor's log to the terminal until its state says that it is ready."""
    told = 0
    while True:
        ended = supervisor.poll() is not None if supervisor else not is_locked(folder)
        state = read_state(folder)
        text = log.read_text()
        sys.stdout.write(text[told:])
        sys.stdout.flush()
        told = len(text)
        if ended:
            raise StackError("the stack did not start")
        if state.get("status") == "ready" and (supervisor is None or state["pid"] == supervisor.pid):
            return state
        time.sleep(0.1)
