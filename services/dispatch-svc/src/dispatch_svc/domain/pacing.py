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

# Slots are this much further apart than the rate asks. It pays for the slots that are used late.
STRETCH = 1.015
# How late a slot may be used while other processes use the same sender. Less than the stretch.
LATE_SHARED = 0.012
# How late a slot may be used by a process that has the sender to itself. A process that joins waits this long.
LATE_ALONE = 0.25
# Slots are given out no further ahead than this, so that a hold or a new rate acts at once.
AHEAD = 0.25
# A sliding second, and what the way to the provider may take away from it.
WINDOW = 1.015
SLICE_SECONDS = 0.25
# Up to this rate one process at a time sends for a sender. Above, as many as there are, each within its own window.
ALONE_UP_TO = 20_000
LARGEST_SLICE = 500
MOST_SLICES = 8


def interval(rate: int) -> float:
    """Seconds from one slot to the next."""
    return STRETCH / rate


def slice_size(rate: int, parts_a_message: float) -> int:
    """How many recipients a slice has: a quarter of a second of work, at least 1, at most 500."""
    return max(1, min(LARGEST_SLICE, int(rate * SLICE_SECONDS / max(1.0, parts_a_message))))


def slice_count(rate: int) -> int:
    """How many slices are leased at once, so that a fast sender is not bound by the way to the database and back."""
    return max(1, min(MOST_SLICES, int(rate * SLICE_SECONDS / LARGEST_SLICE)))


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
    closes = asked_at + offset + (LATE_SHARED if shared and rate <= ALONE_UP_TO else LATE_ALONE)
    return Slots(count, opens, closes, interval(rate))


class Sent:
    """Parts that leave together, and when. `counted` while they are within the window."""

    __slots__ = ("at", "counted", "parts")

    def __init__(self, parts: int, at: float) -> None:
        self.parts, self.at, self.counted = parts, at, True


class Window:
    """What this process sent for a sender within the last second; never more than the rate in any sliding one."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._sent: deque[Sent] = deque()
        self._total = 0

    def room(self, now: float) -> int:
        """How many parts may leave now."""
        self._forget(now)
        return self.rate - self._total

    def earliest(self, parts: int, now: float) -> float:
        """When there is room for so many parts, at most the rate: `now`, or when enough of them are a second old."""
        excess, at = parts - self.room(now), now
        for sent in self._sent:
            if excess <= 0:
                break
            at = sent.at + WINDOW
            excess -= sent.parts
        return at

    def add(self, parts: int, at: float) -> Sent:
        """Count parts for which there is room. What is to leave earlier than what is counted counts with that."""
        sent = Sent(parts, max(at, self._sent[-1].at) if self._sent else at)
        self._sent.append(sent)
        self._total += parts
        return sent

    def leave(self, sent: Sent, now: float) -> Sent | None:
        """What was counted leaves only now, and counts from now on; None: it may not.

        It has its room as long as it is in the window. What fell out of it while it waited needs room anew.
        """
        if not sent.counted and sent.parts > self.room(now):
            return None
        parts = sent.parts
        if sent.counted:
            sent.parts = 0
            self._total -= parts
        return self.add(parts, now)

    def _forget(self, now: float) -> None:
        sent = self._sent
        while sent and sent[0].at <= now - WINDOW:
            gone = sent.popleft()
            gone.counted = False
            self._total -= gone.parts


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
