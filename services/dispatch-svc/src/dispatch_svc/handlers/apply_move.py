"""A campaign moved: what may be sent changes within milliseconds, in every replica."""

from dispatch_svc.store import campaigns
from volley_chassis.database import Pool
from volley_contracts import CampaignMoved


async def apply_move(pool: Pool, moved: CampaignMoved) -> None:
    async with pool.acquire() as connection:
        await campaigns.move(connection, moved)
