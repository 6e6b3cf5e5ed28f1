"""Lists of campaigns: by filters, and those that wait for a reviewer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from campaign_svc.domain.campaign import Campaign
from campaign_svc.store.campaigns import from_row
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "campaign_lists.sql")
Sort = Literal["-created", "created"]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign must be to be listed; None asks for nothing. `name` is a part of it, in any case."""

    name: str | None = None
    statuses: list[str] | None = None
    tags: list[str] | None = None
    sender_id: UUID | None = None
    type: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


async def page(
    connection: Connection, account_id: UUID, filters: Filters, *, sort: Sort, after: UUID | None, limit: int
) -> list[Campaign]:
    query = SQL["page"] if sort == "-created" else SQL["page_oldest_first"]
    rows = await connection.fetch(query, account_id, *msgspec.structs.astuple(filters), after, limit)
    return [from_row(row) for row in rows]


async def total(connection: Connection, account_id: UUID, filters: Filters) -> int:
    return int(await connection.fetchval(SQL["total"], account_id, *msgspec.structs.astuple(filters)))


async def queue(connection: Connection, account_id: UUID, *, after: UUID | None, limit: int) -> list[Campaign]:
    """Campaigns whose texts wait for a reviewer."""
    return [from_row(row) for row in await connection.fetch(SQL["queue"], account_id, after, limit)]
