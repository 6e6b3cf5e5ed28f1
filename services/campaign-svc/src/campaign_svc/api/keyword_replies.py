"""What is answered to keywords by itself: Volley's own texts, and those of an account."""

from typing import Annotated

import msgspec
from litestar import delete, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaign_schemas import READABLE
from campaign_svc.api.pages import Page
from campaign_svc.domain.conversation import LONGEST_ANSWER, check_answer
from campaign_svc.domain.keyword_replies import Answered, DefaultReply, defaults
from campaign_svc.store import keyword_replies
from campaign_svc.store.keyword_replies import KeywordReply
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


class Reply(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`text` null: nothing is sent."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ANSWER, pattern=READABLE)] | None


@get("/v1/keyword-replies", tags=TAGS, opt={"role": "viewer"})
async def list_keyword_replies(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Page[KeywordReply]]:
    """List answers to keywords. What the account wants answered to STOP, HELP and START, and their words in other
    languages. The ETag is of all.

    To what is not in this list Volley answers with texts of its own: see GET /v1/keyword-replies/defaults.
    """
    return _all(await keyword_replies.of_account(pool, caller.account_id))


@get("/v1/keyword-replies/defaults", tags=TAGS, opt={"role": "viewer"})
async def list_default_replies(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Page[DefaultReply]:
    """List the default answers to keywords. What is answered where the account says nothing else: in the language of
    the word, else in that of the country of the number, else in English.
    """
    name = caller.account_name or await keyword_replies.account_name(pool, caller.account_id)
    return Page(items=defaults(name or "..."), next=None)


@put("/v1/keyword-replies/{keyword:str}", tags=TAGS, opt={"role": "operator"})
async def put_keyword_reply(
    keyword: FromPath[Answered],
    data: JSONBody[Reply],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    language: Language = None,
    if_match: IfMatch = None,
) -> Tagged[Page[KeywordReply]]:
    """Set the answer to a keyword. Or that there is none

    A STOP is confirmed once: nothing else is sent to whoever opted out.
    """
    if data.text is not None:
        check_answer(data.text)
    async with pool.acquire() as connection, connection.transaction():
        await _check(connection, caller, if_match)
        await keyword_replies.put(
            connection, caller.account_id, keyword, language, data.text, at=now(), by=caller.actor
        )
        return _all(await keyword_replies.of_account(connection, caller.account_id))


@delete("/v1/keyword-replies/{keyword:str}", tags=TAGS, opt={"role": "operator"})
async def delete_keyword_reply(
    keyword: FromPath[Answered],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    language: Language = None,
    if_match: IfMatch = None,
) -> None:
    """Take an answer back. For all languages that have nothing of their own, or in one."""
    async with pool.acquire() as connection, connection.transaction():
        await _check(connection, caller, if_match)
        await keyword_replies.drop(connection, caller.account_id, keyword, language)


def _all(replies: list[KeywordReply]) -> Tagged[Page[KeywordReply]]:
    return Tagged(Page(items=replies, next=None), tag_of(replies))


async def _check(connection: Connection, caller: Caller, if_match: str | None) -> None:
    await etags.one_at_a_time(connection, "keyword replies", caller.account_id)
    etags.check(if_match, tag_of(await keyword_replies.of_account(connection, caller.account_id)))


ROUTES: list[ControllerRouterHandler] = [
    list_keyword_replies,
    list_default_replies,
    put_keyword_reply,
    delete_keyword_reply,
]
