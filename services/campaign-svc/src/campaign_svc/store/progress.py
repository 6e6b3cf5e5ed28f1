"""What became of a campaign's recipients, in counts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from campaign_svc.domain.breakers import Window
from campaign_svc.domain.trial import Comparison
from volley_chassis.database import Connection, Pool, queries
from volley_contracts import LiveFigures, Outcome, VariantsCompared

SQL = queries("campaign_svc.store", "progress.sql")


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients by outcome, billed parts, and what they cost in `currency` (None before the first outcome).

    Receipts, people who clicked, the click rate and the comparison of tested variants are what stats-svc last told.
    """

    submitted: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0
    cancelled: int = 0
    parts: int = 0
    cost: Decimal = Decimal(0)
    currency: str | None = None
    last_at: datetime | None = None
    delivered: int = 0
    undelivered: int = 0
    clickers: int = 0
    ctr: float | None = None
    window: Window = Window()
    comparison: Comparison | None = None

    @property
    def reached(self) -> int:
        """Recipients whose message a provider has, or may have."""
        return self.submitted + self.unknown

    @property
    def settled(self) -> int:
        """Recipients that have an outcome."""
        return self.submitted + self.failed + self.unknown + self.suppressed + self.cancelled


async def add(
    connection: Connection,
    campaign_id: UUID,
    counts: Mapping[Outcome, int],
    *,
    parts: int,
    cost: Decimal,
    currency: str,
    at: datetime,
) -> Progress:
    """Add to the counts (which may be negative, for a revision); gives the new totals."""
    order: tuple[Outcome, ...] = ("submitted", "failed", "unknown", "suppressed", "cancelled")
    values = [counts.get(outcome, 0) for outcome in order]
    row = await connection.fetchrow(SQL["add"], campaign_id, *values, parts, cost, currency, at)
    assert row is not None
    return _progress(dict(row))


async def keep_figures(pool: Pool, figures: LiveFigures) -> Progress | None:
    """Keep what stats-svc tells of a campaign; None where that is older than the last that was kept."""
    f = figures
    values = (f.campaign_id, f.account_id, f.delivered, f.undelivered, f.clickers, f.ctr, f.at)
    row = await pool.fetchrow(SQL["keep_figures"], *values)
    return _progress(dict(row)) if row else None


async def keep_comparison(connection: Connection, event: VariantsCompared) -> bool:
    """Keep what stats-svc says of variants that are being tested; whether it is news."""
    said = Comparison(
        verdict=event.verdict, winner=event.winner, p_value=event.p_value, variants=event.variants, at=event.at
    )
    kept = await connection.fetchval(SQL["keep_comparison"], event.campaign_id, event.account_id, said, event.at)
    return kept is True


async def of(connection: Connection, campaign_ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """The progress of those that have some."""
    rows = [dict(row) for row in await connection.fetch(SQL["load"], campaign_ids)]
    return {row.pop("campaign_id"): _progress(row) for row in rows}


def _progress(row: dict[str, Any]) -> Progress:
    window = row.pop("window")
    comparison = msgspec.convert(row.pop("comparison"), Comparison | None)
    return Progress(**row, window=msgspec.convert(window, Window) if window else Window(), comparison=comparison)


async def of_one(connection: Connection, campaign_id: UUID) -> Progress:
    return (await of(connection, [campaign_id])).get(campaign_id, Progress())
