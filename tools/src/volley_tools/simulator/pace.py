"""How many parts arrive in a second: the busiest second so far, and a limit."""

from array import array
from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush

_SECOND = 1.0


class BusiestSecond:
    """The most arrivals in any window of one second, wherever it begins; a window excludes its first instant.

    What is read late seems to come later than it did, and closer to what follows. So there are two answers: `peak` goes
    by when it was read, `certain` counts what was surely less than a second apart.
    """

    __slots__ = ("_certain", "_peak", "_since", "_times")

    def __init__(self) -> None:
        self._times, self._since = array("d"), array("d")
        self._peak, self._certain = _Look(), _Look()

    def add(self, now: float, count: int = 1, since: float | None = None) -> None:
        """`count` arrivals, read at `now` (seconds, not before an earlier one's) and not there yet at `since`."""
        if since is None:
            since = now
        if count == 1:
            self._times.append(now)
            self._since.append(since)
        else:
            self._times.extend([now] * count)
            self._since.extend([since] * count)

    def __len__(self) -> int:
        return len(self._times)

    def peak(self) -> int:
        """By the times of reading. Looks only at what arrived since the last call."""
        return self._peak.most(self._times, self._times)

    def certain(self) -> int:
        """At least so many came within some second, however late they were read; at most `peak`."""
        return self._certain.most(self._since, self._times)


class _Look:
    """How far the windows were looked at, and the fullest one."""

    __slots__ = ("_found", "_newest", "_within")

    def __init__(self) -> None:
        self._within: list[float] = []  # a heap: what was read through another door began earlier
        self._newest = self._found = 0

    def most(self, begins: Sequence[float], ends: Sequence[float]) -> int:
        """The most entries whose begins are all later than a second before the last one's end."""
        within, found = self._within, self._found
        for newest in range(self._newest, len(ends)):
            limit = ends[newest] - _SECOND
            heappush(within, begins[newest])
            while within and within[0] <= limit:
                heappop(within)
            found = max(found, len(within))
        self._newest, self._found = len(ends), found
        return found


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
