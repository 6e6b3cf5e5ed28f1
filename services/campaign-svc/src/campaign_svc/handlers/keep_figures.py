"""Figures of stats-svc: kept beside the campaign, so that lists can show the click rate and be sorted by it."""

from campaign_svc.store import progress
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import LiveFigures


async def keep_figures(pool: Pool, received: Received[LiveFigures]) -> None:
    """Idempotent by the figures' time."""
    async with pool.acquire() as connection:
        await progress.keep_figures(connection, received.data)
