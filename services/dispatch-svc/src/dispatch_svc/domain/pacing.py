"""The pace of a sender ID: permits are slots in time, and a message leaves in its slots or not at all.

Slots are given out by one clock (Redis) for all replicas, one after the other. While several processes use them they
are a little further apart than the pace asks, which pays for those that are used late; one that was missed is lost, so
what is late never bunches with what is on time. A process that has the sender to itself may be later and take slots
closer together, because its own window of the last second is exact: what left counts for a second from when the
provider had it, which its answer tells.
Times are seconds of `time.monotonic()` of this process; a rate is in parts a second.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

# How late a slot may be used while other processes use the same sender, and how much further apart slots are then.
LATE_SHARED = 0.012
STRETCH_SHARED = 1.015
# How late a slot may be used by a process that has the sender to itself. A process that joins waits this long.
LATE_ALONE = 0.25
# How much longer than its own second a process that is alone makes the second of its slots, to catch up after a pause.
SPARE = 0.004
# Slots are given out no further ahead than this, so that a hold or a new rate acts at once.
AHEAD = 0.25
# What is asked for at once: a slice, whose messages may be longer than was thought, or one long message.
LONGEST_SLICE_SECONDS, LONGEST_MESSAGE = 1.0, 10
# A sliding second, and a little for clocks that are read one after the other.
WINDOW = 1.002
# The way to a provider may take this much longer than at its shortest. If it takes longer still, a second at the
# provider can be fuller than one here. It bounds what a provider that answers unevenly costs.
LONGEST_WAY = 0.013
# The shortest way is forgotten by so much a second: a provider may move.
_FORGET = 0.0001
_SMOOTH = 0.05
SLICE_SECONDS = 0.25
# Up to this rate one process at a time sends for a sender. Above, as many as there are, each within its own window.
ALONE_UP_TO = 20_000
LARGEST_SLICE = 1000
MOST_SLICES = 8
# One is handed over while the next is marked.
LEAST_TURNS = 2


def interval(rate: int, second: float) -> float:
    """Seconds from one slot to the next: `second` is STRETCH_SHARED, or what a process alone has (`Window.second`)."""
    return second / rate


def longest_grant(rate: int) -> float:
    """How many seconds the slots that are given out at once may last."""
    return LONGEST_SLICE_SECONDS + LONGEST_MESSAGE / rate


def slice_size(rate: int, parts_a_message: float) -> int:
    """How many recipients a slice has: a quarter of a second of work, at least 1, at most 1,000."""
    return max(1, min(LARGEST_SLICE, int(rate * SLICE_SECONDS / max(1.0, parts_a_message))))


def slice_count(rate: int) -> int:
    """How many slices are leased at once, so that a fast sender is not bound by the way to the database and back."""
    return max(1, min(MOST_SLICES, int(rate * SLICE_SECONDS / LARGEST_SLICE)))


def fitting(counts: Sequence[int], rate: int) -> int:
    """How many messages of so many parts each are handed over in the slots of one grant: at least one."""
    total = 0
    for number, count in enumerate(counts):
        total += count
        if number and total > rate * LONGEST_SLICE_SECONDS:
            return number
    return len(counts)


class Slots(msgspec.Struct, frozen=True):
    """`count` consecutive slots, `step` seconds apart. The first may be used from `opens` until `closes`."""

    count: int
    opens: float
    closes: float
    step: float


def slots(*, count: int, asked_at: float, answered_at: float, offset: float, step: float, shared: bool) -> Slots:
    """Slots in this process's time. `offset`: seconds from the moment in which Redis decided to the first slot.

    That moment lies between the question and the answer, so a slot is taken to open by the one and close by the other.
    A process that is alone need not mind being early: its own window is exact.
    """
    opens = (answered_at if shared else asked_at) + offset
    return Slots(count, opens, asked_at + offset + (LATE_SHARED if shared else LATE_ALONE), step)


class Sent:
    """Parts that leave together, and when. `counted` while they are within the window.

    took: seconds from leaving to the answer; without end as long as there is none.
    """

    __slots__ = ("at", "counted", "parts", "took")

    def __init__(self, parts: int, at: float) -> None:
        self.parts, self.at, self.counted, self.took = parts, at, True, float("inf")


class Window:
    """What this process sent for a sender within the last second; never more than the rate in any sliding one.

    It is the second at the provider that counts. A part arrives somewhere between its leaving and its answer, and the
    time that this took beyond the shortest of late is how much later than others it may have come.
    """

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self._sent: deque[Sent] = deque()
        self._total = 0
        self._shortest, self._heard_at = 0.0, 0.0
        self._late = 0.0

    @property
    def second(self) -> float:
        """How long a second of this process's slots is, so that it has some to spare."""
        return WINDOW + self._late + SPARE

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
            at = max(at, self._until(sent))
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

    def answered(self, sent: Sent, now: float) -> None:
        """The provider has what left, and had it at the latest now."""
        sent.took = now - sent.at
        known = self._heard_at > 0
        self._shortest = min(sent.took, self._shortest + _FORGET * (now - self._heard_at)) if known else sent.took
        self._heard_at = now
        self._late += _SMOOTH * (min(sent.took - self._shortest, LONGEST_WAY) - self._late)

    def _until(self, sent: Sent) -> float:
        """When it counts no more."""
        return sent.at + WINDOW + min(sent.took - self._shortest, LONGEST_WAY)

    def _forget(self, now: float) -> None:
        sent = self._sent
        while sent and (not sent[0].parts or self._until(sent[0]) <= now):
            gone = sent.popleft()
            gone.counted = False
            self._total -= gone.parts


class Turns:
    """How many slices of a sender are handed over at once: LEAST_TURNS at first, one more for each that missed no
    slots, up to `most`; half as many when one missed some, since its provider takes less than the pace allows.
    """

    def __init__(self, most: int) -> None:
        self._most, self._least = most, min(LEAST_TURNS, most)
        self._limit, self._taken = self._least, 0

    def take(self) -> bool:
        """Take a turn, if there is one."""
        if self._taken >= self._limit:
            return False
        self._taken += 1
        return True

    def give_back(self) -> None:
        self._taken -= 1

    def learn(self, *, missed: bool) -> None:
        """What became of a slice."""
        self._limit = max(self._limit // 2, self._least) if missed else min(self._limit + 1, self._most)


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
