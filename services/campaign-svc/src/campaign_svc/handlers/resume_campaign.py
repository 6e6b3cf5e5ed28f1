"""A person resumes a campaign, if what stopped it is over."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers
from campaign_svc.domain import pools
from campaign_svc.domain.breakers import RateCode, Tripped
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.lifecycle import MOVES, CauseHoldsError, IllegalMoveError
from campaign_svc.handlers import break_campaign
from campaign_svc.handlers.move_campaign import lock, move, tell_resolved
from campaign_svc.store import alerts, batches, campaigns
from campaign_svc.store.alerts import Alert
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller


async def resume_campaign(
    pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, *, accept: RateCode | None = None, at: datetime
) -> Campaign:
    """`accept` is a rate that the caller goes on with although it is still too high.

    Raises NoSuchCampaignError, IllegalMoveError, CauseHoldsError, UnavailableError.
    """
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        if campaign.status not in MOVES["resume"].sources:
            raise IllegalMoveError(campaign.status, "resume")
        known = await alerts.open_for_pools(connection, caller.account_id, campaign.pools)
        feeding = await _is_feeding(connection, campaign)
    # Asked outside the transaction, so that nothing waits for the network with a row locked.
    for pool_id, (code, sentence) in _causes(campaign, known).items():
        state = await link.pool(peers, caller.account_id, pool_id)
        missing = pools.GONE if state is None else pools.missing(state, feeding=feeding)
        if missing:
            raise CauseHoldsError(code, sentence, missing)
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        accepted = None
        if campaign.status in MOVES["resume"].sources:
            await _require_budget(connection, campaign)
            await _require_routes(connection, campaign)
            accepted = await _require_rate(connection, campaign, accept)
        moved = await move(
            connection,
            campaign,
            "resume",
            actor=caller.actor,
            at=at,
            code=accepted.code if accepted else None,
            sentence=f"Accepted: {accepted.sentence}" if accepted else None,
        )
        await break_campaign.begin_window(connection, moved)
        # Their capacity was seen just now; the event that says so may still be on its way.
        seen = [alert.pool_id for alert in known if alert.pool_id]
        over = await alerts.resolve_pools(connection, caller.account_id, seen, at)
        await tell_resolved(connection, caller.account_id, over, at)
        return moved


async def _is_feeding(connection: Connection, campaign: Campaign) -> bool:
    """Whether there are recipients that link-svc has not heard of."""
    fed = campaign.next_seq >= (campaign.recipients or 0)
    return not fed or await batches.any_unpublished(connection, campaign.id)


def _causes(campaign: Campaign, known: Sequence[Alert]) -> dict[UUID, tuple[str, str]]:
    """The pools to ask about, with code and sentence: those with an open alert, and the one that stopped the campaign.

    Its alert may be over although the pool has nothing left: what waited was served, and used up what was added.
    """
    causes = {alert.pool_id: (alert.code, alert.sentence) for alert in known if alert.pool_id}
    mine = {pools.CODES["short"]: campaign.short_pool_id, pools.CODES["optout"]: campaign.optout_pool_id}
    if campaign.status == "suspended" and campaign.code and (pool_id := mine.get(campaign.code)):
        causes.setdefault(pool_id, (campaign.code, campaign.sentence or ""))
    return causes


async def _require_budget(connection: Connection, campaign: Campaign) -> None:
    if tripped := await break_campaign.budget_that_holds(connection, campaign):
        raise CauseHoldsError(tripped.code, tripped.sentence, "A higher budget, or none.")


async def _require_routes(connection: Connection, campaign: Campaign) -> None:
    if tripped := await break_campaign.no_route(connection, campaign):
        raise CauseHoldsError(tripped.code, tripped.sentence, "Wait for a route to work again, or add one.")


async def _require_rate(connection: Connection, campaign: Campaign, accept: RateCode | None) -> Tripped | None:
    """The rate that is still too high, and accepted."""
    tripped = await break_campaign.rate_that_holds(connection, campaign)
    if tripped and tripped.code != accept:
        missing = f'Mend what causes it and resume with {{"accept": "{tripped.code}"}}, or raise the limit.'
        raise CauseHoldsError(tripped.code, tripped.sentence, missing)
    return tripped
