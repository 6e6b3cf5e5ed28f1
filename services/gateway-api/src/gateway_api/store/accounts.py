"""Accounts: the tenants."""

from datetime import datetime
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, Pool, queries

_SQL = queries("gateway_api.store", "accounts.sql")


class Account(msgspec.Struct, frozen=True):
    """A tenant. The `platform` account's administrators make the others."""

    id: UUID
    name: str
    platform: bool
    created_at: datetime


async def add(connection: Connection, id_: UUID, name: str, *, platform: bool = False) -> Account | None:
    """None where the name is taken."""
    row = await connection.fetchrow(_SQL["add"], id_, name, platform)
    return Account(**row) if row else None


async def find(pool: Pool, id_: UUID) -> Account:
    row = await pool.fetchrow(_SQL["find"], id_)
    assert row is not None, "callers belong to an account"
    return Account(**row)


async def lock(connection: Connection, id_: UUID) -> None:
    await connection.execute(_SQL["lock"], id_)


async def page(pool: Pool, after: UUID | None, limit: int) -> list[Account]:
    return [Account(**row) for row in await pool.fetch(_SQL["page"], after, limit)]


async def first(connection: Connection) -> Account | None:
    """The platform's own account."""
    await connection.execute(_SQL["lock_bootstrap"])
    row = await connection.fetchrow(_SQL["first"])
    return Account(**row) if row else None
