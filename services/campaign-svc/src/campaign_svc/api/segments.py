"""Segments: named sets of contacts."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain.contacts import Contact, check_segment_name
from campaign_svc.domain.segment_filter import Filter
from campaign_svc.handlers import change_segment as changing
from campaign_svc.handlers.change_segment import (
    change_segment,
    check_filter,
    make_segment,
    refresh,
    segment_clickers,
)
from campaign_svc.store import contacts, segment_filters, segments
from campaign_svc.store.segments import Segment
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, invalid, not_found
from volley_contracts import now

TAGS = ["segments"]
MOST_MEMBERS = 10_000


class NewSegment(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`name` is 1 to 255 characters, and no other segment's. With a `filter` it is dynamic: its members are looked up
    when it is made, when a campaign with it is prepared, and on request.
    """

    name: str
    filter: Filter | None = None


class SegmentChange(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What is not given stays. Only a dynamic segment has a `filter`."""

    name: str | None = None
    filter: Filter | None = None


class Wanted(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Conditions that nothing is made of yet."""

    filter: Filter


class Counted(msgspec.Struct, frozen=True):
    """How many contacts meet the conditions now."""

    contacts: int


class NewClickers(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """By default it is called after the campaign and the time."""

    name: str | None = None


class Members(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 10,000 contacts."""

    contact_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_MEMBERS)]


async def _found(pool: Pool, caller: Caller, segment_id: UUID) -> Segment:
    segment = await segments.find(pool, caller.account_id, segment_id)
    if segment is None:
        raise not_found("segment")
    return segment


def _tagged(segment: Segment, status_code: int = 200) -> Tagged[Segment]:
    return Tagged(segment, segments.tag(segment), status_code)


def _require_static(segment: Segment) -> None:
    if segment.kind == "dynamic":
        detail = "The members of a dynamic segment follow from its filter. Change that, or make a static segment."
        raise Problem(409, "dynamic_segment", detail)


@get("/v1/segments", tags=TAGS, opt={"role": "viewer"})
async def list_segments(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Segment]:
    """List segments, the newest first. With how many contacts each has."""
    found = await segments.page(pool, caller.account_id, after=after, limit=limit)
    total = None if after else await segments.count(pool, caller.account_id)
    return page(found, limit, lambda segment: segment.id, total)


@post("/v1/segments", tags=TAGS, opt={"role": "operator"})
async def create_segment(
    data: JSONBody[NewSegment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Segment]:
    """Make a segment. An empty one, or one by conditions."""
    name = check_segment_name(data.name, field="name")
    segment_id = await make_segment(pool, caller, name, data.filter, at=now())
    return _tagged(await _found(pool, caller, segment_id), 201)


@post("/v1/segments/count", tags=TAGS, opt={"role": "viewer"}, status_code=200)
async def count_contacts(
    data: JSONBody[Wanted], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Counted:
    """Count contacts by conditions. Before a segment is made of them."""
    await check_filter(pool, caller.account_id, data.filter)
    return Counted(await segment_filters.count(pool, caller.account_id, data.filter))


@patch("/v1/segments/{segment_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def edit_segment(
    segment_id: FromPath[UUID],
    data: JSONBody[SegmentChange],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Segment]:
    """Edit a segment. Its name, or the conditions of a dynamic one."""
    name = None if data.name is None else check_segment_name(data.name, field="name")
    if not await change_segment(pool, caller, segment_id, name=name, wanted=data.filter, if_match=if_match, at=now()):
        raise not_found("segment")
    return _tagged(await _found(pool, caller, segment_id))


@post("/v1/segments/{segment_id:uuid}/refresh", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def refresh_segment(
    segment_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Segment:
    """Refresh a segment. Look up anew who is in a dynamic one; a static one stays as it is."""
    async with pool.acquire() as connection, connection.transaction():
        await refresh(connection, caller.account_id, [segment_id], at=now())
    return await _found(pool, caller, segment_id)


@post("/v1/campaigns/{campaign_id:uuid}/segment-clickers", tags=TAGS, opt={"role": "operator"})
async def make_clickers_segment(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    data: JSONBody[NewClickers | None] = None,
) -> Segment:
    """Make a segment of those who clicked. In a finished campaign."""
    name = check_segment_name(data.name, field="name") if data and data.name is not None else None
    return await segment_clickers(pool, caller, campaign_id, name, at=now())


@get("/v1/segments/{segment_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_segment(
    segment_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Segment]:
    """Show a segment. Its ETag is of its name and filter, not of its members."""
    return _tagged(await _found(pool, caller, segment_id))


@delete("/v1/segments/{segment_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def delete_segment(
    segment_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Remove a segment. Its contacts stay, and so do campaigns that were prepared with it."""
    if not await changing.delete_segment(pool, caller, segment_id, if_match):
        raise not_found("segment")


@get("/v1/segments/{segment_id:uuid}/members", tags=TAGS, opt={"role": "viewer"})
async def list_members(
    segment_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Contact]:
    """List contacts of a segment, the newest first."""
    segment = await _found(pool, caller, segment_id)
    found = await contacts.page(pool, caller.account_id, after=after, limit=limit, segment_id=segment_id)
    return page(found, limit, lambda contact: contact.id, None if after else segment.members)


@post("/v1/segments/{segment_id:uuid}/members", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def add_members(
    segment_id: FromPath[UUID],
    data: JSONBody[Members],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Segment:
    """Put contacts into a segment. Those that are in it already stay."""
    _require_static(await _found(pool, caller, segment_id))
    if unknown := await segments.unknown_contacts(pool, caller.account_id, data.contact_ids):
        named = ", ".join(map(str, unknown))
        raise invalid(FieldError("contact_ids", f"has ids of no contact: {named}", "remove them"))
    await segments.add_members(pool, caller.account_id, segment_id, data.contact_ids)
    return await _found(pool, caller, segment_id)


@post("/v1/segments/{segment_id:uuid}/members/remove", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def remove_members(
    segment_id: FromPath[UUID],
    data: JSONBody[Members],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Segment:
    """Take contacts out of a segment. Those that are not in it are passed over."""
    _require_static(await _found(pool, caller, segment_id))
    await segments.remove_members(pool, caller.account_id, segment_id, data.contact_ids)
    return await _found(pool, caller, segment_id)


ROUTES: list[ControllerRouterHandler] = [
    list_segments,
    create_segment,
    count_contacts,
    edit_segment,
    refresh_segment,
    make_clickers_segment,
    get_segment,
    delete_segment,
    list_members,
    add_members,
    remove_members,
]
