"""Suppresses all numbers of a CSV file while it streams in, a slice a transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_rows import Reject
from campaign_svc.domain.number_list import NumberList
from campaign_svc.handlers.suppress_number import suppress_numbers
from volley_chassis import outbox
from volley_chassis.database import Pool

MOST_REJECTS = 1000
MOST_WAITING = 5000
"""Changes of a list that may wait in the outbox: the moves of campaigns wait behind them."""


class ListSuppressed(NamedTuple):
    """`known` numbers were suppressed already, or stand in the file before. `rejects`: the first of the `rejected`."""

    added: int
    known: int
    rejected: int
    rejects: list[Reject]


async def suppress_list(
    pool: Pool, account_id: UUID, body: AsyncIterator[bytes], country: str | None, *, at: datetime
) -> ListSuppressed:
    """Raises IllegalFieldError; rows before the illegal one are taken then, which the error says."""
    numbers = NumberList(country)
    done = ListSuppressed(0, 0, 0, [])
    try:
        async for chunk in body:
            numbers.feed(chunk)
            done = await _take(pool, account_id, numbers, done, at)
        numbers.finish()
        return await _take(pool, account_id, numbers, done, at)
    except IllegalFieldError as error:
        if not done.added + done.known:
            raise
        fix = f"{error.fix}; {done.added + done.known} numbers above it are suppressed, and may be sent again"
        raise IllegalFieldError(error.field, error.message, fix) from error


async def _take(
    pool: Pool, account_id: UUID, numbers: NumberList, done: ListSuppressed, at: datetime
) -> ListSuppressed:
    while numbers.has_slice:
        found = await asyncio.to_thread(numbers.take)
        await outbox.leave_room(pool, MOST_WAITING)
        added = await suppress_numbers(pool, account_id, found.numbers, at=at)
        done = ListSuppressed(
            done.added + added,
            done.known + len(found.numbers) - added,
            done.rejected + len(found.rejects),
            [*done.rejects, *found.rejects][:MOST_REJECTS],
        )
    return done
