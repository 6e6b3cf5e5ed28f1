"""Kafka subscribers of gateway-api: the live stream, from now on, in every replica."""

from gateway_api.handlers.broadcast_live import Hub
from volley_chassis.kafka import Stream
from volley_contracts import AlertRaised, AlertResolved, CampaignMoved, LiveFigures, topics


def subscribe(stream: Stream, hub: Hub) -> None:
    stream.broadcast(topics.STATS_LIVE, {LiveFigures: hub.publish})
    stream.broadcast(topics.CAMPAIGN_LIFECYCLE, {CampaignMoved: hub.publish})
    stream.broadcast(topics.ALERTS, {AlertRaised: hub.publish, AlertResolved: hub.publish})
