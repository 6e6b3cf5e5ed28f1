"""What became of recipients: counted once, credit given back, and the campaign moved on."""

from collections import Counter
from datetime import datetime
from decimal import Decimal

import msgspec
import structlog

from campaign_svc.domain import lifecycle
from campaign_svc.domain.campaign import Campaign
from campaign_svc.handlers import break_campaign
from campaign_svc.handlers.move_campaign import move
from campaign_svc.handlers.suspend_campaign import ACTOR
from campaign_svc.metrics import OUTCOMES
from campaign_svc.store import batches, campaigns, conversations, progress, test_sends
from campaign_svc.store.progress import Progress
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import SENDABLE, MessageOutcomes, MessageOutcomesRevised, Outcome, is_aside

log = structlog.get_logger()
CONSUMER = "message.outcomes"


async def settle_outcomes(pool: Pool, received: Received[MessageOutcomes], *, at: datetime) -> None:
    """Count the outcomes of some recipients of a batch."""
    event = received.data
    if is_aside(event.campaign_id):
        await _record_aside(pool, event)
        return
    counts: Counter[Outcome] = Counter(event.outcomes)
    async with pool.acquire() as connection, connection.transaction():
        campaign = await _locked_once(connection, received)
        if campaign is None:
            return
        complete = await batches.settle(connection, campaign.id, event.batch_no, len(event.seqs))
        total = await _count(connection, event, counts)
        campaign = await _note_handover(connection, campaign, counts, at)
        await _move_on(connection, campaign, total, at)
        if complete:
            await campaigns.wake(connection)
    for outcome, count in counts.items():
        OUTCOMES.labels(outcome).inc(count)


async def revise_outcomes(pool: Pool, received: Received[MessageOutcomesRevised], *, at: datetime) -> None:
    """Messages that were counted as unknown are now known."""
    event = received.data
    if is_aside(event.campaign_id):
        await _record_aside(pool, event)
        return
    counts: Counter[Outcome] = Counter(event.outcomes)
    counts["unknown"] -= len(event.seqs)
    async with pool.acquire() as connection, connection.transaction():
        campaign = await _locked_once(connection, received)
        if campaign is not None:
            await _move_on(connection, campaign, await _count(connection, event, counts), at)


async def _locked_once(
    connection: Connection, received: Received[MessageOutcomes] | Received[MessageOutcomesRevised]
) -> Campaign | None:
    """The campaign, locked; None if the event was counted already, or speaks of no campaign of ours."""
    event = received.data
    campaign = await campaigns.lock_any_status(connection, event.account_id, event.campaign_id)
    if campaign is None:
        log.warning("outcomes of an unknown campaign", campaign_id=str(event.campaign_id))
        return None
    return campaign if await inbox.first_time(connection, CONSUMER, received.id) else None


async def _count(connection: Connection, event: MessageOutcomes, counts: Counter[Outcome]) -> Progress:
    return await progress.add(
        connection,
        event.campaign_id,
        counts,
        parts=sum(event.parts),
        cost=sum(event.costs, Decimal(0)),
        currency=event.currency,
        at=event.at,
    )


async def _note_handover(
    connection: Connection, campaign: Campaign, counts: Counter[Outcome], at: datetime
) -> Campaign:
    """The first message that a provider has, or may have, makes the campaign `sending`."""
    if campaign.handed_over or not (counts["submitted"] or counts["unknown"]):
        return campaign
    if campaign.status == "started":
        return await move(connection, campaign, "first_handed_over", actor=ACTOR, at=at)
    await campaigns.note_handover(connection, campaign.id)
    return msgspec.structs.replace(campaign, handed_over=True)


async def _move_on(connection: Connection, campaign: Campaign, total: Progress, at: datetime) -> None:
    """Finished when everybody has an outcome; suspended when the budget is used up, or too many fail."""
    if total.settled == campaign.recipients and campaign.status in lifecycle.LAUNCHED:
        await move(connection, campaign, "finish", actor=ACTOR, at=at)
        return
    campaign = await break_campaign.stop_if_budget_is_spent(connection, campaign, total, at=at)
    if campaign.status in SENDABLE:
        await break_campaign.stop_if_too_many_fail(connection, campaign, total, at)


async def _record_aside(pool: Pool, event: MessageOutcomes) -> None:
    """A test or an answer: whichever has the id takes it."""
    async with pool.acquire() as connection, connection.transaction():
        await test_sends.record(connection, event)
        await conversations.record(connection, event)
