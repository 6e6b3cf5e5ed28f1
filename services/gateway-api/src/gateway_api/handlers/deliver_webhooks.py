"""Events on their way to webhooks: queued once each, signed (Standard Webhooks), posted until they are taken."""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

import aiohttp
import structlog
from standardwebhooks import Webhook as Signer

from gateway_api.clients.outside import Posted, post
from gateway_api.domain.webhooks import GONE, pause_after
from gateway_api.handlers.edit_webhooks import envelope
from gateway_api.metrics import WEBHOOK_POSTS
from gateway_api.store import deliveries, webhooks
from gateway_api.store.deliveries import Attempt, Due, NewDelivery, Status
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_chassis.outages import TRANSIENT
from volley_contracts import ContactErased, Event, InboundMessage, SuppressionChanged, now

log = structlog.get_logger()
POLL_SECONDS = 1.0
MOST_AT_ONCE = 64
SHARE = 16
"""Posts that an account begins at once, and with which it begins no more."""


async def queue_events(pool: Pool, received: Sequence[Received[Event]]) -> None:
    """For the webhooks of the events' accounts that asked for their types. One statement, however many: a long list of
    suppressions must not hold up those that people ask for.
    """
    await deliveries.add_for_all(pool, [_new_delivery(one) for one in received])


def _new_delivery(one: Received[Event]) -> NewDelivery:
    body = envelope(one.type, one.time, one.data)
    return NewDelivery(one.data.account_id, one.id, one.type, body, number_in(one.data))


def number_in(event: Event) -> str | None:
    """The number of the person whom the event is about."""
    if isinstance(event, InboundMessage):
        return event.from_number
    return event.number if isinstance(event, SuppressionChanged) else None


async def forget_person(pool: Pool, erased: ContactErased) -> None:
    """Once the erasure is complete: from the log of what was posted, and from what still is to be."""
    if erased.complete:
        await deliveries.forget_number(pool, erased.account_id, erased.number, erased.at)


async def deliver_webhooks(pool: Pool, session: aiohttp.ClientSession) -> None:
    """Post what is due, until cancelled. Safe in every replica: a delivery is claimed before it is posted."""
    posting: dict[asyncio.Task[None], Due] = {}
    async with asyncio.TaskGroup() as group:
        while True:
            for due in await _claim(pool, posting.values()):
                task = group.create_task(deliver(pool, session, due))
                posting[task] = due
                task.add_done_callback(posting.__delitem__)
            await asyncio.sleep(POLL_SECONDS)


async def _claim(pool: Pool, posting: Collection[Due]) -> list[Due]:
    busy = {due.webhook_id for due in posting}
    sated = [account for account, posts in Counter(due.account_id for due in posting).items() if posts >= SHARE]
    try:
        return await deliveries.claim(pool, MOST_AT_ONCE - len(posting), webhooks=busy, accounts=sated, share=SHARE)
    except TRANSIENT as error:
        log.warning("webhooks are posted later", error=repr(error))
        return []


async def deliver(pool: Pool, session: aiohttp.ClientSession, due: Due) -> None:
    """Post one and note what came of it. If that cannot be noted it is posted again: receivers go by webhook-id."""
    at = now()
    posted = await post(session, due.url, due.body, _signed(due, at))
    WEBHOOK_POSTS.labels("taken" if posted.taken else "failed").inc()
    status, next_at = verdict(posted, due.tried + 1, at)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await deliveries.settle(
                connection, due.id, status, next_at, Attempt(at, posted.status, posted.error, posted.took_ms)
            )
            if posted.status == GONE:
                await webhooks.pause(connection, due.webhook_id, "The receiver answered 410: it is gone for good.")
    except TRANSIENT as error:
        log.warning("a webhook will be posted again", delivery=str(due.id), error=repr(error))


def verdict(posted: Posted, tried: int, at: datetime) -> tuple[Status, datetime | None]:
    """The delivery's status after its post number `tried`, and when the next follows."""
    if posted.taken:
        return "delivered", None
    pause = pause_after(tried)
    return ("pending", at + pause) if pause and posted.status != GONE else ("failed", None)


def _signed(due: Due, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; during a rotation a signature by each secret."""
    secrets = [due.secret, *([due.previous_secret] if due.previous_secret else [])]
    signatures = [Signer(secret).sign(due.event_id, at, due.body) for secret in secrets]
    return {
        "webhook-id": due.event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
