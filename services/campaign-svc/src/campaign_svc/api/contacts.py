"""Contacts: list, look at, add, replace, erase."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import Contact
from campaign_svc.handlers import erase_contact as erasing
from campaign_svc.handlers.save_contact import add_contact, contact_of, replace_contact
from campaign_svc.store import contacts
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged, tag_of
from volley_chassis.http import Caller
from volley_chassis.problems import not_found
from volley_contracts import now

TAGS = ["contacts"]


class ContactData(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """`number` in E.164, or in national form beside its `country`. Attributes are what templates may use: names of
    a-z, 0-9 and _, values of up to 1,000 characters.
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
    segment_id: Annotated[UUID | None, QueryParameter(description="Contacts of this segment.")] = None,
    tag: Annotated[str | None, QueryParameter(description="Contacts with this tag.")] = None,
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[Contact]:
    """Contacts, the newest first, by filters. The first page says how many there are in all."""
    account = caller.account_id
    if number is not None:
        wanted = numbers.in_query(number)
        one = await contacts.by_number(pool, account, wanted, segment_id=segment_id, tag=tag)
        return Page(items=[one] if one else [], next=None, total=1 if one else 0)
    found = await contacts.page(pool, account, after=after, limit=limit, segment_id=segment_id, tag=tag)
    total = None if after else await contacts.count(pool, account, segment_id=segment_id, tag=tag)
    return page(found, limit, lambda contact: contact.id, total)


@get("/v1/contacts/{contact_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_contact(
    contact_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Contact]:
    """One contact."""
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
    """Replace a contact as a whole; it stays in its segments."""
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
    """Names of attributes that templates may use, in alphabetical order."""
    return await contacts.known_names(pool, caller.account_id)


ROUTES: list[ControllerRouterHandler] = [
    list_contacts,
    list_attributes,
    get_contact,
    create_contact,
    put_contact,
    erase_contact,
]
