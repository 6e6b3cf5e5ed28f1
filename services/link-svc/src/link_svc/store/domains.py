"""Domains: adding, editing, taking capacity and giving it back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from link_svc.domain import domains as rules
from link_svc.domain.domains import State, Status
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "domains.sql")


class Domain(msgspec.Struct, frozen=True):
    """`used` counts messages whose URLs took capacity; `message_limit` is None where there is no limit."""

    id: UUID
    host: str
    status: Status
    message_limit: int | None
    used: int
    created_at: datetime

    @property
    def remaining(self) -> int | None:
        """Messages that it may still serve; None: without end."""
        return rules.remaining(self.status, self.message_limit, self.used)


class Owner(msgspec.Struct, frozen=True):
    """The domain that has a host, and whose it is."""

    id: UUID
    account_id: UUID


class Edited(msgspec.Struct, frozen=True):
    """What an edit of a domain starts from."""

    state: State
    used: int
    message_limit: int | None


class Served(msgspec.Struct, frozen=True):
    """What the redirect needs of a domain."""

    id: UUID
    next_index: int


async def hosts(connection: Connection, account_id: UUID) -> list[str]:
    """Of all the account's domains."""
    return [row["host"] for row in await connection.fetch(_SQL["hosts"], account_id)]


async def of_hosts(connection: Connection, account_id: UUID, hosts: Sequence[str]) -> dict[str, UUID]:
    """Those of the hosts that are domains of the account and not archived."""
    return {row["host"]: row["id"] for row in await connection.fetch(_SQL["of_hosts"], account_id, hosts)}


async def add(
    connection: Connection, domain_id: UUID, account_id: UUID, *, host: str, state: State, message_limit: int | None
) -> Domain | None:
    """None where some account has the host already."""
    row = await connection.fetchrow(_SQL["add"], domain_id, account_id, host, state, message_limit)
    return _domain(row)


async def owner(connection: Connection, host: str) -> Owner | None:
    row = await connection.fetchrow(_SQL["owner"], host)
    return Owner(**row) if row else None


async def get(connection: Connection, account_id: UUID, domain_id: UUID) -> Domain | None:
    return _domain(await connection.fetchrow(_SQL["get"], account_id, domain_id))


async def page(
    connection: Connection, account_id: UUID, *, after: UUID | None, status: Status | None, limit: int
) -> list[Domain]:
    return [Domain(**row) for row in await connection.fetch(_SQL["page"], account_id, after, status, limit)]


async def total(connection: Connection, account_id: UUID, status: Status | None) -> int:
    return int(await connection.fetchval(_SQL["total"], account_id, status))


async def lock(connection: Connection, account_id: UUID, domain_id: UUID) -> Edited | None:
    row = await connection.fetchrow(_SQL["lock"], account_id, domain_id)
    return Edited(**row) if row else None


async def edit(
    connection: Connection, account_id: UUID, domain_id: UUID, *, state: State, message_limit: int | None
) -> Domain | None:
    return _domain(await connection.fetchrow(_SQL["edit"], account_id, domain_id, state, message_limit))


async def take(connection: Connection, domain_id: UUID, messages: int, indexes: int) -> int:
    """Count the messages and give the first of their indexes. The caller has locked and checked the domain."""
    start = await connection.fetchval(_SQL["take"], domain_id, messages, indexes)
    assert start is not None, f"domain {domain_id} has no capacity for {messages} messages"
    return int(start)


async def give_back(connection: Connection, account_id: UUID, counts: dict[UUID, int]) -> None:
    await connection.execute(_SQL["give_back"], account_id, list(counts), list(counts.values()))


async def by_host(connection: Connection, host: str) -> Served | None:
    row = await connection.fetchrow(_SQL["by_host"], host)
    return Served(**row) if row else None


async def tell_capacity(connection: Connection) -> None:
    """Ring for the refilling: with the commit of this transaction some domain may have capacity."""
    await connection.execute(_SQL["tell_capacity"])


def _domain(row: asyncpg.Record | None) -> Domain | None:
    return Domain(**row) if row else None
