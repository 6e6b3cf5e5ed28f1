"""How long a campaign's messages become on real contacts, and what that costs."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from campaign_svc.clients import dispatch
from campaign_svc.clients.dispatch import Coverage
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import content_size, draft_content, preparation
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.domain.content_size import Found, Money, Weighed
from campaign_svc.handlers.change_segment import refresh
from campaign_svc.handlers.preview_campaign import FRESH, NOBODY, Person, PreviewedMessage, message, pools_of
from campaign_svc.store import campaigns, recipients
from volley_chassis.database import Pool
from volley_chassis.http import Caller


class VariantSize(msgspec.Struct, frozen=True, kw_only=True):
    """`typical` and `worst` are messages of real contacts, with URLs as long as they will be; shares and averages are
    over the sample. `money` is None without a rate card.
    """

    variant: int
    average_parts: float
    ucs2_share: float
    typical: PreviewedMessage
    worst: PreviewedMessage
    causes: list[Found]
    money: Money | None


class ContentSize(msgspec.Struct, frozen=True, kw_only=True):
    """`audience` are the contacts of the segments before anybody is dropped, `sampled` how many of them were looked at.

    `transliterated`: replacements are made already, so that nothing more can be saved.
    """

    audience: int
    sampled: int
    transliterated: bool
    currency: str | None
    variants: list[VariantSize]


async def weigh_content(pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, *, at: datetime) -> ContentSize:
    """Raises NoSuchCampaignError. Without dispatch-svc there are no prices, without link-svc URLs of usual length."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        segments = [*campaign.include, *campaign.exclude]
        await refresh(connection, caller.account_id, segments, at=at, older_than=FRESH)
        audience = await recipients.audience_size(connection, caller.account_id, campaign.include, campaign.exclude)
        used = draft_content.fields_used(campaign)
        chosen = (caller.account_id, campaign.include, campaign.exclude)
        usual = await recipients.some_contacts(connection, *chosen, preparation.SAMPLE)
        longest = await recipients.longest_contacts(connection, *chosen, used) if used else []
    coverage = await _coverage(peers, caller.account_id)
    urls = preparation.sample_urls(await pools_of(peers, campaign), campaign.links)
    people: list[Person] = [*usual] or [NOBODY]
    known = {person[0] for person in people}
    further: list[Person] = [person for person in longest if person[0] not in known]
    return ContentSize(
        audience=audience,
        sampled=len(usual),
        transliterated=campaign.transliterate,
        currency=coverage.currency if coverage else None,
        variants=[
            _weigh(campaign, variant, people, further, urls, coverage, audience)
            for variant in range(len(campaign.variants))
        ],
    )


def _weigh(
    campaign: Campaign,
    variant: int,
    usual: list[Person],
    longest: list[Person],
    urls: dict[str, str],
    coverage: Coverage | None,
    audience: int,
) -> VariantSize:
    text, ratio = campaign.variants[variant].text, campaign.variants[variant].ratio
    shown = [message(campaign, variant, one, urls) for one in [*usual, *longest]]
    weighed = [Weighed(m.country, m.text, m.units, m.encoding, m.parts, m.simplified_parts) for m in shown]
    sample = weighed[: len(usual)]
    share = Decimal(audience * ratio) / 100
    return VariantSize(
        variant=variant,
        average_parts=round(sum(m.parts for m in sample) / len(sample), 3),
        ucs2_share=round(sum(m.encoding == "ucs2" for m in sample) / len(sample), 3),
        typical=shown[content_size.typical(sample)],
        worst=shown[content_size.heaviest(weighed)],
        causes=content_size.causes(text, weighed),
        money=content_size.money(sample, coverage.prices, share) if coverage else None,
    )


async def _coverage(peers: Peers, account_id: UUID) -> Coverage | None:
    try:
        return await dispatch.coverage(peers, account_id)
    except UnavailableError:
        return None
