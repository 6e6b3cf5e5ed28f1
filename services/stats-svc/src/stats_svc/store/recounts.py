"""Kept clicks that older rules judged, and what judging them again changes."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg

from stats_svc.domain.recount import Counted, KeptClick
from stats_svc.domain.tally import NO_COUNTRY, FirstClick
from volley_chassis.database import Connection, Pool, queries
from volley_contracts import BotReason

_SQL = queries("stats_svc.store", "recounts.sql")
Place = Any
"""Where a row of clicks lies, as long as it is locked."""


async def lock(connection: Connection, campaign_id: UUID) -> None:
    """No click of the campaign is counted until the transaction ends."""
    await connection.execute(_SQL["lock"], campaign_id)


async def next_campaign(pool: Pool, after: UUID | None) -> UUID | None:
    found: UUID | None = await pool.fetchval(_SQL["next_campaign"], after)
    return found


async def account_of(connection: Connection, campaign_id: UUID) -> UUID | None:
    found: UUID | None = await connection.fetchval(_SQL["account_of"], campaign_id)
    return found


async def take(
    connection: Connection, campaign_id: UUID, first_seq: int, rules: int, limit: int
) -> tuple[list[Place], list[KeptClick]]:
    """Clicks of recipients from `first_seq` on that rules older than `rules` judged, and their places. Locks them."""
    rows = await connection.fetch(_SQL["take"], campaign_id, first_seq, rules, limit)
    return [row["place"] for row in rows], [_click(row) for row in rows]


def _click(row: asyncpg.Record) -> KeptClick:
    return KeptClick(
        row["seq"],
        row["variant"],
        row["domain_id"],
        row["at"],
        row["reason"],
        row["user_agent"],
        row["link"],
        row["country"] or NO_COUNTRY,
    )


async def judge(
    connection: Connection, places: Sequence[Place], reasons: Sequence[BotReason | None], rules: int
) -> None:
    await connection.execute(_SQL["judge"], rules, places, reasons)


async def people(connection: Connection, campaign_id: UUID, seqs: Iterable[int]) -> dict[int, FirstClick]:
    """Who of the recipients clicked as a person, by the clicks that are kept, and when first."""
    rows = await connection.fetch(_SQL["people"], campaign_id, sorted(seqs))
    return {seq: FirstClick(at, country or NO_COUNTRY) for seq, at, country in rows}


async def remove_clickers(connection: Connection, campaign_id: UUID, seqs: Iterable[int]) -> dict[int, Counted]:
    """Those who counted as clickers until now, and where."""
    rows = await connection.fetch(_SQL["remove_clickers"], campaign_id, sorted(seqs))
    return {seq: Counted(at, country or NO_COUNTRY) for seq, at, country in rows}


async def settled(connection: Connection, campaign_id: UUID, seqs: Iterable[int]) -> set[int]:
    """Those who stay clickers whatever is judged."""
    rows = await connection.fetch(_SQL["settled"], campaign_id, sorted(seqs))
    return {row["seq"] for row in rows}
