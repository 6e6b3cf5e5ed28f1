"""Numbers that an account must not text."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from volley_chassis.database import Connection, Pool, queries
from volley_contracts import SuppressionReason

SQL = queries("campaign_svc.store", "suppressions.sql")


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    """`campaign_id` is the campaign that the person answered to, where it is known."""

    number: str
    reason: SuppressionReason
    campaign_id: UUID | None
    created_at: datetime


class Answered(NamedTuple):
    """The message that a person reacted to: that of recipient `seq`, who got text `variant`."""

    campaign_id: UUID
    seq: int
    variant: int


def _suppression(row: asyncpg.Record) -> Suppression:
    return Suppression(**dict(row))


async def add(
    connection: Connection,
    account_id: UUID,
    number: str,
    *,
    reason: SuppressionReason,
    campaign_id: UUID | None,
    at: datetime,
) -> bool:
    """Whether the number was not suppressed before."""
    return await connection.fetchval(SQL["add"], account_id, number, reason, campaign_id, at) is True


async def add_many(
    connection: Connection, account_id: UUID, numbers: Sequence[str], *, reason: SuppressionReason, at: datetime
) -> list[str]:
    """Those of the numbers that were not suppressed before."""
    rows = await connection.fetch(SQL["add_many"], account_id, numbers, reason, at)
    return [row["number"] for row in rows]


async def add_optout(connection: Connection, answered: Answered, *, reason: SuppressionReason, at: datetime) -> bool:
    """Whether the recipient had not opted out because of this message before."""
    return await connection.fetchval(SQL["add_optout"], answered.campaign_id, answered.seq, reason, at) is True


async def lift(connection: Connection, account_id: UUID, number: str, at: datetime) -> bool:
    """Whether a suppression was lifted that is not younger than `at`."""
    return await connection.fetchval(SQL["lift"], account_id, number, at) is True


async def find(connection: Connection | Pool, account_id: UUID, number: str) -> Suppression | None:
    row = await connection.fetchrow(SQL["find"], account_id, number)
    return _suppression(row) if row else None


async def page(pool: Pool, account_id: UUID, *, after: str, limit: int) -> list[Suppression]:
    """In the order of their numbers, behind `after`; one more than `limit` if there are more."""
    return [_suppression(row) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def recipient(
    connection: Connection, account_id: UUID, campaign_id: UUID, seq: int
) -> tuple[str, Answered] | None:
    """The number behind the campaign's recipient `seq`, and the message that it got."""
    row = await connection.fetchrow(SQL["recipient"], account_id, campaign_id, seq)
    return (row["number"], Answered(campaign_id, seq, row["variant"])) if row else None
