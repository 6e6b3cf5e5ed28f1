"""What an aborted or deleted campaign did not send is settled as cancelled, a piece a transaction."""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc import metrics
from dispatch_svc.domain.rendering import Piece
from dispatch_svc.domain.slices import Fate, outcome_events
from dispatch_svc.handlers.send_slice import NO_CURRENCY
from dispatch_svc.handlers.settle_slice import SOURCE
from dispatch_svc.store import pieces, rate_cards, slices
from volley_chassis import outbox
from volley_chassis.database import Pool
from volley_contracts import now

log = structlog.get_logger()
_SWEEP_SECONDS = 1.0
_AT_ONCE = 50


async def cancel_unsent(pool: Pool) -> None:
    """Until cancelled. Slices on their way come back into the queue when they cannot leave, and are found there."""
    while True:
        try:
            while await cancel_some(pool):
                pass
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("cancelling will try again", error=repr(error))
        await asyncio.sleep(_SWEEP_SECONDS)


async def cancel_some(pool: Pool) -> int:
    """Settle some pieces; how many were found."""
    async with pool.acquire() as connection:
        found = await pieces.unsendable(connection, _AT_ONCE)
    for campaign_id, first_seq in found:
        await _cancel(pool, campaign_id, first_seq)
    return len(found)


async def _cancel(pool: Pool, campaign_id: UUID, first_seq: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        rest = await pieces.take_rest(connection, campaign_id, first_seq)
        if rest is None:
            return
        slice_no = await slices.insert_done(
            connection,
            campaign_id=campaign_id,
            first_seq=first_seq,
            sender_id=rest.sender_id,
            pace=rest.pace,
            offsets=rest.offsets,
            outcome="cancelled",
        )
        card = await rate_cards.find(connection, rest.batch.account_id)
        fates = [Fate(offset, "cancelled") for offset in rest.offsets]
        currency = card.currency if card else NO_CURRENCY
        events = outcome_events(Piece(rest.batch, None), slice_no, fates, currency=currency, at=now())
        for event_id, event in events.items():
            await outbox.put(connection, event, source=SOURCE, id=event_id)
    metrics.MESSAGES.labels("cancelled").inc(len(fates))
