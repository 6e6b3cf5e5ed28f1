"""A person resumes a campaign, if what stopped it is over."""

from datetime import datetime
from uuid import UUID

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers
from campaign_svc.domain import pools
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.lifecycle import MOVES, CauseHoldsError
from campaign_svc.handlers.move_campaign import lock, move, tell_resolved
from campaign_svc.store import alerts, campaigns, progress
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller


async def resume_campaign(pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, *, at: datetime) -> Campaign:
    """Raises NoSuchCampaignError, IllegalMoveError, CauseHoldsError, UnavailableError."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        known = await alerts.open_for_pools(connection, caller.account_id, campaign.pools)
    # Asked outside the transaction, so that nothing waits for the network with a row locked.
    for alert in known:
        assert alert.pool_id is not None
        await _require_capacity(peers, caller.account_id, alert.pool_id, alert.code, alert.sentence)
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        await _require_budget(connection, campaign)
        moved = await move(connection, campaign, "resume", actor=caller.actor, at=at)
        # Their capacity was seen just now; the event that says so may still be on its way.
        seen = [alert.pool_id for alert in known if alert.pool_id]
        over = await alerts.resolve_pools(connection, caller.account_id, seen, at)
        await tell_resolved(connection, caller.account_id, over, at)
        return moved


async def _require_capacity(peers: Peers, account_id: UUID, pool_id: UUID, code: str, sentence: str) -> None:
    state = await link.pool(peers, account_id, pool_id)
    if state is None:
        raise CauseHoldsError(code, sentence, pools.GONE)
    if state.remaining <= 0:
        raise CauseHoldsError(code, sentence, pools.MISSING)


async def _require_budget(connection: Connection, campaign: Campaign) -> None:
    if campaign.budget_amount is None or campaign.status not in MOVES["resume"].sources:
        return
    cost = (await progress.of_one(connection, campaign.id)).cost
    if cost >= campaign.budget_amount:
        sentence = f"The budget of {campaign.budget_amount} {campaign.budget_currency} is used up."
        raise CauseHoldsError("budget_exhausted", sentence, f"{cost} was spent: raise the budget.")
