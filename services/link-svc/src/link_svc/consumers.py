"""Kafka subscribers: batches get their links, unsent messages give capacity back, ended campaigns stop waiting."""

from link_svc import metrics
from link_svc.config import LinkSettings
from link_svc.domain.linking import event_id, linked
from link_svc.domain.slugs import Keys
from link_svc.handlers.end_campaign import end_campaign
from link_svc.handlers.forget_contact import forget_contact
from link_svc.handlers.give_back import give_back
from link_svc.handlers.take_batch import take_batch
from volley_chassis.database import Pool
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Received, Stream
from volley_contracts import (
    CampaignBatch,
    CampaignMoved,
    ContactErased,
    MessageOutcomes,
    MessageOutcomesRevised,
    now,
    topics,
)


def subscribe(stream: Stream, pool: Pool, settings: LinkSettings, keys: Keys) -> None:
    """Subscribe to everything that the worker consumes."""

    async def on_batch(received: Received[CampaignBatch]) -> None:
        batch = received.data
        pieces = await take_batch(pool, batch, keys, at=now(), keep=settings.keep)
        fault_point("link.batch_recorded")
        for piece in pieces:
            event = linked(batch, piece, keys.of)
            await stream.publish(event, id=event_id(batch.campaign_id, piece.first_seq))
            metrics.LINKED.inc(piece.count)
            fault_point("link.piece_published")

    async def on_outcomes(received: Received[MessageOutcomes]) -> None:
        metrics.GIVEN_BACK.inc(await give_back(pool, received.id, received.data))

    async def on_moved(received: Received[CampaignMoved]) -> None:
        metrics.DROPPED.inc(await end_campaign(pool, received.data))

    async def on_erased(received: Received[ContactErased]) -> None:
        await forget_contact(pool, received.data)

    stream.subscribe(topics.CAMPAIGN_BATCHES, {CampaignBatch: on_batch})
    stream.subscribe(topics.MESSAGE_OUTCOMES, {MessageOutcomes: on_outcomes, MessageOutcomesRevised: on_outcomes})
    stream.subscribe(topics.CAMPAIGN_LIFECYCLE, {CampaignMoved: on_moved})
    stream.subscribe(topics.CONTACT_ERASURES, {ContactErased: on_erased})
