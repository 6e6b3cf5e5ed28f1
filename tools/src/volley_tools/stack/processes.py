"""Child processes of the local stack: each with its own log, bound to this process's life, stopped as a tree."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psutil

TETHER = Path(__file__).with_name("tether.py")
POLL_SECONDS = 0.05

# The kernel's life line hangs on the thread that starts a child, not on its process: all start from this one,
# which lives as long as the process does.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spawner")


class StackError(Exception):
    """The local stack cannot go on; the text is a sentence for the person at the terminal."""


@dataclass
class Child:
    """One process of the stack. `ready` tells whether it serves; `death_signal` reaches it when we are killed."""

    name: str
    command: Sequence[str]
    log: Path
    ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGKILL
    user: str = ""
    restarts: int = 0
    started: float = 0.0  # monotonic seconds
    _popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._popen.pid if self._popen else None

    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self, more: Mapping[str, str] = MappingProxyType({})) -> None:
        """Start it unless it runs, this time with `more` in its environment; does not wait until it serves."""
        if self.alive():
            return
        tether = [sys.executable, "-I", str(TETHER), str(int(self.death_signal)), str(os.getpid()), self.user]
        self.started = time.monotonic()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._popen = _SPAWNER.submit(
                subprocess.Popen,
                [*tether, *self.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment, **more},
                cwd="/" if self.user else None,  # another user may not enter ours
                start_new_session=True,  # Ctrl-C at the terminal reaches only the supervisor
            ).result()

    def wait_ready(self, seconds: float) -> None:
        """Wait until it serves; StackError, with the end of its log, when it ends or takes longer."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if not self.alive():
                raise StackError(f"{self.name} ended while starting.\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise StackError(f"{self.name} is not ready after {seconds:.0f} s.\n{self.log_tail()}")
            time.sleep(POLL_SECONDS)

    def wait_done(self, seconds: float) -> None:
        """Wait until it has ended well; StackError, with the end of its log, when it fails or takes longer."""
        if self._popen is None:
            return
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise StackError(f"{self.name} takes longer than {seconds:.0f} s.\n{self.log_tail()}") from None
        if code != 0:
            raise StackError(f"{self.name} failed.\n{self.log_tail()}")

    def ask_to_stop(self) -> None:
        if self._popen and self.alive():
            self._popen.send_signal(self.stop_signal)

    def wait_stopped(self, deadline: float) -> None:
        """Wait until it has ended; at `deadline` (monotonic seconds) it is killed."""
        if self._popen is None:
            return
        try:
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.kill9()

    def kill9(self) -> None:
        """SIGKILL to it and everything it started; returns when all of them are gone."""
        if self._popen is None or not self.alive():
            return
        family = _family(self._popen.pid)
        _signal(family, signal.SIGKILL)
        self._popen.wait()
        psutil.wait_procs(family[:-1], timeout=10)

    def freeze(self) -> None:
        """SIGSTOP to it and everything it started; `thaw` lets them go on."""
        if self._popen is not None:
            _signal(_family(self._popen.pid), signal.SIGSTOP)

    def thaw(self) -> None:
        if self._popen is not None:
            _signal(_family(self._popen.pid), signal.SIGCONT)

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of its log, indented, under the log's path."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        tail = text.splitlines()[-lines:]
        return "\n".join([f"  {self.log}:", *(f"    {line}" for line in tail)])


def _family(pid: int) -> list[psutil.Process]:
    """A process and everything it started, itself last; empty if it is gone."""
    try:
        return [*(process := psutil.Process(pid)).children(recursive=True), process]
    except psutil.NoSuchProcess:
        return []


def _signal(family: Sequence[psutil.Process], number: signal.Signals) -> None:
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.send_signal(number)


def stop_all(children: Sequence[Child], seconds: float) -> None:
    """Ask all of them to stop, in the order given, and wait together; who takes longer than `seconds` is killed."""
    deadline = time.monotonic() + seconds
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.wait_stopped(deadline)
