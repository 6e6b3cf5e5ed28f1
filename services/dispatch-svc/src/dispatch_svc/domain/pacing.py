"""The pace of a sender ID: permits are slots in time, and a message leaves in its slots or not at all.

Slots are given out by one clock (Redis) for all replicas, one after the other, a little further apart than the pace
asks. A slot may be used a little late, but one that was missed is lost: what is late never bunches with what is on
time. A process that has the sender to itself may be later, because its own window of the last second is exact.
Times are seconds of `time.monotonic()` of this process; a rate is in parts a second.
"""

from collections import deque
from collections.abc import Iterable
from uuid import UUID

import msgspec

# Slots are this much further apart than the rate asks. It pays for slots that are used late: rate + 1.5% of a second.
STRETCH = 1.015
# How late a slot may be used while other processes use the same sender. Less than the stretch.
LATE_SHARED = 0.012
# How late a slot may be used by a process that has the sender to itself. A process that joins waits this long.
LATE_ALONE = 0.25
# Slots are given out no further ahead than this, so that a hold or a new rate acts at once.
AHEAD = 0.25
# A client has this long from being handed a message to writing it; later the message comes back and its slot is lost.
LATE_WRITE = 0.015
# A sliding second, and what late writes may take away from it.
WINDOW = 1.0 + LATE_WRITE
SLICE_SECONDS = 0.25
# Up to this rate one process at a time sends for a sender; above, as many as there are.
ALONE_UP_TO = 10_000
LARGEST_SLICE = 500


def interval(rate: int) -> float:
    """Seconds from one slot to the next."""
    return STRETCH / rate


def slice_size(rate: int, parts_a_message: float) -> int:
    """How many recipients a slice has: a quarter of a second of work, at least 1, at most 500."""
    return max(1, min(LARGEST_SLICE, int(rate * SLICE_SECONDS / max(1.0, parts_a_message))))


class Slots(msgspec.Struct, frozen=True):
    """`count` consecutive slots, `step` seconds apart. The first may be used from `opens` until `closes`."""

    count: int
    opens: float
    closes: float
    step: float


def slots(*, count: int, asked_at: float, answered_at: float, offset: float, rate: int, shared: bool) -> Slots:
    """Slots in this process's time. `offset`: seconds from the moment in which Redis decided to the first slot.

    That moment lies between the question and the answer, so a slot is taken to open by the one and close by the other.
    A process that is alone need not mind being early: its own window is exact.
    """
    opens = (answered_at if shared else asked_at) + offset
    closes = asked_at + offset + (LATE_SHARED if shared else LATE_ALONE)
    return Slots(count, opens, closes, interval(rate))


class Window:
    """What this process sent for a sender within the last second; never more than the rate in any sliding one."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._sent: deque[tuple[float, int]] = deque()
        self._total = 0

    def earliest(self, parts: int, now: float) -> float:
        """When a message of so many parts may leave: `now`, or the moment at which enough is a second old.

        The parts of a message that is longer than a second leave one by one, so that only the first needs room.
        """
        self._forget(now)
        excess = self._total + (parts if parts <= self.rate else 1) - self.rate
        if excess <= 0:
            return now
        at = now
        for sent_at, count in self._sent:
            at = sent_at + WINDOW
            excess -= count
            if excess <= 0:
                break
        return at

    def add(self, parts: int, at: float) -> None:
        if self._sent and self._sent[-1][0] >= at:
            last, count = self._sent[-1]
            self._sent[-1] = (last, count + parts)
        else:
            self._sent.append((at, parts))
        self._total += parts

    def _forget(self, now: float) -> None:
        sent = self._sent
        while sent and sent[0][0] <= now - WINDOW:
            self._total -= sent.popleft()[1]


class Fair:
    """Which campaign of a sender is next: the one that was served least. A newcomer starts level with the least."""

    def __init__(self) -> None:
        self._served: dict[UUID, float] = {}

    def set_campaigns(self, campaigns: Iterable[UUID]) -> None:
        level = min(self._served.values(), default=0.0)
        self._served = {campaign: self._served.get(campaign, level) for campaign in campaigns}

    def next(self, but: frozenset[UUID] | set[UUID] = frozenset()) -> UUID | None:
        candidates = [campaign for campaign in self._served if campaign not in but]
        return min(candidates, key=self._served.__getitem__, default=None)

    def served(self, campaign: UUID, parts: float) -> None:
        if campaign in self._served:
            self._served[campaign] += parts

    def remove(self, campaign: UUID) -> None:
        self._served.pop(campaign, None)

    def __len__(self) -> int:
        return len(self._served)
