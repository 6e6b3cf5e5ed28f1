"""Drops what waits of a campaign that has ended. Of one that finished nothing does; that it has ended is noted."""

from link_svc.store import domains, waiting
from volley_chassis.database import Pool
from volley_contracts import CampaignMoved

ENDED = frozenset({"finished", "aborted", "deleted"})


async def end_campaign(pool: Pool, moved: CampaignMoved) -> int:
    """Gives the messages that were dropped."""
    if moved.status_to not in ENDED:
        return 0
    async with pool.acquire() as connection, connection.transaction():
        dropped = await waiting.end_campaign(connection, moved.campaign_id)
        await domains.tell_capacity(connection)  # others in the queue may have waited behind it alone
        return dropped
