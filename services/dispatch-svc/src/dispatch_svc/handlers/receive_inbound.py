"""A message from a phone: stored once; STOP holds from this transaction on; campaign-svc hears of it."""

from collections.abc import Sequence
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
    """When it returns they are committed."""
    async with pool.acquire() as connection, connection.transaction():
        for one in received:
            await _receive(connection, account_id, route_id, one)
    fault_point("dispatch.inbound_recorded")


async def _receive(connection: Connection, account_id: UUID, route_id: UUID, one: Inbound) -> None:
    word = await _word(connection, account_id, one.text)
    at = now()  # our clock: changes of a suppression are ordered by it, and providers' clocks differ
    event = InboundMessage(
        account_id=account_id,
        message_id=new_id(),
        from_number=one.from_,
        to_address=one.to,
        text=one.text.replace("\x00", ""),  # which Postgres cannot store
        keyword=word.keyword if word else None,
        language=word.language if word else None,
        at=at,
    )
    if not await inbound.add(connection, route_id, one, event, at):
        return
    if event.keyword == "stop":
        # START waits for campaign-svc, which knows whether something else keeps the number suppressed.
        await suppressions.change(connection, account_id, event.from_number, suppressed=True, at=at)
    await outbox.put(connection, event, source=SOURCE)
    metrics.INBOUND.labels(event.keyword or "none").inc()


async def _word(connection: Connection, account_id: UUID, text: str) -> Word | None:
    """The keyword that the text is: one of the account's own, or a built-in one. What stops cannot be set otherwise."""
    own = await keywords.find(connection, account_id, key) if len(key := plain(text)) <= LONGEST_WORD and key else None
    return own or known(text)
