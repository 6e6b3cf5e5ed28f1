"""Suppressions: numbers that must not be texted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from campaign_svc.api.csv_files import CSV, csv_answer, csv_lines
from campaign_svc.api.imports import CsvUpload, RejectedRow, uploaded_file
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.number_list import read_numbers
from campaign_svc.handlers.suppress_number import allow_number, suppress_number, suppress_numbers
from campaign_svc.store import suppressions
from campaign_svc.store.suppressions import Suppression
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import now

TAGS = ["suppressions"]
_EXPORT_PAGE = 5000
MOST_REJECTS = 1000
MOST_BYTES = 4 * 1024 * 1024
KNOWN = ResponseSpec(Suppression, description="It was suppressed already.", generate_examples=False)


class NewSuppression(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`number` in E.164, or in national form beside its `country`."""

    number: str
    country: str | None = None
    reason: Literal["manual", "complaint", "import"] = "manual"


class SuppressionsImported(msgspec.Struct, frozen=True):
    """`known` numbers were suppressed already. `rejects` are the first 1,000 of the `rejected` rows."""

    added: int
    known: int
    rejected: int
    rejects: list[RejectedRow]


def _cursor(suppression: Suppression) -> str:
    """Without the plus sign, which a query string turns into a blank."""
    return suppression.number.removeprefix("+")


@get("/v1/suppressions", tags=TAGS, opt={"role": "viewer"})
async def list_suppressions(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    number: Annotated[str | None, QueryParameter(description="The suppression of this E.164 number.")] = None,
    after: Annotated[str | None, QueryParameter(pattern=r"^[0-9]{1,15}$", description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Suppression]:
    """Suppressions in the order of their numbers."""
    if number is not None:
        one = await suppressions.find(pool, caller.account_id, numbers.in_query(number))
        return Page(items=[one] if one else [], next=None, total=1 if one else 0)
    start = f"+{after}" if after else ""
    found = await suppressions.page(pool, caller.account_id, after=start, limit=limit)
    total = None if after else await suppressions.count(pool, caller.account_id)
    return page(found, limit, _cursor, total)


@post("/v1/suppressions", tags=TAGS, opt={"role": "operator"}, responses={200: KNOWN})
async def create_suppression(
    data: JSONBody[NewSuppression], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[Suppression]:
    """Suppress a number in every campaign of the account, from now on. 200 where it is suppressed already."""
    numbers.check_country(data.country)
    number = numbers.parse(data.number, data.country).number
    found, is_new = await suppress_number(pool, caller.account_id, number, data.reason, at=now())
    return Response(found, status_code=201 if is_new else 200)


@delete("/v1/suppressions/{number:str}", tags=TAGS, opt={"role": "operator"})
async def delete_suppression(
    number: FromPath[str], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> None:
    """Allow a number again. Do so only if the person has asked for it."""
    if not await allow_number(pool, caller.account_id, numbers.in_query(number), at=now()):
        raise not_found("suppression")


@get("/v1/suppressions/export.csv", tags=TAGS, opt={"role": "viewer"}, media_type=CSV)
async def export_suppressions(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Stream:
    """All suppressions as a CSV file."""
    return csv_answer("suppressions.csv", _export(pool, caller.account_id))


@post("/v1/suppressions/import", tags=TAGS, opt={"role": "operator"}, status_code=200, operation_class=CsvUpload)
async def import_suppressions(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    country: Annotated[str | None, QueryParameter(description="Country of numbers in national form.")] = None,
) -> SuppressionsImported:
    """Suppress all numbers of a CSV file of up to 20,000 rows and 4 MB; a column is called number, phone, msisdn or
    mobile, as in an export. Broken rows are told, and the others taken.
    """
    numbers.check_country(country)
    found = await asyncio.to_thread(read_numbers, await _small_file(request), country)
    added = await suppress_numbers(pool, caller.account_id, found.numbers, at=now())
    rejects = [RejectedRow(*reject) for reject in found.rejects[:MOST_REJECTS]]
    return SuppressionsImported(added, len(found.numbers) - added, len(found.rejects), rejects)


async def _small_file(request: Request[Any, Any, Any]) -> bytes:
    body, size = [], 0
    async for piece in await uploaded_file(request):  # to its end: who is still sending would not see the answer
        size += len(piece)
        if size <= MOST_BYTES:
            body.append(piece)
    if size > MOST_BYTES:
        raise IllegalFieldError("file", f"has more than {MOST_BYTES} bytes", "divide it into several")
    return b"".join(body)


async def _export(pool: Pool, account_id: UUID) -> AsyncIterator[bytes]:
    yield csv_lines([("number", "reason", "campaign_id", "created_at")])
    after = ""
    while found := (await suppressions.page(pool, account_id, after=after, limit=_EXPORT_PAGE))[:_EXPORT_PAGE]:
        yield csv_lines([(s.number, s.reason, s.campaign_id or "", s.created_at.isoformat()) for s in found])
        after = found[-1].number


ROUTES: list[ControllerRouterHandler] = [
    list_suppressions,
    create_suppression,
    import_suppressions,
    export_suppressions,
    delete_suppression,
]
