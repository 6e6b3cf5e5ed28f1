"""Segments: named sets of contacts of an account."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, Pool, queries
from volley_contracts import new_id

SQL = queries("campaign_svc.store", "segments.sql")


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """`members` counts its contacts."""

    id: UUID
    name: str
    kind: Literal["static"] = "static"
    members: int = 0
    created_at: datetime


async def add(connection: Connection | Pool, account_id: UUID, name: str, at: datetime) -> UUID | None:
    """The id of the new segment; None if the account has one with this name."""
    added: UUID | None = await connection.fetchval(SQL["add"], new_id(), account_id, name, at)
    return added


async def find_or_add(connection: Connection, account_id: UUID, name: str, at: datetime) -> UUID:
    """The id of the segment with this name."""
    found: UUID = await add(connection, account_id, name, at) or await connection.fetchval(
        SQL["by_name"], account_id, name
    )
    return found


async def find(connection: Connection | Pool, account_id: UUID, segment_id: UUID) -> Segment | None:
    row = await connection.fetchrow(SQL["find"], account_id, segment_id)
    return Segment(**dict(row)) if row else None


async def page(pool: Pool, account_id: UUID, *, after: UUID | None, limit: int) -> list[Segment]:
    """The newest first; one more than `limit` if there are more."""
    return [Segment(**dict(row)) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def delete(pool: Pool, account_id: UUID, segment_id: UUID) -> bool:
    """The contacts stay."""
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval(SQL["delete"], account_id, segment_id) is None:
            return False
        await connection.execute(SQL["delete_members"], segment_id)
        return True


async def add_members(pool: Pool, account_id: UUID, segment_id: UUID, contacts: Sequence[UUID]) -> None:
    await pool.execute(SQL["add_members"], account_id, segment_id, contacts)


async def remove_members(pool: Pool, account_id: UUID, segment_id: UUID, contacts: Sequence[UUID]) -> None:
    await pool.execute(SQL["remove_members"], account_id, segment_id, contacts)


async def unknown_contacts(pool: Pool, account_id: UUID, contacts: Sequence[UUID]) -> list[UUID]:
    """Up to five of `contacts` that the account does not have."""
    return [row["id"] for row in await pool.fetch(SQL["unknown_contacts"], account_id, contacts)]
