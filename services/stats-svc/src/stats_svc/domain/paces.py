"""How fast campaigns are being sent: messages a second, from the totals that are seen go by."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

WINDOW = timedelta(seconds=5)
AT_LEAST = timedelta(seconds=1)
MOST = 10_000


@dataclass(slots=True)
class _Pace:
    """Totals of the last seconds, and the rate that was told last."""

    seen: deque[tuple[datetime, int]]
    told: float | None = None


class Paces:
    """Remembers what campaigns had submitted, for the length of a window."""

    def __init__(self) -> None:
        self._paces: dict[UUID, _Pace] = {}

    def rate(self, campaign_id: UUID, submitted: int, at: datetime) -> float | None:
        """Messages a second over the window that ends at `at`, with one decimal; None while less than that is known.

        A revision may take messages back: the rate is never below zero.
        """
        pace = self._paces.get(campaign_id)
        if pace is None or (pace.told == 0 and submitted != pace.seen[-1][1]):
            pace = self._begin(campaign_id)
        elif pace.told == 0:
            return 0.0
        pace.seen.append((at, submitted))
        while len(pace.seen) > 1 and at - pace.seen[0][0] > WINDOW:
            pace.seen.popleft()
        since, before = pace.seen[0]
        known = at - since >= AT_LEAST
        pace.told = round(max(0, submitted - before) / (at - since).total_seconds(), 1) if known else None
        return pace.told

    def fading(self, at: datetime) -> list[UUID]:
        """Campaigns whose rate is due though nothing new came for a second: those that are not known to stand still."""
        return [id_ for id_, pace in self._paces.items() if pace.told != 0 and at - pace.seen[-1][0] >= AT_LEAST]

    def _begin(self, campaign_id: UUID) -> _Pace:
        if len(self._paces) >= MOST:
            self._paces = {id_: pace for id_, pace in self._paces.items() if pace.told != 0}
        pace = self._paces[campaign_id] = _Pace(deque())
        return pace
