"""The forecast of a campaign that was edited after it was prepared, made anew for what is still to be sent."""

from datetime import datetime, timedelta

import structlog

from campaign_svc.clients import dispatch, link
from campaign_svc.clients.dispatch import Coverage
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.forecast import Forecast, Other
from campaign_svc.handlers.foresee_others import others_of
from campaign_svc.handlers.prepare_campaign import forecast_of
from campaign_svc.store import campaigns, forecasts, groups
from volley_chassis.database import Connection, Pool

log = structlog.get_logger()
LEASE = timedelta(seconds=10)
"""A forecast that could not be made is tried again so much later."""


async def forecast_next(pool: Pool, peers: Peers, *, at: datetime) -> bool:
    """Make one forecast anew that is stale; whether there was one.

    The campaign is not locked meanwhile: nobody who pauses it waits for this.
    """
    async with pool.acquire() as connection:
        claimed = await forecasts.claim(connection, at, at + LEASE)
        campaign = await campaigns.load(connection, *claimed) if claimed else None
    if claimed is None:
        return False
    try:
        found = [await link.pool(peers, claimed[0], pool_id) for pool_id in (campaign.pools if campaign else ())]
        coverage = await dispatch.coverage(peers, claimed[0])
        pools = [state for state in found if state]
        async with pool.acquire() as connection:
            others = await others_of(connection, peers, campaign, pools, at) if campaign else []
    except UnavailableError as error:
        log.warning("a forecast waits for another service", campaign_id=str(claimed[1]), error=str(error))
        return True
    async with pool.acquire() as connection, connection.transaction():
        if campaign and coverage and (made := await _made(connection, campaign, coverage, pools, others, at)):
            await forecasts.save(connection, campaign.id, made)
        await forecasts.done(connection, claimed[1], at + LEASE)
        await campaigns.wake(connection)
    return True


async def _made(
    connection: Connection,
    campaign: Campaign,
    coverage: Coverage,
    pools: list[PoolState],
    others: list[Other],
    at: datetime,
) -> Forecast | None:
    """None where there is nothing left to be foretold, or no price for it."""
    unfed = [stretch for stretch in await groups.unfed(connection, campaign) if stretch[1]]
    sender = await campaigns.sender(connection, campaign.account_id, campaign.sender_id)
    if campaign.forecast is None or sender is None or not unfed:
        return None
    countries = {country.country: country.recipients for country in campaign.forecast.countries}
    if not countries.keys() <= coverage.prices.keys():
        return None
    return await forecast_of(connection, campaign, sender, coverage, pools, others, countries, unfed, at)
