"""A campaign moved or was renamed: its name, tags, status and size are known from now on."""

from stats_svc.store import campaigns
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import CampaignEdited, CampaignMoved


async def apply_move(pool: Pool, received: Received[CampaignMoved]) -> None:
    """Idempotent by the move's version."""
    async with pool.acquire() as connection:
        await campaigns.apply_move(connection, received.data)


async def apply_edit(pool: Pool, received: Received[CampaignEdited]) -> None:
    """Idempotent by the edit's time."""
    async with pool.acquire() as connection:
        await campaigns.apply_edit(connection, received.data)
