"""A campaign moved: its name, status and size are known from now on."""

from stats_svc.store import campaigns
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import CampaignMoved


async def apply_move(pool: Pool, received: Received[CampaignMoved]) -> None:
    """Idempotent by the move's version."""
    async with pool.acquire() as connection:
        await campaigns.apply_move(connection, received.data)
