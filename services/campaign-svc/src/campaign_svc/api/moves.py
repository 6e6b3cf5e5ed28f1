"""Moves that persons make: submit, start, pause, resume, abort, the next wave."""

from uuid import UUID

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaign_schemas import CampaignView, MoveReason, Resume
from campaign_svc.api.campaigns import TAGS, answer
from campaign_svc.clients.internal import Peers
from campaign_svc.handlers import draft_campaign
from campaign_svc.handlers.follow_waves import let_next_wave_begin
from campaign_svc.handlers.move_campaign import move_by_person
from campaign_svc.handlers.resume_campaign import resume_campaign
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import now


async def _moved(
    pool: Pool, caller: Caller, campaign_id: UUID, name: str, data: MoveReason | None
) -> Response[CampaignView]:
    sentence = data.reason if data else None
    return await answer(pool, await move_by_person(pool, caller, campaign_id, name, at=now(), sentence=sentence))


@post("/v1/campaigns/{campaign_id:uuid}/submit", tags=TAGS, opt={"role": "operator"}, status_code=202)
async def submit(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Submit a draft. It must be complete, and goes to processing. 422 names what is missing."""
    return await answer(pool, await draft_campaign.submit_campaign(pool, caller, campaign_id, at=now()), 202)


@post("/v1/campaigns/{campaign_id:uuid}/start", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def start(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    data: JSONBody[MoveReason | None] = None,
) -> Response[CampaignView]:
    """Start a campaign. One that is ready, or scheduled for later."""
    return await _moved(pool, caller, campaign_id, "start", data)


@post("/v1/campaigns/{campaign_id:uuid}/pause", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def pause(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    data: JSONBody[MoveReason | None] = None,
) -> Response[CampaignView]:
    """Pause a campaign. Resume continues exactly where it stopped."""
    return await _moved(pool, caller, campaign_id, "pause", data)


@post("/v1/campaigns/{campaign_id:uuid}/resume", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def resume(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    data: JSONBody[Resume | None] = None,
) -> Response[CampaignView]:
    """Resume a campaign. 409 `cause_holds` says what is missing if what suspended the campaign is still so."""
    accept = data.accept if data else None
    return await answer(pool, await resume_campaign(pool, peers, caller, campaign_id, accept=accept, at=now()))


@post("/v1/campaigns/{campaign_id:uuid}/abort", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def abort(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    data: JSONBody[MoveReason | None] = None,
) -> Response[CampaignView]:
    """Abort a campaign. What was not handed to a provider is never sent."""
    return await _moved(pool, caller, campaign_id, "abort", data)


@post("/v1/campaigns/{campaign_id:uuid}/next-wave", tags=TAGS, opt={"role": "operator"}, status_code=200)
async def next_wave(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Response[CampaignView]:
    """Begin the next wave. Without waiting for its time. A test of variants ends so without a winner."""
    return await answer(pool, await let_next_wave_begin(pool, caller, campaign_id, at=now()))


ROUTES: list[ControllerRouterHandler] = [submit, start, pause, resume, abort, next_wave]
