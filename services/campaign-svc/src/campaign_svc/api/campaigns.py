"""Campaigns: create, edit in steps, look at, list."""

from typing import Annotated
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from campaign_svc.api import campaign_cursor
from campaign_svc.api.campaign_schemas import (
    READABLE,
    CampaignSummary,
    CampaignView,
    summary,
    view,
)
from campaign_svc.api.pages import AFTER, LIMIT, Limit, Page, page
from campaign_svc.clients.internal import Peers
from campaign_svc.domain.campaign import Campaign, CampaignType, NoSuchCampaignError
from campaign_svc.domain.choices import CampaignPatch, NewCampaign, Zoned, columns
from campaign_svc.handlers import draft_campaign, move_campaign
from campaign_svc.store import campaign_lists, campaigns, progress
from campaign_svc.store.campaign_lists import Filters, Sort
from campaign_svc.store.campaigns import HistoryEntry
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import in_utc
from volley_contracts import Status, now

TAGS = ["campaigns"]
MOST_MOVES = 2**31 - 1


async def answer(pool: Pool, campaign: Campaign, status_code: int = 200) -> Tagged[CampaignView]:
    """The campaign in full, with its ETag."""
    async with pool.acquire() as connection:
        made = await progress.of_one(connection, campaign.id)
        sender = await campaigns.sender(connection, campaign.account_id, campaign.sender_id)
    address = sender.address if sender else None
    return Tagged(view(campaign, made, address), str(campaign.revision), status_code)


@post("/v1/campaigns", tags=TAGS, opt={"role": "operator"})
async def create_campaign(
    data: JSONBody[NewCampaign], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[CampaignView]:
    """Make a draft. Everything else follows by PATCH, in any order."""
    changes = {"name": data.name, "tags": tuple(data.tags), "type": data.type}
    campaign = await draft_campaign.create_campaign(pool, caller, changes, at=now())
    return await answer(pool, campaign, 201)


@get("/v1/campaigns", tags=TAGS, opt={"role": "viewer"})
async def list_campaigns(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    name: Annotated[
        str | None, QueryParameter(max_length=255, pattern=READABLE, description="A part of the name, in any case.")
    ] = None,
    status: Annotated[
        list[Status] | None,
        QueryParameter(description="One of these statuses; `deleted` is listed only when it is asked for."),
    ] = None,
    tag: Annotated[list[str] | None, QueryParameter(description="All of these tags.")] = None,
    sender_id: FromQuery[UUID | None] = None,
    type_: Annotated[CampaignType | None, QueryParameter(name="type")] = None,
    created_from: FromQuery[Zoned | None] = None,
    created_before: FromQuery[Zoned | None] = None,
    sort: Annotated[Sort, QueryParameter(description="With a minus sign, the highest first: -created, the newest.")] = (
        "-created"
    ),
    after: Annotated[str | None, QueryParameter(max_length=2000, description=f"{AFTER} It goes with the sort.")] = None,
    limit: Limit = LIMIT,
) -> Page[CampaignSummary]:
    """List campaigns. The first page says how many there are in all."""
    filters = Filters(
        name=name,
        statuses=list(status) if status else None,
        tags=tag or None,
        sender_id=sender_id,
        type=type_,
        created_from=in_utc("created_from", created_from),
        created_before=in_utc("created_before", created_before),
    )
    start = None if after is None else campaign_cursor.read(sort, after)
    async with pool.acquire() as connection:
        found = await campaign_lists.page(
            connection, caller.account_id, filters, sort=sort, after=start, limit=limit + 1
        )
        total = None
        if start is None:  # a list that ends on its first page is counted already
            all_here = len(found) <= limit
            total = len(found) if all_here else await campaign_lists.total(connection, caller.account_id, filters)
    following = campaign_cursor.write(sort, found[limit - 1]) if len(found) > limit else None
    return Page(items=[summary(listed) for listed in found[:limit]], next=following, total=total)


@get("/v1/campaigns/{campaign_id:uuid}", tags=TAGS, opt={"role": "viewer"})
async def get_campaign(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[CampaignView]:
    """Show a campaign. Its choices, counts, forecast, moderation, and why it stands where it stands."""
    async with pool.acquire() as connection:
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
    if campaign is None:
        raise NoSuchCampaignError
    return await answer(pool, campaign)


@patch("/v1/campaigns/{campaign_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def edit_campaign(
    campaign_id: FromPath[UUID],
    data: JSONBody[CampaignPatch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[CampaignView]:
    """Edit a campaign. Any step, as far as the status allows. Changed texts of an active campaign are held until they
    pass.
    """
    campaign = await draft_campaign.edit_campaign(
        pool, peers, caller, campaign_id, columns(data), if_match=if_match, at=now()
    )
    return await answer(pool, campaign)


@delete("/v1/campaigns/{campaign_id:uuid}", tags=TAGS, opt={"role": "operator"})
async def delete_campaign(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Delete a campaign. In any status; an active one is aborted first. What was sent and its cost stay on record."""
    await move_campaign.delete_campaign(pool, caller, campaign_id, if_match, at=now())


@post("/v1/campaigns/{campaign_id:uuid}/duplicate", tags=TAGS, opt={"role": "operator"})
async def duplicate_campaign(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[CampaignView]:
    """Duplicate a campaign. A new draft with the same choices, without the schedule."""
    return await answer(pool, await draft_campaign.duplicate_campaign(pool, caller, campaign_id, at=now()), 201)


@get("/v1/campaigns/{campaign_id:uuid}/history", tags=TAGS, opt={"role": "viewer"})
async def get_history(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    after: Annotated[int, QueryParameter(ge=0, le=MOST_MOVES, description=AFTER)] = 0,
    limit: Limit = LIMIT,
) -> Page[HistoryEntry]:
    """List the moves of a campaign. Who, when, why. The oldest first. A deleted campaign's stays."""
    async with pool.acquire() as connection:
        if not await campaigns.is_known(connection, caller.account_id, campaign_id):
            raise NoSuchCampaignError
        found = await campaigns.history(connection, caller.account_id, campaign_id, after=after, limit=limit + 1)
    return page(found, limit, lambda entry: entry.version)


ROUTES: list[ControllerRouterHandler] = [
    create_campaign,
    list_campaigns,
    get_campaign,
    edit_campaign,
    delete_campaign,
    duplicate_campaign,
    get_history,
]
