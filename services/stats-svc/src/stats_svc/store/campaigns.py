"""Which campaigns there are, and which of them have new figures to publish."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from volley_chassis.database import Connection, Pool, queries
from volley_contracts import CampaignEdited, CampaignMoved

_SQL = queries("stats_svc.store", "campaigns.sql")


async def note_change(connection: Connection, campaign_id: UUID, account_id: UUID) -> None:
    await connection.execute(_SQL["note_change"], campaign_id, account_id)


async def apply_move(connection: Connection, event: CampaignMoved) -> None:
    await connection.execute(
        _SQL["apply_move"],
        event.campaign_id,
        event.account_id,
        event.campaign_name,
        event.status_to,
        event.version,
        event.recipients,
        event.tags,
        event.at,
    )


async def apply_edit(connection: Connection, event: CampaignEdited) -> None:
    await connection.execute(
        _SQL["apply_edit"], event.campaign_id, event.account_id, event.campaign_name, event.tags, event.at
    )


async def find(pool: Pool, campaign_id: UUID, account_id: UUID) -> asyncpg.Record | None:
    return await pool.fetchrow(_SQL["find"], campaign_id, account_id)


async def lead(connection: Connection) -> bool:
    """Whether this transaction is the one that publishes."""
    return bool(await connection.fetchval(_SQL["lead"]))


async def take_changes(connection: Connection, others: Sequence[UUID] = ()) -> list[dict[str, Any]]:
    """Campaigns that changed since they were last taken, and the `others`, as `campaigns` has them."""
    return [dict(row) for row in await connection.fetch(_SQL["take_changes"], others)]
