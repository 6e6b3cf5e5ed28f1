"""The circuit breaker of a route: a provider that fails again and again is left alone for a while.

Times are seconds of `time.monotonic()`.
"""

FAILURES = 3
"""In a row; then the breaker opens. A hard failure, which no other message can survive, opens it at once."""
FIRST_REST, LONGEST_REST = 0.5, 30.0


class Breaker:
    """While it is open nothing is handed over. What comes next tries it: it opens for longer, or is closed."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until = 0.0

    def is_open(self, now: float) -> bool:
        return now < self._open_until

    def rest(self, now: float) -> float:
        """How long it stays open."""
        return max(0.0, self._open_until - now)

    def succeeded(self) -> None:
        self._failures = 0

    def failed(self, now: float, *, hard: bool = False) -> float:
        """For how long it opens; 0: not yet."""
        self._failures += 1
        excess = self._failures - (1 if hard else FAILURES)
        if excess < 0:
            return 0.0
        seconds: float = min(FIRST_REST * 2 ** min(excess, 10), LONGEST_REST)
        self._open_until = now + seconds
        return seconds

    def hold(self, now: float, seconds: float) -> None:
        """The provider has enough for so long: that is no failure."""
        self._open_until = now + seconds
