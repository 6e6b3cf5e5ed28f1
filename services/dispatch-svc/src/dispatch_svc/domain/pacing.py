"""The pace of a sender ID: permits are slots in time, and a message leaves in its slots or not at all.

Slots are given out by one clock (Redis) for all replicas, one after the other. While several processes use them they
are a little further apart than the pace asks, which pays for those that are used late; one that was missed is lost, so
what is late never bunches with what is on time. A process that has the sender to itself may be later and take slots
closer together, because its own window of the last second is exact: what left counts for a second from when this
process had surely given it to the network, and a little for the way.
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
# How much longer than a second the second of a process that is alone is for its slots, so that its window, which is
# longer still, is what binds after a pause, not they.
SECOND_ALONE = 1.006
# Slots are given out no further ahead than this, so that a hold or a new rate acts at once.
AHEAD = 0.25
# What is asked for at once: a slice, whose messages may be longer than was thought, or one long message.
LONGEST_SLICE_SECONDS, LONGEST_MESSAGE = 1.0, 10
# A sliding second, a little for clocks that are read one after the other, and for what one part may take longer than
# another on its way to the provider.
WINDOW = 1.015
SLICE_SECONDS = 0.25
# Up to this rate one process at a time sends for a sender. Above, as many as there are, each within its own window.
ALONE_UP_TO = 20_000
LARGEST_SLICE = 3000
# One is handed over while the next is marked.
LEAST_TURNS = 2


def interval(rate: int, second: float) -> float:
    """Seconds from one slot to the next: `second` is STRETCH_SHARED or SECOND_ALONE."""
    return second / rate


def longest_grant(rate: int) -> float:
    """How many seconds the slots that are given out at once may last."""
    return LONGEST_SLICE_SECONDS + LONGEST_MESSAGE / rate


def slice_size(rate: int, parts_a_message: float) -> int:
    """How many recipients a slice has: a quarter of a second of work, at least 1, at most 3,000."""
    return max(1, min(LARGEST_SLICE, int(rate * SLICE_SECONDS / max(1.0, parts_a_message))))


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

    leaving: they were written, and wait until this process gives them to the network. A busy one does so late.
    """

    __slots__ = ("at", "counted", "leaving", "parts")

    def __init__(self, parts: int, at: float) -> None:
        self.parts, self.at, self.counted, self.leaving = parts, at, True, False


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
            at = max(at, (now if sent.leaving else sent.at) + WINDOW)
            excess -= sent.parts
        return at

    def add(self, parts: int, at: float) -> Sent:
        """Count parts for which there is room. What is to leave earlier than what is counted counts with that."""
        sent = Sent(parts, max(at, self._sent[-1].at) if self._sent else at)
        self._sent.append(sent)
        self._total += parts
        return sent

    def leave(self, sent: Sent, now: float) -> Sent | None:
        """What was counted is written only now, and counts until a second after it has `left`; None: it may not.

        It has its room as long as it is in the window. What fell out of it while it waited needs room anew.
        """
        if not sent.counted and sent.parts > self.room(now):
            return None
        parts = sent.parts
        if sent.counted:
            sent.parts = 0
            self._total -= parts
        leaving = self.add(parts, now)
        leaving.leaving = True
        return leaving

    def left(self, sent: Sent, now: float) -> None:
        """The network has what was written."""
        sent.at, sent.leaving = max(sent.at, now), False

    def _forget(self, now: float) -> None:
        sent = self._sent
        while sent and (not sent[0].parts or (not sent[0].leaving and sent[0].at + WINDOW <= now)):
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
