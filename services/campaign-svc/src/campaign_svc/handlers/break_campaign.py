"""A campaign stops by itself: too many fail or opt out, no route works, the budget pays for no more."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from campaign_svc.domain import breakers as rules
from campaign_svc.domain.breakers import Limits, Mark, Tripped, Window
from campaign_svc.domain.campaign import Campaign
from campaign_svc.handlers.suspend_campaign import suspend
from campaign_svc.store import breakers, campaigns, progress
from campaign_svc.store.progress import Progress
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import SENDABLE, BudgetReached, LiveFigures, RouteHealth

CONSUMER = "route.health"


async def limits_of(connection: Connection, campaign: Campaign) -> Limits:
    return rules.in_force(campaign.breakers, await breakers.of_account(connection, campaign.account_id))


async def stop_if_too_many_fail(connection: Connection, campaign: Campaign, total: Progress, at: datetime) -> None:
    """After outcomes of a campaign that is sending."""
    now, window = _mark(total), total.window
    if rules.is_news(window, now):
        limits = await limits_of(connection, campaign)
        tripped, slid = rules.failures(window, now, limits), rules.slide(window, now, limits)
        await _stop_or_slide(connection, campaign, tripped, window, slid, at)


async def stop_if_too_many_do_not_arrive(pool: Pool, figures: LiveFigures, told: Progress, *, at: datetime) -> None:
    """After figures that were kept. The campaign is locked only where they can make a difference."""
    if not rules.is_news(told.window.receipts, _receipts(told)):
        return
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.lock_any_status(connection, figures.account_id, figures.campaign_id)
        if campaign is None or campaign.status not in SENDABLE:
            return
        total = await progress.of_one(connection, campaign.id)
        now, window, limits = _receipts(total), total.window, await limits_of(connection, campaign)
        slid = msgspec.structs.replace(window, receipts=rules.slide(window.receipts, now, limits))
        await _stop_or_slide(connection, campaign, rules.undelivered(window, now, limits), window, slid, at)


async def _stop_or_slide(
    connection: Connection, campaign: Campaign, tripped: Tripped | None, window: Window, slid: Window, at: datetime
) -> None:
    """Where it does not stop, the window goes on to what it `slid` to."""
    if tripped:
        await _stop(connection, campaign, tripped, at)
    elif slid != window:
        await breakers.set_window(connection, campaign.id, slid)


async def count_optouts(pool: Pool, *, at: datetime) -> None:
    """Stop campaigns of which too many opt out. Not with the opt-out, which would wait for a campaign that is busy."""
    for account_id, campaign_id in await breakers.with_optouts_to_count(pool):
        async with pool.acquire() as connection, connection.transaction():
            campaign = await campaigns.lock_any_status(connection, account_id, campaign_id)
            seqs = await breakers.take_optouts_to_count(connection, campaign_id)
            if campaign:
                await _stop_if_too_many_opt_out(connection, campaign, seqs, at)


async def _stop_if_too_many_opt_out(
    connection: Connection, campaign: Campaign, seqs: Sequence[int], at: datetime
) -> None:
    window = await breakers.window(connection, campaign.id)
    opted_out = await breakers.add_optouts(connection, campaign.id, seqs, window.first_batch)
    if opted_out is None or campaign.status not in SENDABLE:
        return
    total = await progress.of_one(connection, campaign.id)
    limits = await limits_of(connection, campaign)
    if tripped := rules.optouts(window, opted_out, total.reached, limits):
        await _stop(connection, campaign, tripped, at)


async def follow_routes(pool: Pool, received: Received[RouteHealth], *, at: datetime) -> None:
    """Suspend what is sending to where no route works. What was suspended stays so until a person resumes it."""
    event = received.data
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, CONSUMER, received.id):
            return
        reachable = None if event.reachable is None else list(event.reachable)
        if not await breakers.told(connection, event.account_id, reachable, event.at) or reachable is None:
            return
        for campaign in await campaigns.running_of(connection, event.account_id):
            await stop_if_no_route_works(connection, campaign, at=at)


async def stop_if_no_route_works(connection: Connection, campaign: Campaign, *, at: datetime) -> bool:
    """Whether it was suspended."""
    tripped = await no_route(connection, campaign)
    if tripped:
        await _stop(connection, campaign, tripped, at)
    return tripped is not None


async def no_route(connection: Connection, campaign: Campaign) -> Tripped | None:
    reachable = await breakers.reachable(connection, campaign.account_id)
    if reachable is None or campaign.forecast is None:
        return None
    recipients = {country.country: country.recipients for country in campaign.forecast.countries}
    return rules.route_down(recipients, reachable, await limits_of(connection, campaign))


async def follow_budget(pool: Pool, received: Received[BudgetReached], *, at: datetime) -> None:
    """Suspend a campaign whose budget pays for no more, unless it was raised meanwhile."""
    event = received.data
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.lock_any_status(connection, event.account_id, event.campaign_id)
        if campaign is None or campaign.status not in SENDABLE:
            return
        if campaign.budget_amount is None or campaign.budget_amount >= event.needed:
            return
        total = await progress.of_one(connection, campaign.id)
        await breakers.set_budget_needed(connection, campaign.id, event.needed)
        await _stop(connection, campaign, rules.budget_reached(campaign.budget, event, total.cost), at)


async def stop_if_budget_is_spent(
    connection: Connection, campaign: Campaign, total: Progress, *, at: datetime
) -> Campaign:
    """After outcomes or an edit of the budget: the campaign, suspended if that much was spent."""
    if campaign.budget_amount is None or campaign.status not in SENDABLE:
        return campaign
    if total.cost < campaign.budget_amount:
        return campaign
    return await _stop(connection, campaign, rules.budget_spent(campaign.budget, total.cost), at)


async def budget_that_holds(connection: Connection, campaign: Campaign) -> Tripped | None:
    """Why the budget still pays for nothing."""
    if campaign.budget_amount is None:
        return None
    total = await progress.of_one(connection, campaign.id)
    needed = await breakers.budget_needed(connection, campaign.id)
    if needed is not None and total.cost < needed and campaign.budget_amount < needed:
        return rules.budget_too_low(campaign.budget, needed)
    if total.cost >= campaign.budget_amount:
        return rules.budget_spent(campaign.budget, total.cost)
    return None


async def begin_window(connection: Connection, campaign: Campaign) -> None:
    """A resumed campaign is judged by what comes from now on."""
    total = await progress.of_one(connection, campaign.id)
    window = rules.anew(
        _mark(total), receipts=_receipts(total), reached=total.reached, next_batch=campaign.next_batch_no
    )
    await breakers.begin_window(connection, campaign.id, window)


async def rate_that_holds(connection: Connection, campaign: Campaign) -> Tripped | None:
    """What the rate that suspended the campaign still says, by the limits that hold now."""
    total = await progress.of_one(connection, campaign.id)
    limits = await limits_of(connection, campaign)
    if campaign.code == rules.FAILURE_RATE:
        refused = rules.failures(total.window, _mark(total), limits)
        return refused or rules.undelivered(total.window, _receipts(total), limits)
    if campaign.code == rules.OPTOUT_RATE:
        opted_out = await breakers.optouts(connection, campaign.id)
        return rules.optouts(total.window, opted_out, total.reached, limits)
    return None


def _mark(total: Progress) -> Mark:
    return Mark(total.reached + total.failed, total.failed)


def _receipts(total: Progress) -> Mark:
    return Mark(total.delivered + total.undelivered, total.undelivered)


async def _stop(connection: Connection, campaign: Campaign, tripped: Tripped, at: datetime) -> Campaign:
    return await suspend(connection, campaign, code=tripped.code, sentence=tripped.sentence, at=at)
