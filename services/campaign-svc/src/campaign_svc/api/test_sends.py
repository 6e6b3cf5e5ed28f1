"""Trying texts out on the account's own numbers."""

from itertools import starmap
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaign_schemas import READABLE
from campaign_svc.api.campaigns import TAGS
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.clients.internal import Peers
from campaign_svc.domain import numbers
from campaign_svc.domain.campaign import NoSuchCampaignError
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.handlers.send_test import TestWish, send_test
from campaign_svc.store import campaigns, test_sends
from campaign_svc.store.test_sends import TestCost, TestNumber, TestSend
from volley_chassis import etags
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_contracts import now

MOST_NUMBERS = 20
Text = Annotated[str, msgspec.Meta(min_length=3, max_length=numbers.LONGEST_TEXT, pattern=READABLE)]


class TestNumbers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them, in E.164."""

    numbers: Annotated[list[Text], msgspec.Meta(max_length=MOST_NUMBERS)]


class NewTest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One variant, by its place from 0, to some of the account's test numbers (all if none is named), with the fields
    of a contact: by default the first of the audience.
    """

    variant: Annotated[int, msgspec.Meta(ge=0, le=9)] = 0
    numbers: Annotated[list[Text], msgspec.Meta(max_length=MOST_NUMBERS)] = []
    contact_id: UUID | None = None


class Tests(Page[TestSend], frozen=True, kw_only=True, omit_defaults=True):
    """`cost` is that of all tests of the campaign. It is no part of the campaign's own cost."""

    cost: TestCost


@get("/v1/test-numbers", tags=TAGS, opt={"role": "viewer"})
async def list_test_numbers(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Tagged[Page[TestNumber]]:
    """List test numbers. Those that texts may be tried out on."""
    found = await test_sends.numbers(pool, caller.account_id)
    return Tagged(Page(items=found, next=None), tag_of(found))


@put("/v1/test-numbers", tags=TAGS, opt={"role": "admin"})
async def put_test_numbers(
    data: JSONBody[TestNumbers],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Page[TestNumber]]:
    """Set the test numbers. All of the account's: its own people's, since texts reach them before anybody approved
    them.
    """
    wanted = {parsed.number: parsed.country for parsed in starmap(_parsed, enumerate(data.numbers))}
    async with pool.acquire() as connection, connection.transaction():
        await etags.one_at_a_time(connection, "test numbers", caller.account_id)
        etags.check(if_match, tag_of(await test_sends.numbers(connection, caller.account_id)))
        pairs = list(wanted.items())
        await test_sends.set_numbers(connection, caller.account_id, pairs, by=caller.actor, at=now())
        found = await test_sends.numbers(connection, caller.account_id)
    return Tagged(Page(items=found, next=None), tag_of(found))


def _parsed(index: int, text: str) -> numbers.Number:
    try:
        return numbers.parse(text)
    except IllegalFieldError as error:
        raise IllegalFieldError(f"numbers[{index}]", error.message, error.fix) from error


@post("/v1/campaigns/{campaign_id:uuid}/tests", tags=TAGS, opt={"role": "operator"}, status_code=202)
async def create_test(
    campaign_id: FromPath[UUID],
    data: JSONBody[NewTest],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
) -> TestSend:
    """Send a test. To the account's own numbers, as its recipients will get it. It is paid for, and counted apart."""
    wish = TestWish(
        variant=data.variant,
        numbers=tuple(numbers.parse(number).number for number in data.numbers),
        contact_id=data.contact_id,
    )
    return await send_test(pool, peers, caller, campaign_id, wish, at=now())


@get("/v1/campaigns/{campaign_id:uuid}/tests", tags=TAGS, opt={"role": "viewer"})
async def list_tests(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Tests:
    """List test sends, the newest first. What became of each message, and what they cost."""
    async with pool.acquire() as connection:
        if await campaigns.load(connection, caller.account_id, campaign_id) is None:
            raise NoSuchCampaignError
    found = await test_sends.page(pool, caller.account_id, campaign_id, after=after, limit=limit + 1)
    cost = await test_sends.cost(pool, caller.account_id, campaign_id)
    listed = page(found, limit, lambda test: test.id)
    return Tests(items=listed.items, next=listed.next, cost=cost)


ROUTES: list[ControllerRouterHandler] = [list_test_numbers, put_test_numbers, create_test, list_tests]
