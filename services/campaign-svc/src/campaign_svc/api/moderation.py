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
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError, Variant
from campaign_svc.domain.moderation import Moderation
from campaign_svc.handlers.review_campaign import review_campaign
from campaign_svc.store import campaign_lists, campaigns
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import NamedLink, Status, now

TAGS = ["moderation"]


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why the reviewer decided so."""

    comment: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=READABLE)]


class ModerationView(msgspec.Struct, frozen=True, kw_only=True):
    """The texts and what was found in them; `moderation` is None before processing."""

    campaign_id: UUID
    campaign_name: str
    status: Status
    submitted_by: str | None
    waiting_since: datetime | None
    variants: tuple[Variant, ...]
    target_url: str | None
    links: tuple[NamedLink, ...]
    recipients: int | None
    moderation: Moderation | None


def _view(campaign: Campaign) -> ModerationView:
    return ModerationView(
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        status=campaign.status,
        submitted_by=campaign.submitted_by,
        waiting_since=campaign.since,
        variants=campaign.variants,
        target_url=campaign.target,
        links=campaign.further,
        recipients=campaign.recipients,
        moderation=campaign.moderation,
    )


@get("/v1/campaigns/{campaign_id:uuid}/moderation", tags=TAGS, opt={"role": "viewer"})
async def get_moderation(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> ModerationView:
    """What moderation found in the campaign's texts: rule, span, reason; and who decided."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
    if campaign is None:
        raise NoSuchCampaignError
    return _view(campaign)


@get("/v1/moderation/queue", tags=TAGS, opt={"role": "viewer"})
async def get_queue(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[UUID | None, QueryParameter(description=AFTER)] = None,
    limit: Limit = LIMIT,
) -> Page[ModerationView]:
    """Campaigns whose texts wait for a reviewer, the oldest first."""
    async with pool.acquire() as connection:
        found = await campaign_lists.queue(connection, caller.account_id, after=after, limit=limit + 1)
    return page([_view(campaign) for campaign in found], limit, lambda item: item.campaign_id)


@post("/v1/moderation/{campaign_id:uuid}/approve", tags=TAGS, opt={"role": "reviewer"}, status_code=200)
async def approve(
    campaign_id: FromPath[UUID], data: JSONBody[Comment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Let the texts pass. Exactly these texts are sent. Not for who submitted them."""
    return await answer(pool, await review_campaign(pool, caller, campaign_id, "pass", data.comment, at=now()))


@post("/v1/moderation/{campaign_id:uuid}/reject", tags=TAGS, opt={"role": "reviewer"}, status_code=200)
async def reject(
    campaign_id: FromPath[UUID], data: JSONBody[Comment], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Refuse the texts. Not for who submitted them."""
    return await answer(pool, await review_campaign(pool, caller, campaign_id, "reject", data.comment, at=now()))


ROUTES: list[ControllerRouterHandler] = [get_moderation, get_queue, approve, reject]
