"""Batches that were recorded: what is on its way, and what must still be published."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.credit import Batch
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "batches.sql")


async def add(connection: Connection, campaign: Campaign, batches: Sequence[Batch]) -> None:
    """Record batches with the content and the pools that the campaign has now."""
    await connection.execute(
        SQL["add"],
        campaign.id,
        campaign.content_hash,
        campaign.short_pool_id,
        campaign.optout_pool_id,
        [batch.batch_no for batch in batches],
        [batch.first_seq for batch in batches],
        [batch.count for batch in batches],
    )


async def outstanding(connection: Connection, campaign_id: UUID) -> int:
    """Batches without all of their outcomes."""
    return int(await connection.fetchval(SQL["outstanding"], campaign_id))


async def unpublished(connection: Connection, limit: int) -> list[asyncpg.Record]:
    """Batches with their campaign's account, content and sender, locked until the transaction ends."""
    return await connection.fetch(SQL["unpublished"], limit)


async def any_unpublished(connection: Connection, campaign_id: UUID) -> bool:
    return await connection.fetchval(SQL["any_unpublished"], campaign_id) is True


async def mark_published(connection: Connection, batches: Sequence[tuple[UUID, int]]) -> None:
    """`batches` are (campaign id, batch number)."""
    await connection.execute(SQL["mark_published"], [b[0] for b in batches], [b[1] for b in batches])


async def unsettled(connection: Connection, campaign_id: UUID) -> list[tuple[int, int]]:
    """Batches without all of their outcomes, as (first recipient, how many)."""
    return [(row["first_seq"], row["count"]) for row in await connection.fetch(SQL["unsettled"], campaign_id)]


async def revise(connection: Connection, campaign_id: UUID, content_hash: str) -> None:
    """Have every unsettled batch published again, with other texts."""
    await connection.execute(SQL["revise"], campaign_id, content_hash)


async def of_other_texts(connection: Connection, campaign_id: UUID, content_hash: str | None) -> bool:
    """Whether something was sent with other texts than these."""
    return await connection.fetchval(SQL["of_other_texts"], campaign_id, content_hash) is True


async def settle(connection: Connection, campaign_id: UUID, batch_no: int, recipients: int) -> bool:
    """Count outcomes of a batch; whether it now has all of them."""
    return bool(await connection.fetchval(SQL["settle"], campaign_id, batch_no, recipients))
