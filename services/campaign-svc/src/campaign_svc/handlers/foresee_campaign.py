"""What processing will make of a draft: its audience and its forecast, of which nothing is kept."""

from datetime import datetime

from campaign_svc.clients.internal import Peers
from campaign_svc.domain.campaign import Campaign
from campaign_svc.handlers.prepare_campaign import prepare
from volley_chassis.database import Pool


async def foresee_campaign(pool: Pool, peers: Peers, campaign: Campaign, *, at: datetime) -> Campaign:
    """A complete draft as processing would prepare it now. Raises UnpreparableError, UnavailableError.

    It is prepared for real, in a transaction that is rolled back: exact, and a matter of seconds for a million people.
    """
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            return await prepare(connection, peers, campaign, at)
        finally:
            await transaction.rollback()
