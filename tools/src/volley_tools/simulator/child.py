"""The simulator as a child process, for the demo, for tests across processes, and for benchmarks."""

import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from volley_tools.stack.ports import HOST, Ports
from volley_tools.stack.processes import Child, StackError, stop_all

_START_SECONDS = 30.0


@dataclass(frozen=True)
class SimulatorChild:
    """A simulator that runs; `url` is where the HTTP provider, the ledger and the controls are."""

    child: Child
    smpp_port: int
    http_port: int

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.http_port}"

    def stop(self, seconds: float = 10.0) -> None:
        """Ask it to end, kill it if it does not."""
        stop_all([self.child], seconds)


def start(log: Path, ports: Ports, **options: Any) -> SimulatorChild:
    """Start a simulator with `options` (names and values as in Options) on two free ports and wait until it serves.

    It dies with this process. StackError, with the end of its log, if it does not start.
    """
    smpp_port, http_port = ports.take(2775), ports.take(2780)
    flags = list(_flags({**options, "smpp_port": smpp_port, "http_port": http_port}))
    child = Child(
        name="simulator",
        command=[sys.executable, "-m", "volley_tools.simulator", *flags],
        log=log,
        ready=lambda: _listens(http_port),
    )
    child.start()
    try:
        child.wait_ready(_START_SECONDS)
    except StackError:
        child.kill9()
        raise
    return SimulatorChild(child, smpp_port, http_port)


def _flags(options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        flag = name.replace("_", "-")
        if isinstance(value, bool):
            yield f"--{flag}" if value else f"--no-{flag}"
        elif isinstance(value, Mapping):
            yield f"--{flag}=" + ",".join(f"{key}={share}" for key, share in value.items())
        elif isinstance(value, list | tuple):
            yield f"--{flag}=" + ",".join(value)
        else:
            yield f"--{flag}={value}"


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True
