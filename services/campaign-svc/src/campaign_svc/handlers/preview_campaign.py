"""What the messages of a campaign will look like for some of its contacts or for a sample, complete or not."""

from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

import msgspec

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import draft_content, preparation
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.fault import Fault, InvalidDraftError
from campaign_svc.handlers.change_segment import refresh
from campaign_svc.store import campaigns, recipients
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_sms import Cause, compile_template, field_of_link, parts, simplify, ucs2_causes

Person: TypeAlias = tuple[UUID | None, str, str, dict[str, str]]
"""Contact id, number, country, attributes."""
NOBODY: Person = (None, "+12025550100", "US", {})
FRESH = timedelta(minutes=1)
"""How old the members of a dynamic segment may be that is looked at."""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """For whom: one contact, a sample, or `contacts` of the audience, who are recipients once it was taken. `changes`
    are columns of the campaign that are not saved.
    """

    contacts: int = 1
    contact_id: UUID | None = None
    sample: Person | None = None
    changes: dict[str, Any] = {}


class PreviewedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One variant for one contact, with URLs as long as they will be. `contact_id` is None for a sample, and where
    there is nobody yet. `targets` says where each of its short URLs leads for them, by placeholder.

    `missing` names placeholders that have no value and no fallback; `ucs2_causes` the characters that make the
    message need UCS-2, and `simplified_parts` the parts without them.
    """

    contact_id: UUID | None
    number: str
    country: str
    variant: int
    text: str
    targets: dict[str, str]
    encoding: str
    units: int
    parts: int
    missing: list[str]
    ucs2_causes: list[Cause]
    simplified_parts: int


async def preview_campaign(
    pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, wish: Preview, *, at: datetime
) -> list[PreviewedMessage]:
    """Every variant for everybody who is wished for. Raises NoSuchCampaignError, InvalidDraftError."""
    async with pool.acquire() as connection, connection.transaction():
        saved = await campaigns.load(connection, caller.account_id, campaign_id)
        if saved is None:
            raise NoSuchCampaignError
        campaign = msgspec.structs.replace(saved, **wish.changes)
        known = await campaigns.known_fields(connection, caller.account_id)
        known = [*known, *(wish.sample[3] if wish.sample else ())]
        if found := list(draft_content.illegal(campaign, wish.changes, known)):
            raise InvalidDraftError(found)
        people = await _people(connection, campaign, wish, at)
    urls = preparation.sample_urls(await pools_of(peers, campaign), campaign.links)
    return [message(campaign, variant, person, urls) for person in people for variant in range(len(campaign.variants))]


async def _people(connection: Connection, campaign: Campaign, wish: Preview, at: datetime) -> list[Person]:
    if wish.sample:
        return [wish.sample]
    if wish.contact_id:
        people = await recipients.contact_for_preview(connection, campaign.account_id, wish.contact_id)
        if not people:
            raise InvalidDraftError([Fault("contact_id", "there is no such contact", "see GET /v1/contacts")])
        return [*people]
    if campaign.recipients and campaign.status not in {"draft", "rejected"}:  # whose audience may be another now
        seqs = preparation.sample_seqs(campaign.recipients, wish.contacts)
        people = await recipients.recipients_for_preview(connection, campaign.account_id, campaign.id, seqs)
        return [*people] or [NOBODY]
    await refresh(connection, campaign.account_id, [*campaign.include], at=at, older_than=FRESH)
    people = await recipients.contacts_for_preview(connection, campaign.account_id, campaign.include, wish.contacts)
    return [*people] or [NOBODY]


def message(campaign: Campaign, variant: int, person: Person, urls: dict[str, str]) -> PreviewedMessage:
    """One variant for one person."""
    contact_id, number, country, attributes = person
    template, values = compile_template(campaign.texts[variant]), {**attributes, "number": number}
    rendered = preparation.render(template, attributes, number, urls, transliterate=campaign.transliterate)
    targets = {field_of_link(link.name): link.target_url for link in campaign.further}
    targets |= {"short_url": campaign.target} if campaign.target else {}
    size = parts(rendered)
    return PreviewedMessage(
        contact_id=contact_id,
        number=number,
        country=country,
        variant=variant,
        text=rendered,
        targets={
            field: compile_template(target).render_url(values)
            for field, target in targets.items()
            if field in template.fields
        },
        encoding=size.encoding,
        units=size.units,
        parts=size.count,
        missing=template.missing({**values, **urls}),
        ucs2_causes=ucs2_causes(rendered),
        simplified_parts=parts(simplify(rendered)).count,
    )


async def pools_of(peers: Peers, campaign: Campaign) -> list[PoolState]:
    """A preview works without link-svc, with a URL of the usual length."""
    found = []
    for pool_id in campaign.pools:
        try:
            state = await link.pool(peers, campaign.account_id, pool_id)
        except UnavailableError:
            continue
        if state:
            found.append(state)
    return found
