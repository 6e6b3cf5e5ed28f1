"""Webhooks of the accounts."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.domain.webhooks import EventType
from volley_chassis.database import Connection, Pool, queries

_SQL = queries("gateway_api.store", "webhooks.sql")


class Webhook(msgspec.Struct, frozen=True):
    """Where an account's events are posted. `paused_because` says why Volley itself made it inactive."""

    id: UUID
    url: str
    events: list[EventType]
    active: bool
    paused_because: str | None
    created_at: datetime


async def add(
    connection: Connection, id_: UUID, account_id: UUID, url: str, events: Sequence[str], secret: str
) -> Webhook:
    row = await connection.fetchrow(_SQL["add"], id_, account_id, url, events, secret)
    assert row is not None
    return Webhook(**row)


async def count(connection: Connection, account_id: UUID) -> int:
    """How many the account has; others that add one wait until the transaction ends."""
    return int(await connection.fetchval(_SQL["count"], account_id))


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[Webhook]:
    return [Webhook(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]


async def find(pool: Pool, account_id: UUID, id_: UUID) -> Webhook | None:
    row = await pool.fetchrow(_SQL["find"], account_id, id_)
    return Webhook(**row) if row else None


async def lock(connection: Connection, account_id: UUID, id_: UUID) -> Webhook | None:
    """The webhook, locked until the transaction ends."""
    row = await connection.fetchrow(_SQL["lock"], account_id, id_)
    return Webhook(**row) if row else None


async def change(
    connection: Connection,
    account_id: UUID,
    id_: UUID,
    *,
    url: str | None,
    events: Sequence[str] | None,
    active: bool | None,
) -> Webhook | None:
    """What is None stays."""
    row = await connection.fetchrow(_SQL["change"], account_id, id_, url, events, active)
    return Webhook(**row) if row else None


async def rotate(pool: Pool, account_id: UUID, id_: UUID, secret: str, previous_until: datetime) -> Webhook | None:
    row = await pool.fetchrow(_SQL["rotate"], account_id, id_, secret, previous_until)
    return Webhook(**row) if row else None


async def pause(connection: Connection, id_: UUID, because: str) -> None:
    await connection.execute(_SQL["pause"], id_, because)


async def remove(connection: Connection, account_id: UUID, id_: UUID) -> None:
    await connection.execute(_SQL["remove"], account_id, id_)
