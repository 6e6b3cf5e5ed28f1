"""Which forecasts are to be made anew: something that they rest on was changed after the campaign was prepared."""

from datetime import datetime
from uuid import UUID

from campaign_svc.domain.forecast import Forecast
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "forecasts.sql")


async def mark(
    connection: Connection,
    account_id: UUID,
    at: datetime,
    *,
    campaign_id: UUID | None = None,
    sender_id: UUID | None = None,
    pool_id: UUID | None = None,
) -> None:
    """The campaign's, or those of all that use the sender or the pool."""
    await connection.execute(SQL["mark"], account_id, campaign_id, sender_id, pool_id, at)


async def claim(connection: Connection, at: datetime, until: datetime) -> tuple[UUID, UUID] | None:
    """A campaign whose forecast is stale (its account, its id), for this worker alone `until` then."""
    row = await connection.fetchrow(SQL["claim"], at, until)
    return (row["account_id"], row["campaign_id"]) if row else None


async def save(connection: Connection, campaign_id: UUID, made: Forecast) -> None:
    await connection.execute(SQL["save"], campaign_id, made, made.typical_parts)


async def done(connection: Connection, campaign_id: UUID, until: datetime) -> None:
    await connection.execute(SQL["done"], campaign_id, until)
