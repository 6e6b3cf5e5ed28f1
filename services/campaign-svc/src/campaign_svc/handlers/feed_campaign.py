"""Feeds a campaign's recipients into batches, as far as its credit goes, and publishes what was recorded."""

from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec
import structlog

from campaign_svc.config import SERVICE
from campaign_svc.domain import credit, waves
from campaign_svc.domain.audience import thresholds
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.credit import Grant
from campaign_svc.domain.draft_content import LANGUAGE
from campaign_svc.domain.hours import Hours, first_stretches, openings
from campaign_svc.handlers import break_campaign
from campaign_svc.handlers.follow_pool import stop_if_pool_is_exhausted
from campaign_svc.handlers.follow_waves import in_turn
from campaign_svc.metrics import BATCHES, RECIPIENTS
from campaign_svc.store import batches, campaigns, groups, recipients
from volley_chassis.database import Connection, Pool
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Record, Stream, record_of
from volley_contracts import CampaignBatch, Content, NamedLink, Sender, Stretch
from volley_sms import compile_template, of_contacts

log = structlog.get_logger()
STRETCHES = 60
"""Days with hours that a batch waits for, at most."""
PUBLISH_AT_ONCE = 5
"""Batches in memory at a time: 15,000 recipients at most."""


async def feed_campaigns(pool: Pool, *, at: datetime) -> None:
    """Record batches for every campaign that has credit and recipients left."""
    async with pool.acquire() as connection:
        waiting = await campaigns.to_feed(connection, at)
    for campaign_id in waiting:
        try:
            await feed_campaign(pool, campaign_id, at=at)
        except Exception:  # one broken campaign must not stop the others
            log.exception("campaign could not be fed", campaign_id=str(campaign_id))


async def feed_campaign(pool: Pool, campaign_id: UUID, *, at: datetime) -> int:
    """How many recipients were put into batches; 0 also while another feeder has the campaign."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.lock_to_feed(connection, campaign_id)
        campaign = campaign and await in_turn(connection, campaign, at=at)
        if campaign is None or await _is_stopped(connection, campaign, at):
            return 0
        granted = await _grant(connection, campaign, at)
        if granted.batches:
            await _record_batches(connection, campaign, granted)
        elif granted.feed_after:
            await campaigns.wait_until(connection, campaign_id, granted.feed_after)
        fed = granted.recipients
        RECIPIENTS.inc(fed)
    fault_point("campaign.batches_recorded")
    return fed


async def _is_stopped(connection: Connection, campaign: Campaign, at: datetime) -> bool:
    """A campaign that was launched after its pool ran out, or its routes went down, heard no event about it."""
    return await stop_if_pool_is_exhausted(connection, campaign, at=at) or await break_campaign.stop_if_no_route_works(
        connection, campaign, at=at
    )


async def _record_batches(connection: Connection, campaign: Campaign, granted: Grant) -> None:
    if campaign.redealt:
        dealt = thresholds([variant.ratio for variant in campaign.variants])
        fed = [(batch.first_seq, batch.count) for batch in granted.batches]
        await recipients.split(connection, campaign.id, fed, thresholds=dealt)
    await batches.add(connection, campaign, granted.batches)
    await groups.advance(connection, campaign.id, granted.fed_of_groups)
    await campaigns.advance(
        connection,
        campaign.id,
        next_batch_no=granted.batches[-1].batch_no + 1,
        next_seq=campaign.next_seq + granted.recipients,
        feed_after=granted.feed_after,
    )


async def _grant(connection: Connection, campaign: Campaign, at: datetime) -> Grant:
    sender = await campaigns.sender(connection, campaign.account_id, campaign.sender_id)
    assert sender is not None, "the sender of an active campaign cannot be deleted"
    share = waves.share_of(campaign.planned_waves, campaign.wave)
    most = waves.portion(0, campaign.recipients or 0, share) - campaign.next_seq
    ready = credit.Ready(
        next_batch_no=campaign.next_batch_no,
        most=most,
        parts_per_second=sender.parts_per_second,
        cap=campaign.max_parts_per_second,
        typical_parts=campaign.typical_parts,
        feed_after=campaign.feed_after,
    )
    found = await groups.of_campaign(connection, campaign.id) if campaign.hours else []
    found = waves.of_groups(found, share)
    if not (campaign.hours and found):
        return credit.grant(
            ready,
            next_seq=campaign.next_seq,
            outstanding=await batches.outstanding(connection, campaign.id),
            at=at,
        )
    open_ = openings(campaign.hours, found, at)
    if not open_.now:
        return Grant([], open_.next)
    return credit.grant_groups(
        ready, open_.now, outstanding=await groups.outstanding(connection, campaign.id, open_.now), at=at
    )


async def publish_recorded(pool: Pool, stream: Stream) -> bool:
    """Publish some batches that are recorded and not yet marked as published; whether there were any.

    A crash before the mark publishes them again, identical: the recipients of a batch never change.
    """
    async with pool.acquire() as connection, connection.transaction():
        rows = await batches.unpublished(connection, PUBLISH_AT_ONCE)
        if not rows:
            return False
        records = [await _record(connection, row) for row in rows]
        await stream.publish_raw([(r.topic, r.key, r.value, r.headers) for r in records])
        fault_point("campaign.batches_published")
        await batches.mark_published(connection, [(row["campaign_id"], row["batch_no"]) for row in rows])
        BATCHES.inc(len(rows))
        return True


async def _record(connection: Connection, row: asyncpg.Record) -> Record:
    links = msgspec.convert(row["links"], tuple[NamedLink, ...])
    targets = (row["target_url"] or "", *(link.target_url for link in links))
    templates = [compile_template(text) for text in (*row["texts"], *targets)]
    fields = sorted(of_contacts(field for template in templates for field in template.fields))
    event = CampaignBatch(
        account_id=row["account_id"],
        campaign_id=row["campaign_id"],
        batch_no=row["batch_no"],
        first_seq=row["first_seq"],
        sender=Sender(
            id=row["sender_id"],
            address=row["address"],
            kind=row["kind"],
            parts_per_second=row["parts_per_second"],
            version=row["sender_version"],
        ),
        content=Content(
            variants=tuple(row["texts"]),
            target_url=row["target_url"],
            hash=row["content_hash"],
            version=row["content_version"],
            transliterate=row["transliterate"],
            links=links,
        ),
        sendable=_sendable(row),
        recipients=await recipients.stretch(
            connection,
            row["campaign_id"],
            row["first_seq"],
            row["count"],
            fields,
            language=LANGUAGE if row["has_languages"] else None,
        ),
        expires_at=row["expires_at"],
        validity_s=row["validity_s"],
        short_pool_id=row["short_pool_id"],
        links_expire_after=row["links_expire_after"],
        optout_pool_id=row["optout_pool_id"],
    )
    return record_of(event, source=SERVICE, id=f"{event.campaign_id}:{event.batch_no}")


def _sendable(row: asyncpg.Record) -> tuple[Stretch, ...]:
    """Worked out from when the batch was recorded, so that one that is published again is the same."""
    if not (row["hours"] and row["zones"]):
        return ()
    hours = msgspec.convert(row["hours"], Hours)
    return first_stretches(hours, row["zones"], row["created_at"], STRETCHES, row["country"])
