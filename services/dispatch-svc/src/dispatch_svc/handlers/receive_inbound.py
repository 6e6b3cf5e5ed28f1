"""A message from a phone: stored once; STOP holds from this transaction on; campaign-svc hears of it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch_svc import metrics
from dispatch_svc.domain.handover import Inbound
from dispatch_svc.domain.keywords import LONGEST_WORD, Word, known, plain
from dispatch_svc.handlers.settle_slice import SOURCE
from dispatch_svc.store import inbound, keywords, suppressions
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.faults import fault_point
from volley_contracts import InboundMessage, new_id, now


async def receive_inbound(pool: Pool, account_id: UUID, route_id: UUID, received: Sequence[Inbound]) -> None:
    """When it returns they are committed: a handful of statements, however many people answer at once."""
    async with pool.acquire() as connection, connection.transaction():
        words = await _words(connection, account_id, received)
        at = now()  # our clock: changes of a suppression are ordered by it, and providers' clocks differ
        messages = [(one, _event(account_id, one, word, at)) for one, word in zip(received, words, strict=True)]
        new = await inbound.add(connection, route_id, messages, at)
        events = [event for _, event in messages if event.message_id in new]
        # START waits for campaign-svc, which knows whether something else keeps the number suppressed.
        stopped = [event.from_number for event in events if event.keyword == "stop"]
        await suppressions.change(connection, account_id, stopped, suppressed=True, at=at)
        await outbox.put_all(connection, events, source=SOURCE)
    for event in events:
        metrics.INBOUND.labels(event.keyword or "none").inc()
    fault_point("dispatch.inbound_recorded")


def _event(account_id: UUID, one: Inbound, word: Word | None, at: datetime) -> InboundMessage:
    return InboundMessage(
        account_id=account_id,
        message_id=new_id(),
        from_number=one.from_,
        to_address=one.to,
        text=one.text.replace("\x00", ""),  # which Postgres cannot store
        keyword=word.keyword if word else None,
        language=word.language if word else None,
        at=at,
    )


async def _words(connection: Connection, account_id: UUID, received: Sequence[Inbound]) -> list[Word | None]:
    """The keyword that each text is: one of the account's own, or a built-in one. What stops always stops."""
    keys = [key if len(key := plain(one.text)) <= LONGEST_WORD else "" for one in received]
    own = await keywords.among(connection, account_id, set(keys) - {""})
    return [own.get(key) or known(one.text) for key, one in zip(keys, received, strict=True)]
