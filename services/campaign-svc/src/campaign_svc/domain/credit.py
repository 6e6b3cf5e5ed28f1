"""How many batches of a campaign may be on their way: enough to keep its sender busy, few enough that a pause or
an edit acts at once.
"""

import math
from datetime import datetime, timedelta

import msgspec

WINDOW_S = 3.0
MIN_BATCH, MAX_BATCH = 10, 1000
MIN_BATCHES, MAX_BATCHES = 2, 30


class Batch(msgspec.Struct, frozen=True):
    """Recipients `first_seq` .. `first_seq + count - 1`."""

    batch_no: int
    first_seq: int
    count: int


class Grant(msgspec.Struct, frozen=True):
    """The batches to make now, and when the next may be made if a throughput cap says so."""

    batches: list[Batch]
    feed_after: datetime | None = None


def batch_size(parts_per_second: int) -> int:
    """About a second of the sender's pace."""
    return min(max(parts_per_second, MIN_BATCH), MAX_BATCH)


def window(parts_per_second: int) -> int:
    """Batches that may be outstanding at once: about three seconds of the sender's pace."""
    batches = math.ceil(WINDOW_S * parts_per_second / batch_size(parts_per_second))
    return min(max(batches, MIN_BATCHES), MAX_BATCHES)


def grant(
    *,
    recipients: int,
    next_seq: int,
    next_batch_no: int,
    outstanding: int,
    parts_per_second: int,
    cap: int | None = None,
    typical_parts: float = 1.0,
    feed_after: datetime | None = None,
    at: datetime,
) -> Grant:
    """`outstanding` counts batches without all outcomes; `cap` is the campaign's own limit in parts per second.

    Under a cap batches are also spread over time, since the sender itself may be faster.
    """
    if cap and feed_after and at < feed_after:
        return Grant([], feed_after)
    pace = min(parts_per_second, cap or parts_per_second)
    size = batch_size(pace)
    room = max(window(pace) - outstanding, 0)
    capped = cap is not None and cap < parts_per_second
    batches = [
        Batch(next_batch_no + index, first, min(size, recipients - first))
        for index, first in enumerate(range(next_seq, recipients, size)[: 1 if capped and room else room])
    ]
    if not (capped and batches):
        return Grant(batches)
    seconds = sum(batch.count for batch in batches) * typical_parts / pace
    return Grant(batches, at + timedelta(seconds=seconds))
