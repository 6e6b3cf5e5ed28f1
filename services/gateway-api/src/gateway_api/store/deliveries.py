"""Deliveries of events to webhooks: the queue of what is pending, and the log of what was tried."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, Pool, queries

_SQL = queries("gateway_api.store", "deliveries.sql")
Status = Literal["pending", "delivered", "failed"]


class Attempt(msgspec.Struct, frozen=True):
    """One post: the HTTP status of the answer, or what failed; how long it took, in milliseconds."""

    at: datetime
    status: int | None
    error: str | None
    took_ms: int


class Delivery(msgspec.Struct, frozen=True):
    """An event for a webhook; `next_at` is when it is posted next."""

    id: UUID
    event_id: str
    event_type: str
    status: Status
    attempts: list[Attempt]
    created_at: datetime
    next_at: datetime | None


class Due(msgspec.Struct, frozen=True):
    """A delivery to post now; `tried` counts the posts before."""

    id: UUID
    webhook_id: UUID
    account_id: UUID
    event_id: str
    body: str
    tried: int
    url: str
    secret: str
    previous_secret: str | None


class NewDelivery(NamedTuple):
    """An event for the webhooks of an account, with the number of whom it tells."""

    account_id: UUID
    event_id: str
    event_type: str
    body: str
    number: str | None


async def add_for_all(pool: Pool, events: Sequence[NewDelivery]) -> None:
    """Queue events for the webhooks of their accounts that asked for their types. Idempotent."""
    await pool.execute(_SQL["add_for_all"], *map(list, zip(*events, strict=True)))


async def add(pool: Pool, id_: UUID, webhook_id: UUID, event_id: str, event_type: str, body: str) -> None:
    await pool.execute(_SQL["add"], id_, webhook_id, event_id, event_type, body)


async def claim(
    pool: Pool, limit: int, *, webhooks: Collection[UUID], accounts: Collection[UUID], share: int
) -> list[Due]:
    """At most `limit`, none of `webhooks` and `accounts`, and `share` of any other account."""
    return [Due(**row) for row in await pool.fetch(_SQL["claim"], limit, list(webhooks), list(accounts), share)]


async def settle(connection: Connection, id_: UUID, status: Status, next_at: datetime | None, attempt: Attempt) -> None:
    await connection.execute(_SQL["settle"], id_, status, next_at, [attempt])


async def page(
    pool: Pool, account_id: UUID, webhook_id: UUID, status: Status | None, after: UUID | None, limit: int
) -> list[Delivery]:
    """The newest first."""
    rows: list[Any] = await pool.fetch(_SQL["page"], account_id, webhook_id, status, after, limit)
    return [msgspec.convert(dict(row), Delivery) for row in rows]


async def repeat(pool: Pool, account_id: UUID, webhook_id: UUID, id_: UUID) -> bool:
    """Post it again from the start; False if there is no such delivery, or nothing left of it."""
    return bool(await pool.fetchval(_SQL["repeat"], account_id, webhook_id, id_))


async def forget_number(pool: Pool, account_id: UUID, number: str, at: datetime) -> None:
    """Empty what was queued until `at` about the person with this number."""
    await pool.execute(_SQL["forget_number"], account_id, number, at)
