"""Kafka subscribers of gateway-api: the live stream, in every replica from now on, and the webhooks, once each."""

from collections.abc import Sequence

from gateway_api.handlers.broadcast_live import Hub
from gateway_api.handlers.deliver_webhooks import forget_person, queue_events
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_contracts import (
    AlertRaised,
    AlertResolved,
    CampaignMoved,
    ContactErased,
    Event,
    InboundMessage,
    LiveFigures,
    SuppressionChanged,
    topics,
)


def follow_live(stream: Stream, hub: Hub) -> None:
    stream.broadcast(topics.STATS_LIVE, {LiveFigures: hub.publish})
    stream.broadcast(topics.CAMPAIGN_LIFECYCLE, {CampaignMoved: hub.publish})
    stream.broadcast(topics.ALERTS, {AlertRaised: hub.publish, AlertResolved: hub.publish})


def follow_for_webhooks(stream: Stream, pool: Pool) -> None:
    async def queue(received: Received[Event]) -> None:
        await queue_events(pool, [received])

    async def queue_many(received: Sequence[Received[Event]]) -> None:
        await queue_events(pool, received)

    async def on_erased(received: Received[ContactErased]) -> None:
        await forget_person(pool, received.data)

    stream.subscribe(topics.ALERTS, {AlertRaised: queue, AlertResolved: queue})
    stream.subscribe(topics.CAMPAIGN_LIFECYCLE, {CampaignMoved: queue})
    stream.subscribe(topics.MESSAGE_INBOUND, {InboundMessage: queue})
    stream.subscribe_many(topics.SUPPRESSION_CHANGES, SuppressionChanged, queue_many)
    stream.subscribe(topics.CONTACT_ERASURES, {ContactErased: on_erased})
