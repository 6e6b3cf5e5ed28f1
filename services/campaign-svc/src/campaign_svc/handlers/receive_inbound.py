"""A person wrote: the message is kept with what it answers, and STOP and START take effect."""

from campaign_svc.handlers.suppress_number import lift, suppress
from campaign_svc.store import inbound
from campaign_svc.store.suppressions import Answered
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import InboundMessage


async def receive_inbound(pool: Pool, event: Received[InboundMessage]) -> None:
    """Idempotent, also for a message that comes again under another event id."""
    message = event.data
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, "receive_inbound", event.id):
            return
        writer = await inbound.writer(connection, message)
        if await inbound.add(connection, message, writer):
            await _obey(connection, message, writer.answered)


async def _obey(connection: Connection, message: InboundMessage, answered: Answered | None) -> None:
    who = (connection, message.account_id, message.from_number)
    if message.keyword == "stop":
        await suppress(*who, reason="stop_keyword", answered=answered, at=message.at)
    elif message.keyword == "start":
        await lift(*who, reason="start_keyword", answered=answered, at=message.at)
