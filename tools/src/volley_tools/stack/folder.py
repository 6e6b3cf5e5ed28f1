"""What a stack leaves in its folder for others: that it runs there (a lock, which the system takes from the dead), and
what it runs (state.json).
"""

import fcntl
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import psutil

from volley_tools.stack.processes import StackError


def is_locked(folder: Path) -> bool:
    """Whether a stack runs in `folder`."""
    try:
        take_lock(folder, patience=0).close()
    except FileNotFoundError:
        return False
    except StackError:
        return True
    return False


def take_lock(folder: Path, patience: float = 1) -> IO[str]:
    """Hold the folder until the file given is closed; StackError if it is held after `patience` seconds."""
    deadline = time.monotonic() + patience
    lock = (folder / "lock").open("a")
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() >= deadline:
                lock.close()
                raise StackError(f"a stack runs in {folder} already") from None
            time.sleep(0.1)  # somebody may only be asking
        else:
            return lock


def read_state(folder: Path) -> dict[str, Any]:
    """What the stack in `folder` wrote about itself last, maybe before it was killed; {} without one."""
    try:
        state: dict[str, Any] = json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        return {}
    return state


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write it at once and whole, for its owner only: the address of Postgres has its password."""
    unfinished = folder / "state.json.unfinished"
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(state, indent=2))
    unfinished.rename(folder / "state.json")


def wait_for_the_dying(folder: Path, seconds: float = 10) -> None:
    """Wait until the processes of a stack that was killed in `folder` have ended, which they do by themselves."""
    dying = []
    for process in read_state(folder).get("processes", {}).values():
        with suppress(psutil.NoSuchProcess):
            dying.append(psutil.Process(process["pid"]))
    psutil.wait_procs(dying, timeout=seconds)
    (folder / "state.json").unlink(missing_ok=True)
