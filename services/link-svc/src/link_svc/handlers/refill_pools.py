"""Serves the queues of exhausted pools whose domains have capacity again.

One process refills at a time (see `link_svc.loops`); new batches keep queueing behind what waits until a queue is
empty or only waits for another pool. Each place in the queue is a transaction of its own, so that a crash loses
nothing: its linked batches leave through the outbox.
"""

from datetime import datetime, timedelta
from uuid import UUID

from link_svc.domain.linking import event_id, linked, rest
from link_svc.domain.slugs import Keys
from link_svc.handlers.allot_batch import SOURCE, allot_batch, capacity, exhaust, lock_pools, reopen
from link_svc.store import pools, ranges, waiting
from link_svc.store.pools import LockedPool
from link_svc.store.waiting import Waiting
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.faults import fault_point
from volley_contracts import CampaignBatch


async def refill_pools(pool: Pool, keys: Keys, *, at: datetime, keep: timedelta) -> None:
    """Serve every queue as far as capacity lasts."""
    async with pool.acquire() as connection:
        refillable = await pools.refillable(connection)
    for pool_id, account_id in refillable:
        await _refill(pool, account_id, pool_id, keys, at=at, keep=keep)


async def _refill(pool: Pool, account_id: UUID, pool_id: UUID, keys: Keys, *, at: datetime, keep: timedelta) -> None:
    after = 0
    async with pool.acquire() as connection:
        while place := await waiting.next_for(connection, pool_id, after):
            async with connection.transaction():
                lacking = await _serve(connection, place, keys, at=at, keep=keep)
            fault_point("link.place_served")
            if any(pool.id == pool_id for pool in lacking):
                return
            after = place.id
        async with connection.transaction():
            (locked,) = await lock_pools(connection, account_id, [pool_id])
            if locked.exhausted and await capacity(connection, pool_id):
                await reopen(connection, account_id, locked, at)


async def _serve(
    connection: Connection, place: Waiting, keys: Keys, *, at: datetime, keep: timedelta
) -> list[LockedPool]:
    """Allot what waits there, as far as possible; gives the pools that lack capacity for the rest."""
    locked = await lock_pools(connection, place.account_id, place.pool_ids)
    batch = await waiting.lock(connection, place.id)
    if batch is None:
        return []
    if await waiting.ended(connection, batch.campaign_id):
        await waiting.remove(connection, place.id)
        return []
    count, lacking = await allot_batch(connection, batch, locked, keys, at=at, keep=keep)
    await _release(connection, batch, count, keys)
    if lacking:
        await waiting.shrink(connection, place.id, rest(batch, count))
    else:
        await waiting.remove(connection, place.id)
    await _mark(connection, place, count, locked, lacking, at=at)
    return lacking


async def _release(connection: Connection, batch: CampaignBatch, count: int, keys: Keys) -> None:
    for piece in await ranges.recorded(connection, batch.campaign_id, batch.first_seq, count):
        event = linked(batch, piece, keys.of)
        await outbox.put(connection, event, source=SOURCE, id=event_id(batch.campaign_id, piece.first_seq))


async def _mark(
    connection: Connection,
    place: Waiting,
    count: int,
    locked: list[LockedPool],
    lacking: list[LockedPool],
    *,
    at: datetime,
) -> None:
    """Reopen what nothing waits for any more. A pool that `count` messages have used up is announced again: a campaign
    that was resumed on them would wait unannounced.
    """
    for pool in locked:
        if pool in lacking:
            used_up = count > 0 or not pool.exhausted
        elif pool.exhausted and await waiting.anything_for(connection, pool.id):
            used_up = count > 0 and not await capacity(connection, pool.id)
        else:
            used_up = False
            if pool.exhausted:
                await reopen(connection, place.account_id, pool, at)
        if used_up:
            await exhaust(connection, place.account_id, pool, at)
