"""Texts that were tried out on an account's own numbers: what was sent, what became of it, what it cost."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, Pool, queries
from volley_contracts import MessageOutcomes

SQL = queries("campaign_svc.store", "test_sends.sql")


class TestNumber(msgspec.Struct, frozen=True):
    """A number that texts may be tried out on."""

    number: str
    country: str
    added_at: datetime
    added_by: str


class TestMessage(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is as previewed, its URLs are samples. `outcome` None: it is on its way."""

    number: str
    country: str
    text: str
    outcome: str | None
    error: str | None
    parts: int
    cost: Decimal
    currency: str | None


class TestSend(msgspec.Struct, frozen=True, kw_only=True):
    """One variant, sent to some numbers."""

    id: UUID
    campaign_id: UUID
    variant: int
    created_at: datetime
    created_by: str
    messages: list[TestMessage]


class TestCost(msgspec.Struct, frozen=True):
    """What the tests of a campaign cost; no part of the campaign's own cost."""

    amount: Decimal
    currency: str | None
    parts: int


async def numbers(connection: Connection | Pool, account_id: UUID) -> list[TestNumber]:
    return [TestNumber(*row) for row in await connection.fetch(SQL["numbers"], account_id)]


async def set_numbers(
    connection: Connection, account_id: UUID, wanted: Sequence[tuple[str, str]], *, by: str, at: datetime
) -> None:
    """Have these (number, country) and no others."""
    known, countries = [number for number, _ in wanted], [country for _, country in wanted]
    await connection.execute(SQL["forget_numbers"], account_id, known)
    await connection.execute(SQL["add_numbers"], account_id, known, countries, at, by)


async def lock_account(connection: Connection, account_id: UUID) -> None:
    """No other test of the account is begun until the transaction ends."""
    await connection.execute(SQL["lock_account"], account_id)


async def recent(connection: Connection, account_id: UUID, since: datetime) -> tuple[int, datetime | None]:
    """Messages that were tested since then, and when the first of them was."""
    row = await connection.fetchrow(SQL["recent"], account_id, since)
    assert row is not None
    return row["messages"], row["first_at"]


async def add(
    connection: Connection,
    account_id: UUID,
    test: TestSend,
    *,
    text: str,
    people: Sequence[TestNumber],
    lender: UUID | None,
) -> None:
    """`lender` is the contact whose values are in the text."""
    values = (test.id, account_id, test.campaign_id, test.variant, test.created_at, test.created_by, lender)
    await connection.execute(SQL["add"], *values)
    known, countries = [one.number for one in people], [one.country for one in people]
    await connection.execute(SQL["add_messages"], test.id, known, countries, text)


async def record(connection: Connection, event: MessageOutcomes) -> None:
    """What became of some messages of a test. Idempotent."""
    columns = (event.seqs, event.outcomes, event.parts, event.costs, event.errors)
    await connection.execute(SQL["record"], event.campaign_id, *columns, event.currency)


async def page(pool: Pool, account_id: UUID, campaign_id: UUID, *, after: UUID | None, limit: int) -> list[TestSend]:
    """The newest first."""
    rows = await pool.fetch(SQL["page"], account_id, campaign_id, after, limit)
    messages: dict[UUID, list[TestMessage]] = {row["id"]: [] for row in rows}
    for row in await pool.fetch(SQL["messages"], list(messages)):
        values = dict(row)
        messages[values.pop("test_id")].append(TestMessage(**values))
    return [TestSend(**dict(row), messages=messages[row["id"]]) for row in rows]


async def cost(pool: Pool, account_id: UUID, campaign_id: UUID) -> TestCost:
    row = await pool.fetchrow(SQL["cost"], account_id, campaign_id)
    assert row is not None
    return TestCost(row["amount"], row["currency"], row["parts"])


async def number_of(connection: Connection, account_id: UUID, test_id: UUID, seq: int) -> str | None:
    number: str | None = await connection.fetchval(SQL["number_of"], account_id, test_id, seq)
    return number
