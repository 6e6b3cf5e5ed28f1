"""Gives a batch its domains, as far as they last, and puts the rest in the queue: the steps that taking a new batch
and refilling a pool share. The caller's transaction holds the locks of the batch's pools.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from link_svc.domain.allotment import Allotment, Piece, allot
from link_svc.domain.domains import pool_remaining
from link_svc.domain.slugs import Keys
from link_svc.domain.targets import is_personal, targets_of, values_for
from link_svc.store import domains, pools, ranges, waiting
from link_svc.store.pools import LockedPool
from volley_chassis import outbox
from volley_chassis.database import Connection
from volley_contracts import CampaignBatch, PoolExhausted, PoolRefilled

SOURCE = "link-svc"


class UnknownPoolError(Exception):
    """A batch names a pool that its account does not have."""


async def lock_pools(connection: Connection, account_id: UUID, pool_ids: Sequence[UUID]) -> list[LockedPool]:
    """All of the pools, locked."""
    locked = await pools.lock(connection, account_id, pool_ids)
    if len(locked) != len(set(pool_ids)):
        raise UnknownPoolError(f"account {account_id} lacks one of the pools {pool_ids}")
    return locked


async def allot_batch(
    connection: Connection,
    batch: CampaignBatch,
    locked: Sequence[LockedPool],
    keys: Keys,
    *,
    at: datetime,
    keep: timedelta,
) -> tuple[int, list[LockedPool]]:
    """Count capacity and record ranges for as many recipients as possible, from the first on.

    Gives how many, and the pools that lack capacity for the rest.
    """
    supplies = await pools.lock_supplies(connection, locked)
    short, optout = (
        None if pool_id is None else supplies[pool_id] for pool_id in (batch.short_pool_id, batch.optout_pool_id)
    )
    allotment = allot(len(batch.recipients.numbers), short=short, optout=optout)
    for piece in allotment.pieces:
        await _record(connection, batch, piece, keys, at=at, keep=keep)
    await _remember_turns(connection, batch, allotment)
    sides = {"short": batch.short_pool_id, "optout": batch.optout_pool_id}
    lacking = {sides[kind] for kind in allotment.lacking}
    return allotment.count, [pool for pool in locked if pool.id in lacking]


async def _record(
    connection: Connection, batch: CampaignBatch, piece: Piece, keys: Keys, *, at: datetime, keep: timedelta
) -> None:
    theirs = slice(piece.offset, piece.offset + piece.count)
    variants = ranges.compact(batch.recipients.variants[theirs])
    countries = ranges.joined(batch.recipients.countries[theirs])
    for kind, supply in (("short", piece.short), ("optout", piece.optout)):
        if supply is None:
            continue
        links = batch.content.links if kind == "short" else ()
        new = ranges.Range(
            start=await _take(connection, supply.domain_id, keys, piece.count, piece.count * (1 + len(links))),
            key_id=keys.issuing,
            count=piece.count,
            account_id=batch.account_id,
            campaign_id=batch.campaign_id,
            first_seq=batch.first_seq + piece.offset,
            kind="short" if kind == "short" else "optout",
            target_url=batch.content.target_url if kind == "short" else None,
            variants=variants,
            expires_at=at + _life(batch, keep) if kind == "short" else None,  # who kept a message can always opt out
            links=links,
            countries=countries,
            languages=ranges.each_or_one(batch.recipients.languages[theirs]) if kind == "optout" else None,
        )
        await ranges.add(connection, supply.domain_id, new, at)
        targets = targets_of(batch.content)
        if kind == "short" and any(map(is_personal, targets)):
            values = values_for(targets, batch.recipients, piece.offset, piece.count)
            await ranges.add_values(connection, supply.domain_id, new, values, at)


async def _take(connection: Connection, domain_id: UUID, keys: Keys, messages: int, indexes: int) -> int:
    """Indexes whose slugs no other key has issued: a slug must lead to one place alone."""
    start = await domains.take(connection, domain_id, messages, indexes)
    while not keys.are_free(domain_id, start, indexes):
        start = await domains.take(connection, domain_id, 0, indexes)
    return start


def _life(batch: CampaignBatch, keep: timedelta) -> timedelta:
    """How long its short URLs work: as its campaign says, and never longer than links are kept."""
    days = batch.links_expire_after
    return keep if days is None else min(keep, timedelta(days=days))


async def _remember_turns(connection: Connection, batch: CampaignBatch, allotment: Allotment) -> None:
    if not allotment.pieces:
        return
    last = allotment.pieces[-1]
    for pool_id, supply in ((batch.short_pool_id, last.short), (batch.optout_pool_id, last.optout)):
        if pool_id is not None and supply is not None:
            await pools.served(connection, pool_id, supply.position)


async def queue(connection: Connection, batch: CampaignBatch, lacking: Sequence[LockedPool], at: datetime) -> None:
    """Let the batch wait for the pools, and say so where the pool or the campaign did not wait before."""
    news = [
        pool
        for pool in lacking
        if not pool.exhausted or batch.campaign_id not in await waiting.campaigns(connection, pool.id)
    ]
    await waiting.add(connection, batch)
    for pool in news:
        await exhaust(connection, batch.account_id, pool, at)


async def exhaust(connection: Connection, account_id: UUID, pool: LockedPool, at: datetime) -> None:
    """Mark the pool exhausted and announce it with the campaigns that wait for it."""
    await pools.mark(connection, pool.id, exhausted=True)
    event = PoolExhausted(
        account_id=account_id,
        pool_id=pool.id,
        pool_name=pool.name,
        purpose=pool.purpose,
        waiting_campaigns=await waiting.campaigns(connection, pool.id),
        campaign_id=pool.campaign_id,
        at=at,
    )
    await outbox.put(connection, event, source=SOURCE)


async def reopen(connection: Connection, account_id: UUID, pool: LockedPool, at: datetime) -> None:
    """Mark the pool as no longer exhausted and announce what it has left."""
    await pools.mark(connection, pool.id, exhausted=False)
    event = PoolRefilled(
        account_id=account_id,
        pool_id=pool.id,
        pool_name=pool.name,
        remaining=await capacity(connection, pool.id),
        at=at,
    )
    await outbox.put(connection, event, source=SOURCE)


async def capacity(connection: Connection, pool_id: UUID) -> int:
    """Messages that the pool may still serve."""
    members = await pools.members(connection, [pool_id])
    return pool_remaining(domain.remaining for domain in members[pool_id])
