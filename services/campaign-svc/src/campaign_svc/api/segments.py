"""Segments: named sets of contacts."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain.contacts import Contact, check_segment_name
from campaign_svc.store import contacts, segments
from campaign_svc.store.segments import Segment
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem, invalid, not_found
from volley_contracts import now

TAGS = ["segments"]
MOST_MEMBERS = 10_000


class NewSegment(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`name` is 1 to 255 characters, and no other segment's."""

    name: str


class Members(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Up to 10,000 contacts."""

    contact_ids: Annotated[list[UUID], msgspec.Meta(min_length=1, max_length=MOST_MEMBERS)]


async def _found(pool: Pool, caller: Caller, segment_id: UUID) -> Segment:
    segment = await segments.find(pool, caller.account_id, segment_id)
    if segment is None:
        raise not_found("segment")
    return segment


@get("/v1/segments", tags=TAGS, opt={"role": "viewer"})
async def list_segments(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Segment]:
    """Segments, the newest first, with how many contacts each has."""
    found = await segments.page(pool, caller.account_id, after=after, limit=limit)
    total = None if after else await segments.count(pool, caller.account_id)
    return page(found, limit, lambda segment: segment.id, total)


@post("/v1/segments", tags=TAGS, opt={"role": "operator"})
async def create_segment(
    data: JSONBody[NewSegment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Segment:
    """Make an empty segment."""
    name, at = check_segment_name(data.name, field="name"), now()
    segment_id = await segments.add(pool, caller.account_id, name, at)
    if segment_id is None:
        raise Problem(409, "name_taken", f"There is a segment {name!r} already. Choose another name, or use that one.")
    return Segment(id=segment_id, name=name, created_at=at)


@get("/v1/segments/{segment_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_segment(
    segment_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Segment:
    """One segment."""
    return await _found(pool, caller, segment_id)


@delete("/v1/segments/{segment_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def delete_segment(
    segment_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> None:
    """Remove a segment. Its contacts stay, and so do campaigns that were prepared with it."""
    if not await segments.delete(pool, caller.account_id, segment_id):
        raise not_found("segment")


@get("/v1/segments/{segment_id:uuid}/members", tags=TAGS, opt={"role": "viewer"})
async def list_members(
    segment_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Contact]:
    """Contacts of a segment, the newest first."""
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
    """Put contacts into a segment; those that are in it already stay."""
    await _found(pool, caller, segment_id)
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
    """Take contacts out of a segment; those that are not in it are passed over."""
    await _found(pool, caller, segment_id)
    await segments.remove_members(pool, caller.account_id, segment_id, data.contact_ids)
    return await _found(pool, caller, segment_id)


ROUTES: list[ControllerRouterHandler] = [
    list_segments,
    create_segment,
    get_segment,
    delete_segment,
    list_members,
    add_members,
    remove_members,
]
