"""Sender IDs of an account."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

import volley_contracts as contracts
from volley_chassis.database import Connection, Pool, queries
from volley_contracts import SenderKind

SQL = queries("campaign_svc.store", "senders.sql")


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """`parts_per_second` is its pace over all campaigns; `countries` (alpha-2) are where it is valid, None: all.

    `validity_s`: seconds after which a message that was not handed over fails, None: it waits for ever.
    """

    id: UUID
    address: str
    kind: SenderKind
    parts_per_second: int
    countries: list[str] | None
    validity_s: int | None
    created_at: datetime


def _maybe(row: asyncpg.Record | None) -> Sender | None:
    return Sender(**dict(row)) if row else None


async def add(pool: Pool, account_id: UUID, sender: Sender) -> bool:
    """Whether it was added: the account may have one with this address."""
    s = sender
    values = (s.id, account_id, s.address, s.kind, s.parts_per_second, s.countries, s.validity_s, s.created_at)
    return await pool.fetchval(SQL["add"], *values) is True


async def find(connection: Connection | Pool, account_id: UUID, sender_id: UUID) -> Sender | None:
    return _maybe(await connection.fetchrow(SQL["find"], account_id, sender_id))


async def as_sent(connection: Connection, account_id: UUID, sender_id: UUID) -> contracts.Sender | None:
    """The sender as batches carry it."""
    row = await connection.fetchrow(SQL["as_sent"], account_id, sender_id)
    return contracts.Sender(**dict(row)) if row else None


async def lock(connection: Connection, account_id: UUID, sender_id: UUID) -> Sender | None:
    """The sender, locked until the transaction ends."""
    return _maybe(await connection.fetchrow(SQL["lock"], account_id, sender_id))


async def hold(connection: Connection, account_id: UUID, sender_id: UUID) -> bool:
    """Keep the sender from being removed until the transaction ends; whether the account has it."""
    return await connection.fetchval(SQL["hold"], account_id, sender_id) is True


async def page(pool: Pool, account_id: UUID, *, after: UUID | None, limit: int) -> list[Sender]:
    """The newest first; one more than `limit` if there are more."""
    return [Sender(**dict(row)) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def save(connection: Connection, account_id: UUID, sender: Sender) -> int:
    """How often it has been edited by now."""
    s = sender
    return int(await connection.fetchval(SQL["save"], account_id, s.id, s.parts_per_second, s.countries, s.validity_s))


async def delete(connection: Connection, account_id: UUID, sender_id: UUID) -> None:
    await connection.execute(SQL["delete"], account_id, sender_id)


async def used_by(connection: Connection, account_id: UUID, sender_id: UUID, statuses: Collection[str]) -> list[str]:
    """Names of up to five campaigns in one of `statuses` that use the sender."""
    rows = await connection.fetch(SQL["used_by"], account_id, sender_id, list(statuses))
    return [row["name"] for row in rows]
