"""What waits for a reviewer."""

from datetime import datetime
from uuid import UUID

import msgspec

from campaign_svc.domain.campaign import Campaign
from campaign_svc.store.campaigns import from_row
from volley_chassis.database import Pool, queries

SQL = queries("campaign_svc.store", "reviews.sql")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """None asks for nothing. `name` is a part of it, in any case; `category` and `rule` are those of a finding;
    `changed`: whether the texts were changed after the launch.
    """

    name: str | None = None
    submitted_by: str | None = None
    category: str | None = None
    rule: str | None = None
    changed: bool | None = None


async def page(
    pool: Pool, account_id: UUID, filters: Filters, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[Campaign]:
    """The longest waiting first; `after` is since when the last one of the page before waits, and its id."""
    query = SQL["page"].format(waiting=SQL["waiting"])
    values = msgspec.structs.astuple(filters)
    return [from_row(row) for row in await pool.fetch(query, account_id, *values, limit, *(after or (None, None)))]


async def count(pool: Pool, account_id: UUID, filters: Filters) -> int:
    query = SQL["count"].format(waiting=SQL["waiting"])
    return int(await pool.fetchval(query, account_id, *msgspec.structs.astuple(filters)))
