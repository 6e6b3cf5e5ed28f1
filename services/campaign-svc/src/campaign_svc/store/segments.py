"""Segments: named sets of contacts of an account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.segment_filter import Filter
from volley_chassis.database import Connection, Pool, queries
from volley_chassis.etags import tag_of
from volley_contracts import new_id

SQL = queries("campaign_svc.store", "segments.sql")


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """`members` counts its contacts; of a dynamic one those who were found by its filter at `refreshed_at`."""

    id: UUID
    name: str
    kind: Literal["static", "dynamic"] = "static"
    filter: Filter | None = None
    members: int = 0
    created_at: datetime
    refreshed_at: datetime | None = None


def _segment(row: asyncpg.Record) -> Segment:
    return msgspec.convert(dict(row), Segment)


async def add(
    connection: Connection | Pool, account_id: UUID, name: str, at: datetime, wanted: Filter | None = None
) -> UUID | None:
    """The id of the new segment, dynamic if it has a filter; None if the account has one with this name."""
    added: UUID | None = await connection.fetchval(SQL["add"], new_id(), account_id, name, at, wanted)
    return added


async def change(connection: Connection, segment_id: UUID, name: str, wanted: Filter | None) -> bool:
    """Give it a name, and a filter if there is one. False if another has the name; the transaction is lost then."""
    try:
        await connection.execute(SQL["change"], segment_id, name, wanted)
    except asyncpg.UniqueViolationError:
        return False
    return True


async def dynamic(
    connection: Connection, account_id: UUID, segment_ids: Sequence[UUID], at: datetime, before: datetime | None = None
) -> list[tuple[UUID, Filter]]:
    """Those of the segments that are dynamic, with their filters; they are taken as refreshed `at`, and locked.

    `before`: only those that were refreshed before then.
    """
    rows = await connection.fetch(SQL["dynamic"], account_id, segment_ids, at, before)
    return [(row["id"], msgspec.convert(row["filter"], Filter)) for row in rows]


async def find_or_add(connection: Connection, account_id: UUID, name: str, at: datetime) -> UUID:
    """The id of the static segment with this name. Raises IllegalFieldError if a dynamic one has it."""
    found: UUID | None = await add(connection, account_id, name, at) or await connection.fetchval(
        SQL["by_name"], account_id, name
    )
    if found is None:
        raise IllegalFieldError("segment_name", "is a dynamic segment's", "give another name")
    return found


async def find(connection: Connection | Pool, account_id: UUID, segment_id: UUID) -> Segment | None:
    row = await connection.fetchrow(SQL["find"], account_id, segment_id)
    return _segment(row) if row else None


async def lock(connection: Connection, account_id: UUID, segment_id: UUID) -> Segment | None:
    """The segment, without a count; nobody else changes its name or filter until the transaction ends."""
    row = await connection.fetchrow(SQL["lock"], account_id, segment_id)
    return _segment(row) if row else None


def tag(segment: Segment) -> str:
    """Of what an edit may change."""
    return tag_of(segment.name, segment.filter)


async def page(pool: Pool, account_id: UUID, *, after: UUID | None, limit: int) -> list[Segment]:
    """The newest first; one more than `limit` if there are more."""
    return [_segment(row) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def delete(connection: Connection, account_id: UUID, segment_id: UUID) -> None:
    """The contacts stay."""
    await connection.execute(SQL["delete"], account_id, segment_id)
    await connection.execute(SQL["delete_members"], segment_id)


async def add_members(pool: Pool, account_id: UUID, segment_id: UUID, contacts: Sequence[UUID]) -> None:
    await pool.execute(SQL["add_members"], account_id, segment_id, contacts)


async def remove_members(pool: Pool, account_id: UUID, segment_id: UUID, contacts: Sequence[UUID]) -> None:
    await pool.execute(SQL["remove_members"], account_id, segment_id, contacts)


async def unknown_contacts(pool: Pool, account_id: UUID, contacts: Sequence[UUID]) -> list[UUID]:
    """Up to five of `contacts` that the account does not have."""
    return [row["id"] for row in await pool.fetch(SQL["unknown_contacts"], account_id, contacts)]
