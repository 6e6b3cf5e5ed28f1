"""What the messages of a campaign will look like for some of its contacts."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import preparation
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.forecast import PoolState
from campaign_svc.handlers.change_segment import refresh
from campaign_svc.store import campaigns, recipients
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_sms import Cause, compile_template, parts, simplify, ucs2_causes

FRESH = timedelta(minutes=1)
"""How old the members of a dynamic segment may be that is looked at."""


class PreviewedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One variant for one contact, with URLs as long as they will be. `contact_id` is None where there is nobody yet.

    `missing` names placeholders that have no value and no fallback; `ucs2_causes` the characters that make the
    message need UCS-2, and `simplified_parts` the parts without them.
    """

    contact_id: UUID | None
    number: str
    country: str
    variant: int
    text: str
    encoding: str
    units: int
    parts: int
    missing: list[str]
    ucs2_causes: list[Cause]
    simplified_parts: int


async def preview_campaign(
    pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, contacts: int, *, at: datetime
) -> list[PreviewedMessage]:
    """Every variant for up to `contacts` contacts. Raises NoSuchCampaignError."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        await refresh(connection, caller.account_id, [*campaign.include], at=at, older_than=FRESH)
        people = await recipients.contacts_for_preview(connection, caller.account_id, campaign.include, contacts)
    urls = preparation.sample_urls(await pools_of(peers, campaign), campaign.links)
    shown: list[tuple[UUID | None, str, str, dict[str, str]]] = [*people] or [(None, "+12025550100", "US", {})]
    return [
        message(variant, text, person, urls, transliterate=campaign.transliterate)
        for person in shown
        for variant, text in enumerate(campaign.texts)
    ]


def message(
    variant: int,
    text: str,
    person: tuple[UUID | None, str, str, dict[str, str]],
    urls: dict[str, str],
    *,
    transliterate: bool,
) -> PreviewedMessage:
    """One variant for one person: contact id, number, country, attributes."""
    contact_id, number, country, fields = person
    template = compile_template(text)
    rendered = preparation.render(template, fields, number, urls, transliterate=transliterate)
    size = parts(rendered)
    return PreviewedMessage(
        contact_id=contact_id,
        number=number,
        country=country,
        variant=variant,
        text=rendered,
        encoding=size.encoding,
        units=size.units,
        parts=size.count,
        missing=template.missing({**fields, "number": number, **urls}),
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
