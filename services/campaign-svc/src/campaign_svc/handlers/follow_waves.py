"""Waves begin one after the other: when it is time, when a test has its winner, or when a person says so."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from campaign_svc.domain import trial, waves
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.lifecycle import LAUNCHED, IllegalMoveError
from campaign_svc.domain.trial import Ending
from campaign_svc.handlers.move_campaign import lock, move
from campaign_svc.handlers.suspend_campaign import ACTOR
from campaign_svc.store import batches, campaigns, forecasts, progress
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import VariantsCompared

DUE = "wave_due"


class NoNextWaveError(Exception):
    """Everybody has had their turn, or will have it in the wave that is under way."""


async def in_turn(connection: Connection, campaign: Campaign, *, at: datetime) -> Campaign | None:
    """The locked campaign, with its next wave begun if it is time; None while it waits for that."""
    planned = campaign.planned_waves
    share = waves.share_of(planned, campaign.wave)
    if campaign.wave >= len(planned) or campaign.next_seq < waves.portion(0, campaign.recipients or 0, share):
        return campaign
    sent_at = campaign.wave_sent_at
    if sent_at is None:
        if (await progress.of_one(connection, campaign.id)).settled < campaign.next_seq:
            return None
        sent_at = at
    ending, look_again = await _ending(connection, campaign, sent_at, at)
    if ending is None:
        await campaigns.wave_sent(connection, campaign.id, sent_at, look_again)
        return None
    if ending.variant is not None:
        campaign = _only(campaign, ending.variant)
    return await begin_next(connection, campaign, actor=ACTOR, at=at, code=ending.code, sentence=ending.sentence)


async def _ending(
    connection: Connection, campaign: Campaign, sent_at: datetime, at: datetime
) -> tuple[Ending | None, datetime]:
    """Why the next wave begins now, or None; and when to look again."""
    if campaign.winner and campaign.is_testing:
        found = trial.ending(
            campaign.winner,
            (await progress.of_one(connection, campaign.id)).comparison,
            variants=len(campaign.variants),
            same_texts=not await batches.of_other_texts(connection, campaign.id, campaign.content_hash),
            sent_at=sent_at,
            at=at,
        )
        return found, trial.look_again(campaign.winner, sent_at=sent_at, at=at)
    wait = campaign.planned_waves[campaign.wave].wait_minutes
    due = sent_at + timedelta(minutes=wait)
    return Ending(DUE, f"{wait} minutes have passed.") if at >= due else None, due


def _only(campaign: Campaign, variant: int) -> Campaign:
    """The campaign whose rest gets one variant."""
    ratios = trial.only([one.ratio for one in campaign.variants], variant)
    dealt = [msgspec.structs.replace(one, ratio=ratio) for one, ratio in zip(campaign.variants, ratios, strict=True)]
    return msgspec.structs.replace(campaign, variants=tuple(dealt), redealt=True)


async def begin_next(
    connection: Connection, campaign: Campaign, *, actor: str, at: datetime, code: str, sentence: str
) -> Campaign:
    """The locked and launched campaign, saved, with its next wave under way. What is not due was not forecast so."""
    if code != DUE:
        await forecasts.mark(connection, campaign.account_id, at, campaign_id=campaign.id)
    begun = msgspec.structs.replace(campaign, wave=campaign.wave + 1, wave_sent_at=None, feed_after=None)
    return await move(connection, begun, "next_wave", actor=actor, at=at, code=code, sentence=sentence)


async def let_next_wave_begin(pool: Pool, caller: Caller, campaign_id: UUID, *, at: datetime) -> Campaign:
    """A person does not want to wait. Raises NoSuchCampaignError, IllegalMoveError, NoNextWaveError."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        if campaign.status not in LAUNCHED:
            raise IllegalMoveError(campaign.status, "next_wave")
        if campaign.wave >= len(campaign.planned_waves):
            raise NoNextWaveError
        sentence = "The next wave was not waited for."
        return await begin_next(connection, campaign, actor=caller.actor, at=at, code="by_hand", sentence=sentence)


async def follow_comparison(pool: Pool, received: Received[VariantsCompared]) -> None:
    """Keep what is said of a test. Idempotent by the time at which it was said; whoever feeds decides."""
    event = received.data
    async with pool.acquire() as connection, connection.transaction():
        if event.verdict == "winner":
            await campaigns.look_at_test(connection, event.campaign_id)
        if await progress.keep_comparison(connection, event) and event.verdict == "winner":
            await campaigns.wake(connection)
