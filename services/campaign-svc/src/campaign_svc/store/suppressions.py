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
    """The message that a person reacted to: that of recipient `seq` in `country` (alpha-2), who got text `variant`."""

    campaign_id: UUID
    seq: int
    variant: int
    country: str


class OptOut(NamedTuple):
    """Somebody wants no more messages of the account. `answered`: the one that made them, where it is known."""

    account_id: UUID
    number: str
    answered: Answered | None
    at: datetime


def _suppression(row: asyncpg.Record) -> Suppression:
    return Suppression(**dict(row))


async def add(connection: Connection, optouts: Sequence[OptOut], *, reason: SuppressionReason) -> set[tuple[UUID, str]]:
    """The accounts and numbers that were not suppressed before."""
    campaigns = [one.answered and one.answered.campaign_id for one in optouts]
    columns = (
        [one.account_id for one in optouts],
        [one.number for one in optouts],
        campaigns,
        [one.at for one in optouts],
    )
    rows = await connection.fetch(SQL["add"], *columns, reason)
    return {(row["account_id"], row["number"]) for row in rows}


async def add_many(
    connection: Connection, account_id: UUID, numbers: Sequence[str], *, reason: SuppressionReason, at: datetime
) -> list[str]:
    """Those of the numbers that were not suppressed before."""
    rows = await connection.fetch(SQL["add_many"], account_id, numbers, reason, at)
    return [row["number"] for row in rows]


async def add_optouts(
    connection: Connection, optouts: Sequence[OptOut], *, reason: SuppressionReason
) -> set[tuple[UUID, int]]:
    """The campaigns and recipients that had not opted out because of that message before; breakers count them later."""
    known = [(*one.answered[:2], one.at) for one in optouts if one.answered]
    if not known:
        return set()
    rows = await connection.fetch(SQL["add_optouts"], *map(list, zip(*known, strict=True)), reason)
    return {(row["campaign_id"], row["seq"]) for row in rows}


async def lift(
    connection: Connection, account_id: UUID, number: str, at: datetime, *, only: Sequence[SuppressionReason] | None
) -> bool:
    """Whether a suppression was lifted that is not younger than `at` and has one of the reasons `only` (None: any)."""
    return await connection.fetchval(SQL["lift"], account_id, number, at, only) is True


async def find(connection: Connection | Pool, account_id: UUID, number: str) -> Suppression | None:
    row = await connection.fetchrow(SQL["find"], account_id, number)
    return _suppression(row) if row else None


async def page(pool: Pool, account_id: UUID, *, after: str, limit: int) -> list[Suppression]:
    """In the order of their numbers, behind `after`; one more than `limit` if there are more."""
    return [_suppression(row) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def recipients(
    connection: Connection, asked: Sequence[tuple[UUID, UUID, int]]
) -> dict[tuple[UUID, int], tuple[str, Answered]]:
    """Behind accounts' campaigns and recipients `seq`: the numbers, and the messages that they got."""
    rows = await connection.fetch(SQL["recipients"], *map(list, zip(*asked, strict=True))) if asked else []
    return {
        (campaign_id, seq): (number, Answered(campaign_id, seq, variant, country))
        for campaign_id, seq, number, variant, country in rows
    }
