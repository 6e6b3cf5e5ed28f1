"""Keeps the parts of one sender apart at the provider when writing them runs late.

The grant times are right as long as each part is written when it is due. A provider that stalls, a full window or a
busy process makes parts late, and what is late must not go out in a heap: it shifts what follows, and is not caught up.
"""

from collections.abc import Sequence

TOLERANCE = 0.01
"""Seconds that may be caught up: less than what the pace, 1% below the rate, leaves free in a second."""


def gap(dues: Sequence[float]) -> float:
    """Seconds between two parts, as their times (in order) say; 0 where there is only one."""
    return (dues[-1] - dues[0]) / (len(dues) - 1) if len(dues) > 1 else 0.0


class Spacing:
    """One sender's next free moment, on the clock of the due times (seconds)."""

    __slots__ = ("_free",)

    def __init__(self) -> None:
        self._free = 0.0

    def ready(self, due: float, now: float, gap: float) -> bool:
        """Whether a part that is due at `due` may be written now; if so its place is taken."""
        moment = max(due, self._free)
        if moment > now:
            return False
        self._free = max(moment, now - TOLERANCE) + gap
        return True

    def wait(self, due: float, now: float) -> float:
        """Seconds until a part that is due at `due` may be written."""
        return max(due, self._free) - now
