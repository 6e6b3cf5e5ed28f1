"""A domain pool ran out, or has capacity again: campaigns stop, alerts come and go."""

from datetime import datetime

from campaign_svc.domain import pools
from campaign_svc.domain.campaign import Campaign
from campaign_svc.handlers.move_campaign import move, tell_resolved
from campaign_svc.handlers.suspend_campaign import ACTOR, tell_raised
from campaign_svc.store import alerts, campaigns, forecasts
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import PoolExhausted, PoolRefilled

CONSUMER = "link.pools"


async def pool_exhausted(pool: Pool, received: Received[PoolExhausted], *, at: datetime) -> None:
    """Suspend everything that is sending with URLs of the pool, and raise one alert for the pool."""
    event = received.data
    listed = event.campaign_id is not None
    code, sentence = pools.CODES[event.purpose], pools.exhausted(event.purpose, event.pool_name, listed=listed)
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, CONSUMER, received.id):
            return
        for campaign in await campaigns.running_on_pool(connection, event.account_id, event.pool_id):
            await move(connection, campaign, "suspend", actor=ACTOR, at=at, code=code, sentence=sentence)
        waiting = event.waiting_campaigns
        campaign_id = waiting[0] if len(waiting) == 1 else None
        alert_id = await alerts.raise_for_pool(
            connection,
            event.account_id,
            pool_id=event.pool_id,
            code=code,
            sentence=sentence,
            campaign_id=campaign_id,
            at=at,
        )
        if alert_id:
            await tell_raised(
                connection,
                event.account_id,
                alert_id,
                code,
                sentence,
                at,
                campaign_id=campaign_id,
                pool_id=event.pool_id,
            )


async def pool_refilled(pool: Pool, received: Received[PoolRefilled], *, at: datetime) -> None:
    """The alert is over. Campaigns stay suspended until a person resumes them."""
    event = received.data
    async with pool.acquire() as connection, connection.transaction():
        if await inbox.first_time(connection, CONSUMER, received.id):
            over = await alerts.resolve_pools(connection, event.account_id, [event.pool_id], at)
            await tell_resolved(connection, event.account_id, over, at)
            await forecasts.mark(connection, event.account_id, at, pool_id=event.pool_id)


async def stop_if_pool_is_exhausted(connection: Connection, campaign: Campaign, *, at: datetime) -> bool:
    """A campaign that was launched after its pool ran out heard no event about it. Whether it was suspended."""
    known = await alerts.open_for_pools(connection, campaign.account_id, campaign.pools) if campaign.pools else []
    if not known:
        return False
    code, sentence = known[0].code, known[0].sentence
    await move(connection, campaign, "suspend", actor=ACTOR, at=at, code=code, sentence=sentence)
    return True
