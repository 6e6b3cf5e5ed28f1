"""How many parts arrive in a second: the busiest second so far, and a limit."""

from array import array
from collections import deque

_SECOND = 1.0


class BusiestSecond:
    """The most arrivals in any window of one second, wherever it begins; a window excludes its first instant."""

    __slots__ = ("_newest", "_oldest", "_peak", "_times")

    def __init__(self) -> None:
        self._times = array("d")
        self._oldest = self._newest = self._peak = 0

    def add(self, now: float, count: int = 1) -> None:
        """`count` arrivals at `now` (seconds, never before an earlier one)."""
        if count == 1:
            self._times.append(now)
        else:
            self._times.extend([now] * count)

    def __len__(self) -> int:
        return len(self._times)

    def peak(self) -> int:
        """Looks only at what arrived since the last call."""
        times, oldest, peak = self._times, self._oldest, self._peak
        for newest in range(self._newest, len(times)):
            limit = times[newest] - _SECOND
            while times[oldest] <= limit:
                oldest += 1
            peak = max(peak, newest - oldest + 1)
        self._oldest, self._newest, self._peak = oldest, len(times), peak
        return peak


class Limit:
    """Refuses what would be more than so many parts in any window of one second."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def allows(self, now: float, parts: int, per_second: int) -> bool:
        """Whether `parts` more may come at `now` (seconds); if so they are counted. 0 a second means no limit."""
        if not per_second:
            return True
        times, limit = self._times, now - _SECOND
        while times and times[0] <= limit:
            times.popleft()
        if len(times) + parts > per_second:
            return False
        times.extend([now] * parts)
        return True
