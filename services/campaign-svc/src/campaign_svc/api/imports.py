"""Imports of contacts: upload a CSV file, follow its progress, get the rows that were rejected."""

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from campaign_svc.api.csv_files import CSV, CsvUpload, FileEncoding, csv_answer, csv_lines, uploaded_file
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import check_segment_name
from campaign_svc.domain.csv_rows import Reject
from campaign_svc.handlers.upload_contacts import Wishes, upload_contacts
from campaign_svc.store import imports
from campaign_svc.store.imports import Import
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import now

TAGS = ["contacts"]
_EXPORT_PAGE = 5000
MOST_LINES = 2**31 - 1
Title = Annotated[str | None, QueryParameter(description="The title of this column in the file.")]


class RejectedRow(msgspec.Struct, frozen=True):
    """`line` is the line of the file, from 1; `excerpt` is how it begins."""

    line: int
    field: str
    reason: str
    excerpt: str


@post("/v1/contact-imports", tags=TAGS, opt={"role": "operator"}, status_code=202, operation_class=CsvUpload)
async def create_import(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    segment_id: Annotated[UUID | None, QueryParameter(description="Put the contacts into this segment.")] = None,
    segment_name: Annotated[str | None, QueryParameter(description="The same by name; made if needed.")] = None,
    country: Annotated[str | None, QueryParameter(description="Country of numbers in national form.")] = None,
    number_column: Title = None,
    country_column: Title = None,
    tags_column: Title = None,
    timezone_column: Title = None,
    encoding: FileEncoding = None,
) -> Import:
    """Import contacts. A CSV file of at most 256 MB, imported in the background.

    The first line names the columns: `number` (or phone, msisdn, mobile), `country` (of numbers in national form),
    `tags` (divided by semicolons), `timezone`; every other column becomes an attribute. Contacts that exist are
    updated: the columns of the file are taken over, empty cells too, other attributes stay. Columns are divided by
    commas, semicolons, tabs or bars. What the answer counts in bytes is the file in UTF-8.
    """
    numbers.check_country(country)
    titles = {"number": number_column, "country": country_column, "tags": tags_column, "timezone": timezone_column}
    wishes = Wishes(
        mapping={kind: title for kind, title in titles.items() if title is not None},
        default_country=country,
        segment_id=segment_id,
        segment_name=None if segment_name is None else check_segment_name(segment_name),
    )
    async with uploaded_file(request, encoding) as body:
        import_id = await upload_contacts(pool, caller, wishes, body, at=now())
    return await _found(pool, caller, import_id)


async def _found(pool: Pool, caller: Caller, import_id: UUID) -> Import:
    found = await imports.find(pool, caller.account_id, import_id)
    if found is None:
        raise not_found("import")
    return found


@get("/v1/contact-imports", tags=TAGS, opt={"role": "viewer"})
async def list_imports(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Import]:
    """List imports, the newest first."""
    return page(await imports.page(pool, caller.account_id, after=after, limit=limit), limit, lambda one: one.id)


@get("/v1/contact-imports/{import_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_import(import_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Import:
    """Show how far an import is."""
    return await _found(pool, caller, import_id)


@get("/v1/contact-imports/{import_id:uuid}/rejects", tags=TAGS, opt={"role": "viewer"})
async def list_rejects(
    import_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[int, QueryParameter(ge=0, le=MOST_LINES, description=AFTER)] = 0,
    limit: Limit = LIMIT,
) -> Page[RejectedRow]:
    """List rejected rows. In the order of the file: line, field, reason, beginning of the row.

    The first 100,000 of an import are kept; an excerpt is the first 120 characters.
    """
    found = await _found(pool, caller, import_id)
    rejects = await imports.rejects(pool, caller.account_id, import_id, after=after, limit=limit)
    rows = [RejectedRow(*reject) for reject in rejects]
    return page(rows, limit, lambda row: row.line, None if after else found.rejects_kept)


@get("/v1/contact-imports/{import_id:uuid}/rejects.csv", tags=TAGS, opt={"role": "viewer"}, media_type=CSV)
async def export_rejects(
    import_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Stream:
    """Download rejected rows as CSV. Where rows were not kept, its last line says how many."""
    found = await _found(pool, caller, import_id)
    lost = found.rejected - found.rejects_kept
    return csv_answer(f"rejects-{import_id}.csv", _export(pool, caller.account_id, import_id, lost))


async def _export(pool: Pool, account_id: UUID, import_id: UUID, lost: int) -> AsyncIterator[bytes]:
    yield csv_lines([Reject._fields])
    after = 0
    while rows := (await imports.rejects(pool, account_id, import_id, after=after, limit=_EXPORT_PAGE))[:_EXPORT_PAGE]:
        yield csv_lines(rows)
        after = rows[-1].line
    if lost:
        yield csv_lines([("", "", f"{lost} more rows were rejected; mend those above and import the file again", "")])


ROUTES: list[ControllerRouterHandler] = [create_import, list_imports, get_import, list_rejects, export_rejects]
