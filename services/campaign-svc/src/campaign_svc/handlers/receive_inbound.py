"""A person wrote: the message is kept with what it answers, STOP and START take effect, and an agent may be wanted."""

from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.domain.conversation import opens
from campaign_svc.handlers.answer_person import reply_to_keyword
from campaign_svc.handlers.suppress_number import lift, suppress
from campaign_svc.store import conversations, inbound
from campaign_svc.store.inbound import Writer
from campaign_svc.store.suppressions import Answered
from volley_chassis import inbox, outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import InboundMessage, Replied


async def receive_inbound(pool: Pool, event: Received[InboundMessage]) -> None:
    """Idempotent, also for a message that comes again under another event id."""
    message = event.data
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, "receive_inbound", event.id):
            return
        writer = await inbound.writer(connection, message)
        if await inbound.add(connection, message, writer):
            if writer.answered:
                await _tell(connection, message, writer.answered)
            changes = await _obey(connection, message, writer.answered)
            conversation_id = await _converse(connection, message, writer)
            campaign_id = writer.answered.campaign_id if writer.answered else None
            if changes or message.keyword != "stop":
                await reply_to_keyword(connection, message, campaign_id, conversation_id)


async def _tell(connection: Connection, message: InboundMessage, answered: Answered) -> None:
    """That somebody wrote back, for the figures of the campaign."""
    event = Replied(
        account_id=message.account_id,
        campaign_id=answered.campaign_id,
        message_id=message.message_id,
        seq=answered.seq,
        variant=answered.variant,
        country=answered.country,
        keyword=message.keyword,
        at=message.at,
    )
    await outbox.put(connection, event, source=SERVICE, id=f"{message.message_id}:replied")


async def _obey(connection: Connection, message: InboundMessage, answered: Answered | None) -> bool:
    """Whether that changed something: who stops again hears nothing of it."""
    who = (connection, message.account_id, message.from_number)
    if message.keyword == "stop":
        return await suppress(*who, reason="stop_keyword", answered=answered, at=message.at)
    if message.keyword == "start":
        return await lift(*who, reason="start_keyword", answered=answered, at=message.at)
    return False


async def _converse(connection: Connection, message: InboundMessage, writer: Writer) -> UUID | None:
    """The conversation that the message stands in, if it stands in one."""
    text = message.text.replace("\0", "")
    if opens(message, writer.campaign_type):
        campaign_id = writer.answered.campaign_id if writer.answered else None
        conversation_id: UUID | None = await conversations.open_(
            connection, message, text, writer.contact_id, campaign_id
        )
    else:
        conversation_id = await conversations.go_on(connection, message, text)
    if conversation_id:
        await conversations.attach(connection, message.message_id, conversation_id)
    return conversation_id
