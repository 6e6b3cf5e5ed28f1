"""The write after the hand-over: outcomes, references for receipts, what goes back, the events. One transaction."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import stamina

from dispatch_svc import metrics
from dispatch_svc.domain.cost import ZERO
from dispatch_svc.domain.rendering import Piece
from dispatch_svc.domain.slices import Fate, Slice, exhausted, outcome_events, returns
from dispatch_svc.store import campaigns, messages, slices
from volley_chassis import outbox
from volley_chassis.database import Pool
from volley_chassis.outages import attempts
from volley_contracts import now

SOURCE = "dispatch-svc"


def patiently() -> AsyncIterator[stamina.Attempt]:
    """Attempts until the database is back."""
    return attempts(2.0)


async def settle_slice(
    pool: Pool,
    piece: Piece,
    leased: Slice,
    fates: Sequence[Fate],
    *,
    currency: str,
    state: Literal["leased", "sending"] | None = None,
) -> bool:
    """False: the slice is settled, or not in `state` any more; nothing was stored. Waits out a lost database."""
    at = now()
    final = [exhausted(fate, leased, at) for fate in fates]
    with metrics.SETTLE_SECONDS.time():
        async for attempt in patiently():
            with attempt:
                settled = await _settle(pool, piece, leased, final, currency, state)
    if settled:
        _count(final)
    return settled


async def _settle(
    pool: Pool,
    piece: Piece,
    leased: Slice,
    fates: Sequence[Fate],
    currency: str,
    state: Literal["leased", "sending"] | None,
) -> bool:
    at = now()
    async with pool.acquire() as connection, connection.transaction():
        settled = await slices.settle(connection, leased, fates, state)
        if settled is None:
            return False
        await messages.add_parts(connection, piece, fates)
        await messages.add_unknown(connection, piece, currency, fates)
        await slices.put_back(connection, leased, returns(fates, leased, at))
        for event_id, event in outcome_events(piece, leased.slice_no, fates, currency=currency, at=at).items():
            await outbox.put(connection, event, source=SOURCE, id=event_id)
        if settled.counted:  # last: other slices of the campaign wait for its row
            spent = sum((fate.spent for fate in fates), ZERO)
            await campaigns.spend(connection, leased.campaign_id, reserved=settled.reserved, spent=spent)
    return True


def _count(fates: Sequence[Fate]) -> None:
    for outcome, count in Counter(fate.outcome for fate in fates if fate.outcome).items():
        metrics.MESSAGES.labels(outcome).inc(count)
    for refused, count in Counter(fate.refused_now for fate in fates if fate.outcome is None).items():
        metrics.RETURNED.labels("refused_now" if refused else "not_sent").inc(count)
    metrics.PARTS.inc(sum(fate.billed_parts for fate in fates))
