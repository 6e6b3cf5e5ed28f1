"""What a campaign's messages will look like, and how long they will be."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from msgspec import UNSET, UnsetType

from campaign_svc.api.campaigns import TAGS
from campaign_svc.api.pages import Page
from campaign_svc.clients.internal import Peers
from campaign_svc.domain import numbers
from campaign_svc.domain.choices import CampaignPatch, ContentPatch, columns
from campaign_svc.domain.contacts import IllegalFieldError, check_attributes
from campaign_svc.handlers.preview_campaign import NOBODY, Person, Preview, PreviewedMessage, preview_campaign
from campaign_svc.handlers.weigh_content import ContentSize, weigh_content
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, invalid
from volley_contracts import now


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who need not be a contact: a number in E.164, and what stands in the fields."""

    number: Annotated[str, msgspec.Meta(max_length=numbers.LONGEST_TEXT)] = NOBODY[1]
    attributes: dict[str, str] = {}


class LivePreview(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`content` stands in place of what is saved, as far as it is given. It is shown for a contact of the account, for
    a `sample`, or else for the first contact of the audience.
    """

    content: ContentPatch | UnsetType = UNSET
    contact_id: UUID | None = None
    sample: Sample | None = None


@get("/v1/campaigns/{campaign_id:uuid}/preview", tags=TAGS, opt={"role": "viewer"})
async def get_preview(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    contacts: Annotated[int, QueryParameter(ge=1, le=5)] = 5,
    contact_id: Annotated[UUID | None, QueryParameter(description="This contact, in the audience or not.")] = None,
) -> Page[PreviewedMessage]:
    """Preview the messages. Every variant for some contacts of the audience: text, encoding, parts, and what makes it
    need UCS-2.
    """
    wish = Preview(contacts=contacts, contact_id=contact_id)
    return Page(items=await preview_campaign(pool, peers, caller, campaign_id, wish, at=now()), next=None)


@post("/v1/campaigns/{campaign_id:uuid}/preview", tags=TAGS, opt={"role": "viewer"}, status_code=200)
async def preview_live(
    campaign_id: FromPath[UUID],
    data: JSONBody[LivePreview],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
) -> Page[PreviewedMessage]:
    """Preview texts as they are written. Every variant, unsaved, for a contact or a sample. Nothing is kept."""
    if data.sample and data.contact_id:
        raise invalid(FieldError("sample", "is given beside a contact", "give one of them"))
    changes = columns(CampaignPatch(content=data.content))
    person = _person(data.sample) if data.sample else None
    wish = Preview(contact_id=data.contact_id, sample=person, changes=changes)
    return Page(items=await preview_campaign(pool, peers, caller, campaign_id, wish, at=now()), next=None)


@get("/v1/campaigns/{campaign_id:uuid}/content-size", tags=TAGS, opt={"role": "viewer"})
async def get_content_size(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
) -> ContentSize:
    """Count characters and parts. On the typical and the worst recipient, with what forces UCS-2, its replacement, and
    what that saves.
    """
    return await weigh_content(pool, peers, caller, campaign_id, at=now())


def _person(sample: Sample) -> Person:
    try:
        check_attributes(sample.attributes)
        number = numbers.parse(sample.number)
    except IllegalFieldError as error:
        raise invalid(FieldError(f"sample.{error.field}", error.message, error.fix)) from error
    return None, number.number, number.country, sample.attributes


ROUTES: list[ControllerRouterHandler] = [get_preview, preview_live, get_content_size]
