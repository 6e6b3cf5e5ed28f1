"""An answer to one person, by an agent or by Volley itself: on the way of a campaign's messages, beside them all."""

from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.conversation import FIELD, TEMPLATE, check_answer
from campaign_svc.domain.keyword_replies import default_reply
from campaign_svc.domain.numbers import Number
from campaign_svc.store import conversations, keyword_replies, suppressions
from campaign_svc.store.conversations import Conversation
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_contracts import (
    CampaignBatch,
    Content,
    InboundMessage,
    Recipients,
    Sender,
    content_hash,
    new_aside_id,
)
from volley_sms import language_of

AUTOMATIC = "volley"


class NoSuchConversationError(Exception):
    """The account has none with this id."""


class NotAnswerableError(Exception):
    """`code` says why: suppressed, no_sender."""

    def __init__(self, code: str, sentence: str) -> None:
        self.code = code
        super().__init__(sentence)


async def answer_person(pool: Pool, caller: Caller, conversation_id: UUID, text: str, *, at: datetime) -> Conversation:
    """Send an agent's answer. Raises IllegalFieldError, NoSuchConversationError, NotAnswerableError."""
    check_answer(text)
    async with pool.acquire() as connection, connection.transaction():
        conversation = await conversations.find(connection, caller.account_id, conversation_id)
        if conversation is None:
            raise NoSuchConversationError
        c = conversation
        if await suppressions.find(connection, caller.account_id, c.number):
            raise NotAnswerableError("suppressed", "The person has opted out. Only they can change that, by START.")
        sender = await conversations.sender(connection, caller.account_id, c.address, c.campaign_id)
        if sender is None:
            raise NotAnswerableError("no_sender", f"The account has no sender {c.address} any more. Add it again.")
        number = _number(c.number)
        if number is None:
            raise NotAnswerableError("no_number", f"{c.number} is no telephone number.")
        answer = new_aside_id()
        await conversations.add_answer(
            connection,
            answer,
            caller.account_id,
            conversation_id=c.id,
            number=c.number,
            text=text,
            author=caller.actor,
            at=at,
            read=True,
        )
        await _send(connection, caller.account_id, answer, sender, number, text)
        return (await conversations.find(connection, caller.account_id, c.id)) or c


async def reply_to_keyword(
    connection: Connection, message: InboundMessage, campaign_id: UUID | None, conversation_id: UUID | None
) -> None:
    """In the caller's transaction: as the account says, else in Volley's words. The caller confirms a STOP once."""
    m = message
    if m.keyword is None:
        return
    sender = await conversations.sender(connection, m.account_id, m.to_address, campaign_id)
    number = _number(m.from_number)
    if sender is None or number is None:
        return
    said, text = await keyword_replies.find(connection, m.account_id, m.keyword, m.language)
    if not said:
        name = await keyword_replies.account_name(connection, m.account_id)
        text = default_reply(m.keyword, m.language or language_of(number.country), name or sender.address)
    if text is None:
        return
    confirms = m.keyword == "stop"
    if not confirms and await suppressions.find(connection, m.account_id, m.from_number):
        return
    answer = new_aside_id()
    await conversations.add_answer(
        connection,
        answer,
        m.account_id,
        conversation_id=conversation_id,
        number=m.from_number,
        text=text,
        author=AUTOMATIC,
        at=m.at,
        read=False,
    )
    await _send(connection, m.account_id, answer, sender, number, text, despite_optout=confirms)


async def _send(
    connection: Connection,
    account_id: UUID,
    answer: UUID,
    sender: Sender,
    number: Number,
    text: str,
    *,
    despite_optout: bool = False,
) -> None:
    batch = CampaignBatch(
        account_id=account_id,
        campaign_id=answer,
        batch_no=0,
        first_seq=0,
        sender=sender,
        content=Content(variants=(TEMPLATE,), hash=content_hash((TEMPLATE,), None)),
        recipients=Recipients(
            numbers=[number.number], countries=[number.country], variants=[0], fields=(FIELD,), values=[(text,)]
        ),
        despite_optout=despite_optout,
    )
    await outbox.put(connection, batch, source=SERVICE, id=f"{answer}:0")


def _number(text: str) -> Number | None:
    """None for short codes and names, which providers pass on as writers too: to those nothing can be sent."""
    try:
        return numbers.parse(text)
    except IllegalFieldError:
        return None
