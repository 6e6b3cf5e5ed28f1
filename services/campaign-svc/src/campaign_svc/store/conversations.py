"""What people and an account write to each other."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from volley_chassis.database import Connection, Pool, queries
from volley_contracts import InboundMessage, MessageOutcomes, Sender, new_id

SQL = queries("campaign_svc.store", "conversations.sql")
Status = Literal["open", "closed"]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """With one person under one sender ID (`address`). `campaign_id` is the last campaign that they answered."""

    id: UUID
    number: str
    address: str
    contact_id: UUID | None
    campaign_id: UUID | None
    status: Status
    assigned_to: str | None
    unread: int
    last_text: str
    last_at: datetime
    created_at: datetime


class ConversationMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`in` from the person, `out` by `author`; of the latter also what became of it (null: on its way)."""

    id: UUID
    direction: Literal["in", "out"]
    text: str
    author: str | None
    keyword: str | None
    at: datetime
    outcome: str | None
    error: str | None
    parts: int | None
    cost: Decimal | None
    currency: str | None


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What is None asks for nothing. `text`, in small letters, stands in what was written or in a value of an attribute
    of the contact; where it looks like a part of a number (`digits`) it may stand in the number instead.
    """

    status: Status | None = None
    assigned_to: str | None = None
    unread: bool | None = None
    campaign_id: UUID | None = None
    number: str | None = None
    assigned: bool | None = None
    text: str | None = None
    digits: str | None = None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of open conversations: all, those of the caller, and those of nobody, and in how many something is unread."""

    open: int
    unread: int
    unread_messages: int
    mine: int
    mine_unread: int
    unassigned: int
    unassigned_unread: int


def _maybe(row: asyncpg.Record | None) -> Conversation | None:
    return Conversation(**dict(row)) if row else None


async def open_(
    connection: Connection, message: InboundMessage, text: str, contact_id: UUID | None, campaign_id: UUID | None
) -> UUID:
    """The conversation that the message opens, or goes on with."""
    m = message
    values = (new_id(), m.account_id, m.from_number, m.to_address, contact_id, campaign_id, text, m.at)
    found: UUID = await connection.fetchval(SQL["open"], *values)
    return found


async def go_on(connection: Connection, message: InboundMessage, text: str) -> UUID | None:
    """The conversation that the message belongs to, if there is one."""
    m = message
    found: UUID | None = await connection.fetchval(
        SQL["go_on"], m.account_id, m.from_number, m.to_address, text, m.at, m.keyword is not None
    )
    return found


async def attach(connection: Connection, message_id: UUID, conversation_id: UUID) -> None:
    await connection.execute(SQL["attach"], message_id, conversation_id)


async def page(pool: Pool, account_id: UUID, filters: Filters, *, after: UUID | None, limit: int) -> list[Conversation]:
    """Those with the newest messages first."""
    f = filters
    values = (f.status, f.assigned_to, f.unread, f.campaign_id, f.number, f.assigned, f.text, f.digits)
    return [Conversation(**dict(row)) for row in await pool.fetch(SQL["page"], account_id, *values, after, limit)]


async def counts(pool: Pool, account_id: UUID, agent: str) -> Counts:
    row = await pool.fetchrow(SQL["counts"], account_id, agent)
    assert row is not None
    return Counts(**dict(row))


async def find(connection: Connection | Pool, account_id: UUID, id_: UUID) -> Conversation | None:
    return _maybe(await connection.fetchrow(SQL["find"], account_id, id_))


async def lock(connection: Connection, account_id: UUID, id_: UUID) -> Conversation | None:
    """The conversation, locked until the transaction ends."""
    return _maybe(await connection.fetchrow(SQL["lock"], account_id, id_))


async def change(
    connection: Connection,
    account_id: UUID,
    id_: UUID,
    *,
    assign: bool,
    to: str | None,
    status: Status | None,
    read: bool,
) -> Conversation | None:
    """`assign` says whether it is assigned anew, `to` a user or nobody; `read` that nothing is unread any more."""
    return _maybe(await connection.fetchrow(SQL["change"], account_id, id_, assign, to, status, read))


async def messages(
    pool: Pool, conversation_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[ConversationMessage]:
    """The newest first."""
    rows = await pool.fetch(SQL["messages"], conversation_id, *(before or (None, None)), limit)
    return [ConversationMessage(**dict(row)) for row in rows]


async def sender(connection: Connection, account_id: UUID, address: str, campaign_id: UUID | None) -> Sender | None:
    """The sender ID to answer from."""
    row = await connection.fetchrow(SQL["sender"], account_id, address, campaign_id)
    return Sender(**dict(row)) if row else None


async def add_answer(
    connection: Connection,
    id_: UUID,
    account_id: UUID,
    *,
    conversation_id: UUID | None,
    number: str,
    text: str,
    author: str,
    at: datetime,
    read: bool,
) -> None:
    """What is about to be sent; with `read` its author has read all that came."""
    await connection.execute(SQL["add_answer"], id_, account_id, conversation_id, number, text, author, at)
    if conversation_id:
        await connection.execute(SQL["note_answer"], account_id, conversation_id, text, at, read)


async def record(connection: Connection, event: MessageOutcomes) -> None:
    """What became of an answer, if the event is of one. Idempotent."""
    outcome, parts, cost, error = event.outcomes[0], event.parts[0], event.costs[0], event.errors[0]
    await connection.execute(SQL["record"], event.campaign_id, outcome, parts, cost, error, event.currency)
