"""Ports for the local stack that nobody uses yet, on the loopback address only."""

import itertools
import random
import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
# Below the range from which the system numbers outgoing connections: a server that is killed finds its port again.
FREE_RANGE = range(20_000, 32_000)


class Ports:
    """Hands out free ports: the preferred one or the next after it; anywhere at random with `scattered`."""

    def __init__(self, *, scattered: bool = False) -> None:
        self._scattered = scattered
        self._taken: set[int] = set()

    def take(self, preferred: int) -> int:
        """A port that no process listens on and that was not handed out before."""
        for port in self._candidates(preferred):
            if port not in self._taken and _is_free(port):
                self._taken.add(port)
                return port
        raise OSError(f"no free port from {preferred} on")

    def _candidates(self, preferred: int) -> Iterator[int]:
        if not self._scattered:
            return iter(range(preferred, 65_536))
        start = random.randrange(len(FREE_RANGE))  # noqa: S311 - spreads stacks, hides nothing
        return itertools.chain(FREE_RANGE[start:], FREE_RANGE[:start])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
