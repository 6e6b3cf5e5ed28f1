"""People to be forgotten, and what is known of them beside their contact."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from campaign_svc.domain.numbers import national_digits
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "erasures.sql")


class Erasure(NamedTuple):
    """Whoever had this `number` `at` that time."""

    account_id: UUID
    contact_id: UUID
    number: str
    at: datetime


async def add(connection: Connection, erasure: Erasure) -> None:
    await connection.execute(SQL["add"], *erasure)


async def next_due(connection: Connection, needing: Collection[str]) -> Erasure | None:
    """One that no campaign in a status of `needing` needs any more, locked."""
    row = await connection.fetchrow(SQL["next"], list(needing))
    return Erasure(*row) if row else None


async def carry_out(connection: Connection, erasure: Erasure) -> None:
    """Take the number and what the person wrote out of every table but the suppressions."""
    for name in ("clear_recipients", "clear_findings"):
        await connection.execute(SQL[name], erasure.contact_id)
    for name in ("clear_inbound", "clear_answers", "clear_conversations", "forget_test_number", "clear_tests"):
        await connection.execute(SQL[name], erasure.account_id, erasure.number, erasure.at)
    await connection.execute(SQL["clear_lent"], erasure.account_id, erasure.contact_id)
    await connection.execute(SQL["clear_rejects"], erasure.account_id, national_digits(erasure.number), erasure.at)
    await connection.execute(SQL["done"], erasure.account_id, erasure.contact_id)
