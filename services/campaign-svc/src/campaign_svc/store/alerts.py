"""Alerts: what a person should look at. A cause has at most one that is open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, queries
from volley_contracts import new_id

SQL = queries("campaign_svc.store", "alerts.sql")


class Alert(msgspec.Struct, frozen=True):
    """Open until `resolved_at`; acknowledged when a person has said that they look at it."""

    id: UUID
    code: str
    sentence: str
    campaign_id: UUID | None
    pool_id: UUID | None
    domain_id: UUID | None
    raised_at: datetime
    resolved_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None


async def raise_for_pool(
    connection: Connection,
    account_id: UUID,
    *,
    pool_id: UUID,
    code: str,
    sentence: str,
    campaign_id: UUID | None,
    at: datetime,
) -> UUID | None:
    """The id of the new alert, None if one is open for the pool already."""
    found: UUID | None = await connection.fetchval(
        SQL["raise_for_pool"], new_id(), account_id, code, sentence, campaign_id, pool_id, at
    )
    return found


async def raise_for_campaign(
    connection: Connection, account_id: UUID, *, campaign_id: UUID, code: str, sentence: str, at: datetime
) -> UUID | None:
    """The id of the new alert, None if one is open for that code already."""
    found: UUID | None = await connection.fetchval(
        SQL["raise_for_campaign"], new_id(), account_id, code, sentence, campaign_id, at
    )
    return found


async def raise_for_domain(
    connection: Connection, account_id: UUID, *, domain_id: UUID, code: str, sentence: str, at: datetime
) -> UUID | None:
    """The id of the new alert, None if one is open for the domain already."""
    found: UUID | None = await connection.fetchval(
        SQL["raise_for_domain"], new_id(), account_id, code, sentence, domain_id, at
    )
    return found


async def resolve_domain(connection: Connection, account_id: UUID, domain_id: UUID, at: datetime) -> list[UUID]:
    """The ids of the alerts that are over."""
    return [row["id"] for row in await connection.fetch(SQL["resolve_domain"], account_id, domain_id, at)]


async def resolve_pools(connection: Connection, account_id: UUID, pool_ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """The ids of the alerts that are over."""
    return [row["id"] for row in await connection.fetch(SQL["resolve_pools"], account_id, pool_ids, at)]


async def resolve_campaign(connection: Connection, campaign_id: UUID, at: datetime) -> list[UUID]:
    """The ids of the alerts that are over."""
    return [row["id"] for row in await connection.fetch(SQL["resolve_campaign"], campaign_id, at)]


async def open_for_pools(connection: Connection, account_id: UUID, pool_ids: Sequence[UUID]) -> list[Alert]:
    return [Alert(*row) for row in await connection.fetch(SQL["open_for_pools"], account_id, pool_ids)]


async def page(
    connection: Connection,
    account_id: UUID,
    *,
    after: UUID | None,
    is_open: bool | None,
    acknowledged: bool | None,
    campaign_id: UUID | None,
    limit: int,
) -> list[Alert]:
    """Newest first. What is None asks for nothing."""
    rows = await connection.fetch(SQL["page"], account_id, after, is_open, limit, acknowledged, campaign_id)
    return [Alert(*row) for row in rows]


async def find(connection: Connection, account_id: UUID, alert_id: UUID) -> Alert | None:
    row = await connection.fetchrow(SQL["find"], account_id, alert_id)
    return Alert(*row) if row else None


async def acknowledge(
    connection: Connection, account_id: UUID, alert_id: UUID, *, at: datetime, actor: str
) -> Alert | None:
    row = await connection.fetchrow(SQL["acknowledge"], account_id, alert_id, at, actor)
    return Alert(*row) if row else None
