"""Live figures: the totals of every campaign that changed, and how its variants compare, a few times a second."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from stats_svc import metrics
from stats_svc.domain import samples
from stats_svc.domain.paces import Paces
from stats_svc.domain.rates import rate_of
from stats_svc.domain.totals import Row, cost_of, of_campaign
from stats_svc.store import campaigns, figures
from volley_chassis.database import Connection, Pool
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Stream
from volley_chassis.outages import TRANSIENT
from volley_contracts import LiveFigures, VariantsCompared, now

log = structlog.get_logger()


async def publish_live(pool: Pool, stream: Stream, seconds: float) -> None:
    """Publish until cancelled. Every replica runs it; at each tick one of them does the work."""
    paces = Paces()
    while True:
        try:
            await publish_changes(pool, stream, paces)
        except TRANSIENT as error:
            log.warning("live figures wait", error=repr(error))
        await asyncio.sleep(seconds)


async def publish_changes(pool: Pool, stream: Stream, paces: Paces) -> int:
    """Publish what changed and give how many campaigns did. A crash before the commit leaves the changes in place."""
    at = now()
    async with pool.acquire() as connection, connection.transaction():
        if not await campaigns.lead(connection):
            return 0
        changed = await campaigns.take_changes(connection, paces.fading(at))
        if not changed:
            return 0
        events, compared = await _live(connection, changed, paces, at)
        await stream.publish(*events, *compared)
        fault_point("stats.live_published")
    metrics.LIVE.inc(len(events))
    return len(events)


async def _live(
    connection: Connection, changed: Sequence[Row], paces: Paces, at: datetime
) -> tuple[list[LiveFigures], list[VariantsCompared]]:
    rows = defaultdict[UUID, list[Row]](list)
    for row in await figures.figures_of_many(connection, [campaign["campaign_id"] for campaign in changed]):
        rows[row["campaign_id"]].append(row)
    found = [(campaign, rows[campaign["campaign_id"]]) for campaign in changed]
    compared = [samples.compared(campaign["account_id"], campaign["campaign_id"], mine, at) for campaign, mine in found]
    return [_figures(campaign, mine, paces, at) for campaign, mine in found], [one for one in compared if one]


def _figures(campaign: Row, rows: list[Row], paces: Paces, at: datetime) -> LiveFigures:
    counts = of_campaign(campaign, rows)
    settled = counts.submitted + counts.failed + counts.unknown + counts.suppressed + counts.cancelled
    recipients = campaign["recipients"]
    cost, currency, _others = cost_of(rows)
    return LiveFigures(
        account_id=campaign["account_id"],
        campaign_id=campaign["campaign_id"],
        submitted=counts.submitted,
        delivered=counts.delivered,
        undelivered=counts.undelivered,
        failed=counts.failed,
        unknown=counts.unknown,
        suppressed=counts.suppressed,
        cancelled=counts.cancelled,
        clicks_raw=counts.clicks_raw,
        clicks_human=counts.clicks_human,
        clickers=counts.clickers,
        optouts=counts.optouts,
        parts=counts.parts,
        cost=cost,
        currency=currency,
        at=at,
        ctr=rate_of(counts).value,
        name=campaign["name"],
        status=campaign["status"],
        tags=tuple(campaign["tags"]),
        recipients=recipients,
        progress=round(min(settled / recipients, 1), 4) if recipients else None,
        rate=paces.rate(campaign["campaign_id"], counts.submitted, at),
    )
