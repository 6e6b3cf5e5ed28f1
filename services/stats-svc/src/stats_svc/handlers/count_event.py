"""Counting: every event adds its tally once, whatever came before it and however often it comes."""

from collections.abc import Sequence
from typing import Any

from stats_svc import metrics
from stats_svc.domain import tally
from stats_svc.domain.tally import Optout, Tally
from stats_svc.store import campaigns, clicks, figures
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import (
    Clicks,
    DomainClicks,
    MessageOutcomes,
    MessageReceipts,
    OptedOut,
    Replied,
    SuppressionChanged,
    by_campaign,
    is_aside,
)

CONSUMER = "figures"
Countable = MessageOutcomes | MessageReceipts | Clicks | OptedOut | Replied
Part = Countable | Optout
"""What is of one campaign."""


async def count_event(pool: Pool, received: Received[Countable]) -> None:
    """Add what the event says to the figures of its campaign, once."""
    await _count(pool, received, [received.data])


async def count_clicks(pool: Pool, received: Received[DomainClicks]) -> None:
    """Add the clicks to the figures of their campaigns, once."""
    await _count(pool, received, by_campaign(received.data))


async def count_optout(pool: Pool, received: Received[SuppressionChanged]) -> None:
    """Add the opt-out to the figures of the campaign that brought it about, once a recipient, whatever the way."""
    optout = tally.optout_of(received.data)
    if optout is not None:
        await _count(pool, received, [optout])


async def _count(pool: Pool, received: Received[Any], parts: Sequence[Part]) -> None:
    parts = [part for part in parts if not is_aside(part.campaign_id)]  # an account tried texts on its own numbers
    if not parts:
        return
    name = type(received.data).__name__
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, CONSUMER, received.id):
            metrics.REPEATED.labels(name).inc()
            return
        for part in parts:
            await campaigns.note_change(connection, part.campaign_id, part.account_id)
            await figures.add(connection, part.campaign_id, part.account_id, await _tally(connection, part))
    metrics.COUNTED.labels(name).inc()


async def _tally(connection: Connection, event: Part) -> Tally:
    match event:
        case MessageOutcomes():
            return tally.of_outcomes(event)
        case MessageReceipts():
            return tally.of_receipts(event)
        case Clicks():
            return await _keep_clicks(connection, event)
        case OptedOut():
            first = await clicks.add_press(connection, event.campaign_id, event.seq)
            return tally.of_press(event) if first else Tally()
        case Replied():
            return tally.of_reply(event)
        case Optout():
            first = await clicks.add_optout(connection, event.campaign_id, event.seq)
            return tally.of_optout(event) if first else Tally()


async def _keep_clicks(connection: Connection, event: Clicks) -> Tally:
    await clicks.keep(connection, event)
    new = await clicks.add_clickers(connection, event.campaign_id, tally.first_clicks(event))
    return tally.of_clicks(event, new)
