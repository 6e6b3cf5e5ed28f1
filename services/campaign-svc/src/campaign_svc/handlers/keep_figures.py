"""Figures of stats-svc: kept beside the campaign, for lists to show and sort by, and for the failure rate."""

from datetime import datetime

from campaign_svc.handlers import break_campaign
from campaign_svc.store import progress
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import LiveFigures


async def keep_figures(pool: Pool, received: Received[LiveFigures], *, at: datetime) -> None:
    """Idempotent by the figures' time."""
    kept = await progress.keep_figures(pool, received.data)
    if kept:
        await break_campaign.stop_if_too_many_do_not_arrive(pool, received.data, kept, at=at)
