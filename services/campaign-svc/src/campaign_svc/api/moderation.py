"""Moderation: what the rules found, the reviewers' queue, and their decisions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaign_schemas import READABLE, CampaignView
from campaign_svc.api.campaigns import answer
from campaign_svc.api.pages import LIMIT, AfterMoment, Limit, Page, moment, page, read_moment
from campaign_svc.clients.internal import Peers
from campaign_svc.domain.campaign import Campaign, CampaignType, NoSuchCampaignError, Variant
from campaign_svc.domain.four_eyes import had_a_hand_in, hands
from campaign_svc.domain.moderation import Moderation
from campaign_svc.handlers.preview_campaign import Preview, PreviewedMessage, preview_campaign
from campaign_svc.handlers.review_campaign import review_campaign
from campaign_svc.store import campaigns, reviews
from campaign_svc.store.reviews import Filters
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import NamedLink, Status, now

TAGS = ["moderation"]
SAMPLES = 3
Word = Annotated[str | None, QueryParameter(max_length=300, pattern=READABLE)]


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the reviewer decided so. With the `content_hash` of the moderation that they saw, nothing is decided if the
    content was changed since.
    """

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=READABLE)]
    content_hash: Annotated[str, msgspec.Meta(max_length=100, pattern=READABLE)] | None = None


class ModerationView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole content and what was found in it; `moderation` is None before processing.

    `hands` created, edited or submitted the campaign; `own`: the caller is among them, and may not decide. Target URLs
    have their UTM parameters.
    """

    campaign_id: UUID
    campaign_name: str
    type: CampaignType
    status: Status
    submitted_by: str | None
    hands: list[str]
    own: bool
    waiting_since: datetime | None
    variants: tuple[Variant, ...]
    transliterate: bool
    target_url: str | None
    links: tuple[NamedLink, ...]
    recipients: int | None
    moderation: Moderation | None


class ReviewView(ModerationView, frozen=True, kw_only=True):
    """With the sender, and every variant as some contacts get it, with where its links lead for them."""

    sender_address: str | None
    samples: list[PreviewedMessage]


def _view(campaign: Campaign, caller: Caller) -> ModerationView:
    return ModerationView(
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        type=campaign.type,
        status=campaign.status,
        submitted_by=campaign.submitted_by,
        hands=hands(campaign),
        own=had_a_hand_in(campaign, caller.actor, caller.person),
        waiting_since=campaign.since,
        variants=campaign.variants,
        transliterate=campaign.transliterate,
        target_url=campaign.target,
        links=campaign.further,
        recipients=campaign.recipients,
        moderation=campaign.moderation,
    )


@get("/v1/campaigns/{campaign_id:uuid}/moderation", tags=TAGS, opt={"role": "viewer"})
async def get_moderation(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
) -> ReviewView:
    """Show what a reviewer must see. Texts, targets, samples; what was found: rule, span, reason; who decided."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        sender = await campaigns.sender(connection, caller.account_id, campaign.sender_id)
    samples = await preview_campaign(pool, peers, caller, campaign_id, Preview(contacts=SAMPLES), at=now())
    seen = msgspec.structs.asdict(_view(campaign, caller))
    return ReviewView(**seen, sender_address=sender.address if sender else None, samples=samples)


@get("/v1/moderation/queue", tags=TAGS, opt={"role": "viewer"})
async def get_queue(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    name: Annotated[str | None, QueryParameter(max_length=255, pattern=READABLE, description="A part of it.")] = None,
    submitted_by: Word = None,
    category: Annotated[Word, QueryParameter(description="Something of this category was found.")] = None,
    rule: Annotated[Word, QueryParameter(description="This rule found something.")] = None,
    changed: Annotated[bool | None, QueryParameter(description="Whether texts were changed after the launch.")] = None,
    after: AfterMoment = None,
    limit: Limit = LIMIT,
) -> Page[ModerationView]:
    """List campaigns that wait for a reviewer, the longest waiting first."""
    filters = Filters(name=name, submitted_by=submitted_by, category=category, rule=rule, changed=changed)
    found = await reviews.page(pool, caller.account_id, filters, after=read_moment(after), limit=limit + 1)
    total = None if after else await reviews.count(pool, caller.account_id, filters)
    views = [_view(campaign, caller) for campaign in found]
    return page(views, limit, lambda item: moment(item.waiting_since, item.campaign_id), total)


@post("/v1/moderation/{campaign_id:uuid}/approve", tags=TAGS, opt={"role": "reviewer"}, status_code=200)
async def approve(
    campaign_id: FromPath[UUID], data: JSONBody[Comment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Approve a campaign's texts. Exactly these are sent. Not for who created, edited or submitted the campaign."""
    passed = await review_campaign(pool, caller, campaign_id, "pass", data.comment, seen=data.content_hash, at=now())
    return await answer(pool, passed)


@post("/v1/moderation/{campaign_id:uuid}/reject", tags=TAGS, opt={"role": "reviewer"}, status_code=200)
async def reject(
    campaign_id: FromPath[UUID], data: JSONBody[Comment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Reject a campaign's texts. Not for who created, edited or submitted the campaign."""
    refused = await review_campaign(pool, caller, campaign_id, "reject", data.comment, seen=data.content_hash, at=now())
    return await answer(pool, refused)


ROUTES: list[ControllerRouterHandler] = [get_moderation, get_queue, approve, reject]
