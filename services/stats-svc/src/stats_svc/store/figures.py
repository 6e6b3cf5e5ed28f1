"""The sums: adding a tally to them, and reading them. Reads are of one account's rows only."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from stats_svc.domain.tally import Counts, Tally
from volley_chassis.database import Connection, Pool, queries

_SQL = queries("stats_svc.store", "figures.sql")
COUNTS = tuple(field.name for field in fields(Counts))
_HAPPENED = ("delivered", "undelivered", "failed", "parts", "clicks_raw", "clicks_human", "clickers", "optouts")
IN_DOMAINS = ("submitted", "submitted_with_receipts", *_HAPPENED)
IN_LINKS = ("clicks_raw", "clicks_human")
Row = dict[str, Any]
IN_MINUTES = ("submitted", *_HAPPENED, "replies")


async def add(connection: Connection, campaign_id: UUID, account_id: UUID, tally: Tally) -> None:
    """Add the tally to the campaign's sums, rows in the order of their keys."""
    whose = (campaign_id, account_id)
    if tally.errors:
        errors = sorted(tally.errors.items())
        keys = [key for key, _ in errors]
        await connection.execute(_SQL["add_errors"], *whose, *_columns(keys), [count for _, count in errors])
    if tally.domains:
        await connection.execute(_SQL["add_domains"], *whose, *_keyed(tally.domains, IN_DOMAINS))
    if tally.links:
        by_link = {(link,): counts for link, counts in tally.links.items()}
        await connection.execute(_SQL["add_links"], *whose, *_keyed(by_link, IN_LINKS))
    if tally.minutes:
        by_minute = {(minute,): counts for minute, counts in tally.minutes.items()}
        await connection.execute(_SQL["add_minutes"], *whose, *_keyed(by_minute, IN_MINUTES))
    if tally.costs:
        costs = sorted(tally.costs.items())
        await connection.execute(
            _SQL["add_costs"], *whose, *_columns([key for key, _ in costs]), [cost for _, cost in costs]
        )
    if tally.figures:
        await connection.execute(_SQL["add_figures"], *whose, *_keyed(tally.figures, COUNTS))


def _keyed(rows: dict[Any, Counts], names: Sequence[str]) -> list[list[Any]]:
    """Key columns, then count columns, in the order of the keys."""
    keys = sorted(rows)
    return [*_columns(keys), *([getattr(rows[key], name) for key in keys] for name in names)]


def _columns(keys: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*keys, strict=True)]


async def figures_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> list[Row]:
    rows = await pool.fetch(_SQL["figures_of"], campaign_id, account_id)
    return [dict(row) for row in rows]


async def figures_of_many(connection: Connection, campaign_ids: Sequence[UUID]) -> list[Row]:
    """Rows of any accounts, for publishing."""
    rows = await connection.fetch(_SQL["figures_of_many"], campaign_ids)
    return [dict(row) for row in rows]


async def errors_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> list[Row]:
    rows = await pool.fetch(_SQL["errors_of"], campaign_id, account_id)
    return [dict(row) for row in rows]


async def domains_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> list[Row]:
    rows = await pool.fetch(_SQL["domains_of"], campaign_id, account_id)
    return [dict(row) for row in rows]


async def links_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> list[Row]:
    """Of the further links; the clicks on `{{ short_url }}` are all others."""
    rows = await pool.fetch(_SQL["links_of"], campaign_id, account_id)
    return [dict(row) for row in rows]


async def first_minute_of(pool: Pool, campaign_id: UUID, account_id: UUID) -> datetime | None:
    minute: datetime | None = await pool.fetchval(_SQL["first_minute_of"], campaign_id, account_id)
    return minute


async def steps_of(
    pool: Pool, campaign_id: UUID | None, account_id: UUID, start: datetime, end: datetime, step: str
) -> list[Row]:
    """Sums by minute, hour or day from `start` up to, not including, `end`; of one campaign, or of all."""
    query = _SQL["steps_of"].format(whose=_whose(campaign_id))
    rows = await pool.fetch(query, campaign_id, account_id, start, end, step)
    return [dict(row) for row in rows]


async def costs_of(
    pool: Pool, campaign_id: UUID | None, account_id: UUID, start: datetime, end: datetime, step: str
) -> dict[datetime, list[tuple[str, Decimal]]]:
    """What those steps cost: amounts by currency, in the order of currencies."""
    query = _SQL["costs_of"].format(whose=_whose(campaign_id))
    rows = await pool.fetch(query, campaign_id, account_id, start, end, step)
    costs: dict[datetime, list[tuple[str, Decimal]]] = {}
    for at, currency, cost in rows:
        costs.setdefault(at, []).append((currency, cost))
    return costs


def _whose(campaign_id: UUID | None) -> str:
    """Said, not given: each has an index of its own."""
    return _SQL["of_account" if campaign_id is None else "of_campaign"]
