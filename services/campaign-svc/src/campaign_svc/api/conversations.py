"""The inbox: conversations with people, their messages, answers."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, UnsetType

from campaign_svc.api.campaign_schemas import READABLE
from campaign_svc.api.pages import AFTER, LIMIT, AfterMoment, Limit, Page, moment, page, read_moment
from campaign_svc.domain import numbers
from campaign_svc.domain.conversation import LONGEST_ANSWER
from campaign_svc.handlers.answer_person import NoSuchConversationError, answer_person
from campaign_svc.store import conversations
from campaign_svc.store.conversations import (
    Conversation,
    ConversationMessage,
    Counts,
    Filters,
    Status,
)
from volley_chassis import etags
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_contracts import now

TAGS = ["inbox"]
Person = Annotated[str, msgspec.Meta(min_length=1, max_length=254, pattern=READABLE)]
Searched = Annotated[
    str | None,
    QueryParameter(
        min_length=2,
        max_length=100,
        pattern=READABLE,
        description="What was written in it, what is known of the person, or, three digits or more, their number.",
    ),
]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ANSWER, pattern=READABLE)]


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Text


class ConversationPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`assigned_to` is the address of a user of the account (see GET /v1/agents), null nobody. `read` says that all has
    been read.
    """

    assigned_to: Person | UnsetType | None = UNSET
    status: Status | UnsetType = UNSET
    read: bool = False


@get("/v1/conversations", tags=TAGS, opt={"role": "viewer"})
async def list_conversations(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    status: FromQuery[Status | None] = None,
    assigned_to: Annotated[str | None, QueryParameter(max_length=200, pattern=READABLE)] = None,
    unread: Annotated[bool | None, QueryParameter(description="Whether something is unread.")] = None,
    campaign_id: Annotated[UUID | None, QueryParameter(description="Whose last answer was to this campaign.")] = None,
    assigned: Annotated[
        Literal["me", "nobody", "somebody"] | None, QueryParameter(description="Whether it is, and to the caller.")
    ] = None,
    search: Searched = None,
    number: Annotated[str | None, QueryParameter(max_length=20, pattern=READABLE, description="In E.164.")] = None,
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Conversation]:
    """List conversations. Those with the newest messages first."""
    filters = Filters(
        status=status,
        assigned_to=_agent(caller) if assigned == "me" else assigned_to,
        assigned=None if assigned is None else assigned != "nobody",
        text=None if search is None else search.strip().lower(),
        digits=None if search is None else numbers.digits_in(search),
        unread=unread,
        campaign_id=campaign_id,
        number=numbers.in_query(number) if number else None,
    )
    found = await conversations.page(pool, caller.account_id, filters, after=after, limit=limit + 1)
    return page(found, limit, lambda one: one.id)


@get("/v1/conversations/counts", tags=TAGS, opt={"role": "viewer"})
async def count_conversations(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Counts:
    """Count conversations. How many are open, the caller's, or nobody's, and in how many something is unread."""
    return await conversations.counts(pool, caller.account_id, _agent(caller))


@get("/v1/conversations/{conversation_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_conversation(
    conversation_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Conversation]:
    """Show a conversation. Its ETag is of who has it and its status, not of what is written."""
    found = _found(await conversations.find(pool, caller.account_id, conversation_id))
    return Tagged(found, _tag(found))


@patch("/v1/conversations/{conversation_id:uuid}", tags=TAGS, opt={"role": "operator", "user_field": "assigned_to"})
async def change_conversation(
    conversation_id: FromPath[UUID],
    data: JSONBody[ConversationPatch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Conversation]:
    """Assign, close or read a conversation. A closed one opens again when the person writes."""
    async with pool.acquire() as connection, connection.transaction():
        before = _found(await conversations.lock(connection, caller.account_id, conversation_id))
        etags.check(if_match, _tag(before))
        changed = await conversations.change(
            connection,
            caller.account_id,
            conversation_id,
            assign=data.assigned_to is not UNSET,
            to=None if data.assigned_to is UNSET else data.assigned_to,
            status=None if data.status is UNSET else data.status,
            read=data.read,
        )
    return Tagged(_found(changed), _tag(_found(changed)))


@get("/v1/conversations/{conversation_id:uuid}/messages", tags=TAGS, opt={"role": "viewer"})
async def list_messages(
    conversation_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: AfterMoment = None,
    limit: Limit = LIMIT,
) -> Page[ConversationMessage]:
    """List messages of a conversation. Of both, the newest first; of answers also what became of them and what they
    cost.
    """
    _found(await conversations.find(pool, caller.account_id, conversation_id))
    found = await conversations.messages(pool, conversation_id, before=read_moment(after), limit=limit + 1)
    return page(found, limit, lambda message: moment(message.at, message.id))


@post("/v1/conversations/{conversation_id:uuid}/messages", tags=TAGS, opt={"role": "operator"}, status_code=202)
async def answer(
    conversation_id: FromPath[UUID],
    data: JSONBody[Answer],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Conversation:
    """Answer the person. From the sender ID that they wrote to. Refused once they have opted out."""
    return await answer_person(pool, caller, conversation_id, data.text, at=now())


ROUTES: list[ControllerRouterHandler] = [
    list_conversations,
    count_conversations,
    get_conversation,
    change_conversation,
    list_messages,
    answer,
]


def _agent(caller: Caller) -> str:
    """As conversations are assigned: users by their address alone."""
    return caller.person.removeprefix("user:")


def _found(conversation: Conversation | None) -> Conversation:
    if conversation is None:
        raise NoSuchConversationError
    return conversation


def _tag(conversation: Conversation) -> str:
    return tag_of(conversation.assigned_to, conversation.status)
