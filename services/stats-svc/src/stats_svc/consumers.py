"""Kafka subscribers of stats-svc."""

from functools import partial

from stats_svc.handlers.apply_move import apply_edit, apply_move
from stats_svc.handlers.count_event import count_clicks, count_event, count_optout
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import (
    CampaignEdited,
    CampaignMoved,
    Clicks,
    DomainClicks,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
    Replied,
    SuppressionChanged,
    topics,
)


def subscribe(stream: Stream, pool: Pool) -> None:
    count = partial(count_event, pool)
    stream.subscribe(topics.MESSAGE_OUTCOMES, {MessageOutcomes: count, MessageOutcomesRevised: count})
    stream.subscribe(topics.MESSAGE_RECEIPTS, {MessageReceipts: count})
    stream.subscribe(topics.LINK_CLICKS, {DomainClicks: partial(count_clicks, pool), Clicks: count})
    stream.subscribe(topics.LINK_OPTOUTS, {OptedOut: count})
    stream.subscribe(topics.CAMPAIGN_REPLIES, {Replied: count})
    stream.subscribe(topics.SUPPRESSION_CHANGES, {SuppressionChanged: partial(count_optout, pool)})
    stream.subscribe(
        topics.CAMPAIGN_LIFECYCLE,
        {CampaignMoved: partial(apply_move, pool), CampaignEdited: partial(apply_edit, pool)},
    )
