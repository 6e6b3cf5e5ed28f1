"""Contacts: list, look at, add, replace, erase."""

from collections.abc import AsyncIterator
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream
from litestar.types import ControllerRouterHandler

from campaign_svc.api.csv_files import CSV, csv_answer, csv_lines
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import Contact
from campaign_svc.handlers import erase_contact as erasing
from campaign_svc.handlers.save_contact import add_contact, contact_of, replace_contact
from campaign_svc.store import contacts
from campaign_svc.store.contacts import Search
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, invalid, not_found
from volley_contracts import now

TAGS = ["contacts"]
_EXPORT_PAGE = 5000
InSegment = Annotated[UUID | None, QueryParameter(description="Contacts of this segment.")]
Tag = Annotated[str | None, QueryParameter(description="Contacts with this tag.")]
Searched = Annotated[
    str | None,
    QueryParameter(
        min_length=2,
        max_length=100,
        description="Contacts with this in a value of an attribute; of three digits or more, in their number.",
    ),
]


class ContactData(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`number` in E.164, or in national form beside its `country`. Attributes are what templates may use: names of
    a-z, 0-9 and _, values of up to 1,000 characters. The attribute `language` (such as de or pt-BR) is also that of the
    opt-out page.
    """

    number: str
    country: str | None = None
    attributes: dict[str, str] = msgspec.field(default_factory=dict)
    tags: list[str] = msgspec.field(default_factory=list)
    timezone: str | None = None


def _contact(data: ContactData) -> Contact:
    return contact_of(
        number=data.number,
        country=data.country,
        attributes=data.attributes,
        tags=data.tags,
        timezone=data.timezone,
        at=now(),
    )


@get("/v1/contacts", tags=TAGS, opt={"role": "viewer"})
async def list_contacts(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    number: Annotated[str | None, QueryParameter(description="The contact with this E.164 number.")] = None,
    segment_id: InSegment = None,
    tag: Tag = None,
    search: Searched = None,
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Contact]:
    """List contacts, the newest first. The first page says how many there are in all, but of a search."""
    account = caller.account_id
    if number is not None:
        if search is not None:
            raise invalid(FieldError("search", "stands beside number", "give one of the two"))
        wanted = numbers.in_query(number)
        one = await contacts.by_number(pool, account, wanted, segment_id=segment_id, tag=tag)
        return Page(items=[one] if one else [], next=None, total=1 if one else 0)
    wanted_text = search_of(search)
    found = await contacts.page(
        pool, account, after=after, limit=limit, segment_id=segment_id, tag=tag, search=wanted_text
    )
    is_counted = after is None and wanted_text is None
    total = await contacts.count(pool, account, segment_id=segment_id, tag=tag) if is_counted else None
    return page(found, limit, lambda contact: contact.id, total)


def search_of(text: str | None) -> Search | None:
    if text is None:
        return None
    digits = numbers.digits_in(text)
    return Search(digits, None if digits else text.strip().lower())


@get("/v1/contacts/export.csv", tags=TAGS, opt={"role": "viewer"}, media_type=CSV)
async def export_contacts(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    segment_id: InSegment = None,
    tag: Tag = None,
    search: Searched = None,
) -> Stream:
    """Export contacts as CSV. By filters, the newest first, as a file that can be imported again: number, country,
    tags, time zone and a column for each attribute.
    """
    names = await contacts.known_names(pool, caller.account_id)
    return csv_answer("contacts.csv", _export(pool, caller.account_id, names, segment_id, tag, search_of(search)))


async def _export(
    pool: Pool, account_id: UUID, names: list[str], segment_id: UUID | None, tag: str | None, search: Search | None
) -> AsyncIterator[bytes]:
    yield csv_lines([("number", "country", "tags", "timezone", *names)])
    after: UUID | None = None
    while found := (
        await contacts.page(
            pool, account_id, after=after, limit=_EXPORT_PAGE, segment_id=segment_id, tag=tag, search=search
        )
    )[:_EXPORT_PAGE]:
        yield csv_lines(
            (c.number, c.country, ";".join(c.tags), c.timezone or "", *(c.attributes.get(name, "") for name in names))
            for c in found
        )
        after = found[-1].id


@get("/v1/contacts/{contact_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_contact(
    contact_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Contact]:
    """Show a contact."""
    found = await contacts.find(pool, caller.account_id, contact_id)
    if found is None:
        raise not_found("contact")
    return Tagged(found, tag_of(found))


@post("/v1/contacts", tags=TAGS, opt={"role": "operator"})
async def create_contact(
    data: JSONBody[ContactData], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Contact]:
    """Add a contact. 409 names the contact that has the number already."""
    contact = _contact(data)
    await add_contact(pool, caller.account_id, contact)
    return Tagged(contact, tag_of(contact), 201)


@put("/v1/contacts/{contact_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def put_contact(
    contact_id: FromPath[UUID],
    data: JSONBody[ContactData],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Contact]:
    """Replace a contact. As a whole; it stays in its segments."""
    contact = msgspec.structs.replace(_contact(data), id=contact_id)
    saved = await replace_contact(pool, caller.account_id, contact, if_match)
    if saved is None:
        raise not_found("contact")
    return Tagged(saved, tag_of(saved))


@delete("/v1/contacts/{contact_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def erase_contact(
    contact_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Forget a person. The contact with its attributes and memberships is gone at once, and nothing more is handed over
    to its number. When the campaigns that have the person as a recipient have ended, the number is taken out of them,
    and so is what the person wrote. Counts and cost stay, and so does a suppression of the number: it is needed.
    """
    if not await erasing.erase_contact(pool, caller.account_id, contact_id, if_match, at=now()):
        raise not_found("contact")


@get("/v1/contacts/attributes", tags=TAGS, opt={"role": "viewer"})
async def list_attributes(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> list[str]:
    """List attributes. Those that templates may use, in alphabetical order."""
    return await contacts.known_names(pool, caller.account_id)


ROUTES: list[ControllerRouterHandler] = [
    list_contacts,
    list_attributes,
    export_contacts,
    get_contact,
    create_contact,
    put_contact,
    erase_contact,
]
