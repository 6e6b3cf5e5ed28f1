"""The inbox: conversations with people, their messages, answers; and what is answered to keywords by itself."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, UnsetType

from campaign_svc.api.campaign_schemas import READABLE
from campaign_svc.api.pages import AFTER, LIMIT, AfterMoment, Limit, Page, moment, page, read_moment
from campaign_svc.domain import numbers
from campaign_svc.domain.conversation import LONGEST_ANSWER, check_answer
from campaign_svc.handlers.answer_person import NoSuchConversationError, answer_person
from campaign_svc.store import conversations
from campaign_svc.store.conversations import (
    Answered,
    Conversation,
    ConversationMessage,
    Filters,
    KeywordReply,
    Status,
)
from volley_chassis import etags
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_contracts import now

TAGS = ["inbox"]
Language = Annotated[
    str | None,
    QueryParameter(pattern=r"^[a-z]{2,3}$", description="Only to words of this language (ISO 639, like fr)."),
]
Person = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=READABLE)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ANSWER, pattern=READABLE)]


class Answer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Text


class ConversationPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`assigned_to` names an agent, null nobody. `read` says that all has been read."""

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
    number: Annotated[str | None, QueryParameter(max_length=20, pattern=READABLE, description="In E.164.")] = None,
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Conversation]:
    """Conversations, those with the newest messages first."""
    filters = Filters(
        status=status,
        assigned_to=assigned_to,
        unread=unread,
        campaign_id=campaign_id,
        number=numbers.in_query(number) if number else None,
    )
    found = await conversations.page(pool, caller.account_id, filters, after=after, limit=limit + 1)
    return page(found, limit, lambda one: one.id)


@get("/v1/conversations/{conversation_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_conversation(
    conversation_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Conversation]:
    """One conversation. Its ETag is of who has it and its status, not of what is written."""
    found = _found(await conversations.find(pool, caller.account_id, conversation_id))
    return Tagged(found, _tag(found))


@patch("/v1/conversations/{conversation_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def change_conversation(
    conversation_id: FromPath[UUID],
    data: JSONBody[ConversationPatch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Conversation]:
    """Assign it, close it, or say that it was read. A closed one opens again when the person writes."""
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
    """What was written, by both, the newest first; of answers also what became of them and what they cost."""
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
    """Answer the person, from the sender ID that they wrote to. Refused once they have opted out."""
    return await answer_person(pool, caller, conversation_id, data.text, at=now())


@get("/v1/keyword-replies", tags=TAGS, opt={"role": "viewer"})
async def list_keyword_replies(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Page[KeywordReply]]:
    """What Volley answers by itself to STOP, HELP and START, and their words in other languages. The ETag is of all."""
    return _all_replies(await conversations.replies(pool, caller.account_id))


@put("/v1/keyword-replies/{keyword:str}", tags=TAGS, opt={"role": "operator"})
async def put_keyword_reply(
    keyword: FromPath[Answered],
    data: JSONBody[Answer],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    language: Language = None,
    if_match: IfMatch = None,
) -> Tagged[Page[KeywordReply]]:
    """Say what is answered to a keyword

    A STOP is confirmed once, and only if there is an answer to it: nothing else is sent to whoever opted out.
    """
    check_answer(data.text)
    async with pool.acquire() as connection, connection.transaction():
        await _check_replies(connection, caller.account_id, if_match)
        await conversations.set_reply(
            connection, caller.account_id, keyword, language, data.text, at=now(), by=caller.actor
        )
        return _all_replies(await conversations.replies(connection, caller.account_id))


@delete("/v1/keyword-replies/{keyword:str}", tags=TAGS, opt={"role": "operator"})
async def delete_keyword_reply(
    keyword: FromPath[Answered],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    language: Language = None,
    if_match: IfMatch = None,
) -> None:
    """Answer nothing to a keyword any more, or nothing of its own in a language."""
    async with pool.acquire() as connection, connection.transaction():
        await _check_replies(connection, caller.account_id, if_match)
        await conversations.drop_reply(connection, caller.account_id, keyword, language)


ROUTES: list[ControllerRouterHandler] = [
    list_conversations,
    get_conversation,
    change_conversation,
    list_messages,
    answer,
    list_keyword_replies,
    put_keyword_reply,
    delete_keyword_reply,
]


def _found(conversation: Conversation | None) -> Conversation:
    if conversation is None:
        raise NoSuchConversationError
    return conversation


def _tag(conversation: Conversation) -> str:
    return tag_of(conversation.assigned_to, conversation.status)


def _all_replies(replies: list[KeywordReply]) -> Tagged[Page[KeywordReply]]:
    return Tagged(Page(items=replies, next=None), tag_of(replies))


async def _check_replies(connection: Connection, account_id: UUID, if_match: str | None) -> None:
    await etags.one_at_a_time(connection, "keyword replies", account_id)
    etags.check(if_match, tag_of(await conversations.replies(connection, account_id)))
