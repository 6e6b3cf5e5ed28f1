"""Suppressions: numbers that must not be texted."""

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

from campaign_svc.api.csv_files import CSV, CsvUpload, FileEncoding, csv_answer, csv_lines, uploaded_file
from campaign_svc.api.imports import RejectedRow
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain import numbers
from campaign_svc.handlers.suppress_list import suppress_list
from campaign_svc.handlers.suppress_number import allow_number, suppress_number
from campaign_svc.store import suppressions
from campaign_svc.store.suppressions import Suppression
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import now

TAGS = ["suppressions"]
_EXPORT_PAGE = 5000
KNOWN = ResponseSpec(Suppression, description="It was suppressed already.", generate_examples=False)


class NewSuppression(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`number` in E.164, or in national form beside its `country`."""

    number: str
    country: str | None = None
    reason: Literal["manual", "complaint", "import"] = "manual"


class SuppressionsImported(msgspec.Struct, frozen=True):
    """`known` numbers were suppressed already, or stood further up. `rejects` are the first 1,000 `rejected` rows."""

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
    """List suppressions. In the order of their numbers."""
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
    """Suppress a number. In every campaign of the account, from now on. 200 where it is suppressed already."""
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
    """Export suppressions as CSV."""
    return csv_answer("suppressions.csv", _export(pool, caller.account_id))


@post("/v1/suppressions/import", tags=TAGS, opt={"role": "operator"}, status_code=200, operation_class=CsvUpload)
async def import_suppressions(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    country: Annotated[str | None, QueryParameter(description="Country of numbers in national form.")] = None,
    encoding: FileEncoding = None,
) -> SuppressionsImported:
    """Import suppressions. All numbers of a CSV file of up to 256 MB; a column is called number, phone, msisdn or
    mobile, as in an export. Broken rows are told, and the others taken while the file comes in: one that breaks off is
    sent again as a whole.
    """
    numbers.check_country(country)
    async with uploaded_file(request, encoding) as body:
        done = await suppress_list(pool, caller.account_id, body, country, at=now())
    return SuppressionsImported(*done[:3], [RejectedRow(*reject) for reject in done.rejects])


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
