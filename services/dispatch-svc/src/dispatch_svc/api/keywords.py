"""The words by which people stop, ask for help, and start again: /v1/keywords."""

from typing import Annotated

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from dispatch_svc.domain.keywords import LONGEST_WORD, Keyword, Word, built_in
from dispatch_svc.handlers.put_keywords import put_keywords
from dispatch_svc.store import keywords
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller

Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}$", description="ISO 639, like fr.")]


class OwnWord(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Case, accents, punctuation and space do not matter. `language` null: of many languages."""

    word: Annotated[str, Meta(min_length=1, max_length=LONGEST_WORD, pattern=r"^[^\x00-\x1f]*$")]
    keyword: Keyword
    language: Language | None = None


class OwnWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    own: Annotated[list[OwnWord], Meta(max_length=500)]


class Keywords(msgspec.Struct, frozen=True, kw_only=True):
    """The account's `own` words come before the `built_in` ones, but never in the place of one that stops."""

    own: list[Word]
    built_in: list[Word]


@get("/v1/keywords", summary="List keywords", tags=["Keywords"], opt={"role": "viewer"})
async def list_keywords(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Tagged[Keywords]:
    """Words that are obeyed when they are all that a person writes."""
    async with pool.acquire() as connection:
        own = await keywords.own(connection, caller.account_id)
    return _shown(own)


@put("/v1/keywords", summary="Set own keywords", tags=["Keywords"], opt={"role": "operator"})
async def replace_keywords(
    data: JSONBody[OwnWords],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Keywords]:
    """Replace the account's own words

    They hold for every message that is received from now on. What is built in stays.
    """
    words = [Word(one.word, one.keyword, one.language) for one in data.own]
    return _shown(await put_keywords(pool, caller.account_id, words, if_match))


def _shown(own: list[Word]) -> Tagged[Keywords]:
    return Tagged(Keywords(own=own, built_in=list(built_in())), tag_of(own))


ROUTES = [list_keywords, replace_keywords]
