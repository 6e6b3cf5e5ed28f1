"""Lists of campaigns: by filters, sorted, page by page."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from campaign_svc.domain.campaign import CampaignType
from volley_chassis.database import Connection, queries
from volley_contracts import Status

SQL = queries("campaign_svc.store", "campaign_lists.sql")
Sort = Literal[
    "-created",
    "created",
    "-name",
    "name",
    "-status",
    "status",
    "-recipients",
    "recipients",
    "-cost",
    "cost",
    "-ctr",
    "ctr",
]
# By what a list is sorted, then by id, and the type of that. Cost and click rate change with
# every message: they are sorted when they are asked for, an index would be written all the time.
_KEYS: dict[str, tuple[str, str]] = {
    "created": ("c.created_at", "timestamptz"),
    "name": ("lower(c.name)", "text"),
    "status": ("c.status", "text"),
    "recipients": ("coalesce(c.recipients, 0)", "int"),
    "cost": ("coalesce(p.cost, 0)", "numeric"),
    "ctr": ("coalesce(p.ctr, -1)", "double precision"),
}
_GRAM = 3
Key: TypeAlias = str | int | float | Decimal | datetime


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign must be to be listed; None asks for nothing. `name` is a part of it, in any case.

    Deleted campaigns are listed only where their status is asked for.
    """

    name: str | None = None
    statuses: list[str] | None = None
    tags: list[str] | None = None
    sender_id: UUID | None = None
    type: str | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None


class Listed(msgspec.Struct, frozen=True):
    """A campaign as a list shows it. `key` is what the list is sorted by; `ctr` None while there is none."""

    id: UUID
    name: str
    tags: tuple[str, ...]
    type: CampaignType
    status: Status
    code: str | None
    sentence: str | None
    since: datetime | None
    sender_id: UUID | None
    sender_address: str | None
    recipients: int | None
    dropped: dict[str, int]
    next_seq: int
    created_at: datetime
    created_by: str
    updated_at: datetime
    launched_at: datetime | None
    submitted: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    parts: int
    cost: Decimal
    currency: str | None
    delivered: int
    clickers: int
    ctr: float | None
    key: Key

    @property
    def settled(self) -> int:
        """Recipients that have an outcome."""
        return self.submitted + self.failed + self.unknown + self.suppressed + self.cancelled


async def page(
    connection: Connection,
    account_id: UUID,
    filters: Filters,
    *,
    sort: Sort,
    after: tuple[Key, UUID] | None,
    limit: int,
) -> list[Listed]:
    """Up to `limit` campaigns behind `after`, the sort key and id of one that was listed."""
    key, kind = _KEYS[sort.removeprefix("-")]
    conditions, values = _conditions(filters, first=2)
    down = sort.startswith("-")
    if after:
        number = len(values) + 2
        conditions += f" AND ({key}, c.id) {'<' if down else '>'} (${number}::{kind}, ${number + 1}::uuid)"
        values += after
    query = SQL["page"].format(
        key=key,
        direction="DESC" if down else "ASC",
        conditions=conditions,
        limit=int(limit),  # said, not given: else Postgres plans for a tenth of the table
        join=SQL["join_progress"] if key.startswith("coalesce(p.") else "",
    )
    return [Listed(*row) for row in await connection.fetch(query, account_id, *values)]


async def total(connection: Connection, account_id: UUID, filters: Filters) -> int:
    """How many campaigns there are behind all pages."""
    conditions, values = _conditions(filters, first=2)
    if not values:
        return int(await connection.fetchval(SQL["all"], account_id) or 0)
    return int(await connection.fetchval(SQL["matching"].format(conditions=conditions), account_id, *values))


def _conditions(filters: Filters, first: int) -> tuple[str, list[Any]]:
    """What the filters ask for, as SQL with parameters from `$first` on, and their values."""
    asked = [(name, value) for name, value in msgspec.structs.asdict(filters).items() if value is not None]
    pieces = [] if "deleted" in (filters.statuses or ()) else [SQL["not_deleted"]]
    for number, (name, value) in enumerate(asked, first):
        short = name == "name" and len(value) < _GRAM
        pieces.append(SQL["with_short_name" if short else f"with_{name}"].replace("$n", f"${number}"))
    return "\n".join(pieces), [value for _, value in asked]
