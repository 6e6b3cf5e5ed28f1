"""Decides once which domains serve a batch, or that it waits; a redelivery gets the recorded decision again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from link_svc.domain.linking import LinkedPiece, rest, whole
from link_svc.domain.slugs import Keys
from link_svc.handlers.allot_batch import allot_batch, lock_pools, queue
from link_svc.store import ranges, waiting
from volley_chassis.database import Connection, Pool
from volley_contracts import CampaignBatch


async def take_batch(
    pool: Pool, batch: CampaignBatch, keys: Keys, *, at: datetime, keep: timedelta
) -> list[LinkedPiece]:
    """The pieces of the batch that have their domains, to be published. Their links live for `keep`.

    What waits is not among them: it leaves through the outbox when its pool has capacity.
    """
    pool_ids = [pool_id for pool_id in (batch.short_pool_id, batch.optout_pool_id) if pool_id is not None]
    if not pool_ids:
        return [whole(batch)]
    async with pool.acquire() as connection, connection.transaction():
        named = (batch.campaign_id, batch.first_seq, batch.content.version)
        if await ranges.first_time(connection, *named):
            await _decide(connection, batch, pool_ids, keys, at=at, keep=keep)
        elif await ranges.revised(connection, *named):
            await _revise_waiting(connection, batch)
        return await ranges.recorded(connection, batch.campaign_id, batch.first_seq, len(batch.recipients.numbers))


async def _revise_waiting(connection: Connection, batch: CampaignBatch) -> None:
    """What waits of the batch goes on waiting, with the later texts. Locked first, so that none of it leaves with the
    earlier ones once this commits.
    """
    for place, waits in await waiting.of_batch(connection, batch.campaign_id, batch.batch_no):
        later = rest(batch, waits.first_seq - batch.first_seq)
        await waiting.shrink(connection, place, later)


async def _decide(
    connection: Connection, batch: CampaignBatch, pool_ids: Sequence[UUID], keys: Keys, *, at: datetime, keep: timedelta
) -> None:
    if await waiting.ended(connection, batch.campaign_id):
        return
    locked = await lock_pools(connection, batch.account_id, pool_ids)
    exhausted = [pool for pool in locked if pool.exhausted]
    if exhausted:  # nothing overtakes what waits
        await queue(connection, batch, exhausted, at)
        return
    count, lacking = await allot_batch(connection, batch, locked, keys, at=at, keep=keep)
    if lacking:
        await queue(connection, rest(batch, count), lacking, at)
