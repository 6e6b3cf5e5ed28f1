"""How many batches of a campaign may be on their way: enough to keep its sender busy, few enough that a pause or
an edit acts at once.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from campaign_svc.domain.hours import Group

WINDOW_S = 3.0
MIN_BATCH, MAX_BATCH = 10, 3000
MIN_BATCHES, MAX_BATCHES = 2, 10
LATE = timedelta(seconds=2)


class Batch(msgspec.Struct, frozen=True):
    """Recipients `first_seq` .. `first_seq + count - 1`."""

    batch_no: int
    first_seq: int
    count: int


class Grant(msgspec.Struct, frozen=True):
    """The batches to make now, and when the next may be made if a throughput cap or the hours of people say so.

    `fed_of_groups`: how many of a group (by its number) are fed with these.
    """

    batches: list[Batch]
    feed_after: datetime | None = None
    fed_of_groups: dict[int, int] = {}

    @property
    def recipients(self) -> int:
        return sum(batch.count for batch in self.batches)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign may be fed by: at most `most` recipients more, `cap` is its own limit in parts per second."""

    next_batch_no: int
    most: int
    parts_per_second: int
    cap: int | None = None
    typical_parts: float = 1.0
    feed_after: datetime | None = None


def batch_size(parts_per_second: int, typical_parts: float = 1.0) -> int:
    """About a second of the sender's pace; of longer messages fewer, so that no record outgrows what Kafka takes."""
    return min(max(parts_per_second, MIN_BATCH), int(MAX_BATCH / max(typical_parts, 1.0)))


def window(parts_per_second: int, typical_parts: float = 1.0) -> int:
    """Batches that may be outstanding at once: about three seconds of the sender's pace."""
    batches = math.ceil(WINDOW_S * parts_per_second / batch_size(parts_per_second, typical_parts))
    return min(max(batches, MIN_BATCHES), MAX_BATCHES)


def backlog(cap: int, typical_parts: float) -> float:
    """Parts of a capped campaign that may wait for their turn: so much is made up for once others leave room."""
    return window(cap, typical_parts) * batch_size(cap, typical_parts) * typical_parts + LATE.total_seconds() * cap


def grant(ready: Ready, *, next_seq: int, outstanding: int, at: datetime) -> Grant:
    """`outstanding` counts batches without all outcomes.

    Under a cap batches are also spread over time, since the sender itself may be faster.
    """
    cap = ready.cap
    if cap and ready.feed_after and at < ready.feed_after:
        return Grant([], ready.feed_after)
    pace = min(ready.parts_per_second, cap or ready.parts_per_second)
    size, end = batch_size(pace, ready.typical_parts), next_seq + ready.most
    room = max(window(pace, ready.typical_parts) - outstanding, 0)
    capped = cap is not None and cap < ready.parts_per_second
    batches = [
        Batch(ready.next_batch_no + index, first, min(size, end - first))
        for index, first in enumerate(range(next_seq, end, size)[: 1 if capped and room else room])
    ]
    if not (capped and batches):
        return Grant(batches)
    seconds = sum(batch.count for batch in batches) * ready.typical_parts / pace
    # A look that comes a little late is made up for, so that the cap is also reached.
    since = at if ready.feed_after is None else max(ready.feed_after, at - LATE)
    return Grant(batches, since + timedelta(seconds=seconds))


def grant_groups(ready: Ready, groups: Sequence[Group], *, outstanding: int, at: datetime) -> Grant:
    """As `grant`, of groups whose hours it is: as much of the first as there is, then of the next."""
    batches: list[Batch] = []
    fed: dict[int, int] = {}
    feed_after: datetime | None = None
    for group in groups:
        mine = msgspec.structs.replace(
            ready,
            next_batch_no=ready.next_batch_no + len(batches),
            most=min(group.left, ready.most - sum(batch.count for batch in batches)),
        )
        given = grant(mine, next_seq=group.first_seq + group.fed, outstanding=outstanding + len(batches), at=at)
        batches += given.batches
        feed_after = given.feed_after
        if given.batches:
            fed[group.no] = group.fed + given.recipients
        if feed_after:
            break
    return Grant(batches, feed_after, fed)
