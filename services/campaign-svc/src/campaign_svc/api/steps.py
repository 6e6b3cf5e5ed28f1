"""The wizard's steps as resources: each is saved as far as it is done, and says by itself what it still needs."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler

from campaign_svc.api.campaigns import TAGS
from campaign_svc.api.pages import Page
from campaign_svc.clients.internal import Peers, UnavailableError
from campaign_svc.domain import steps
from campaign_svc.domain.breakers import Breakers
from campaign_svc.domain.campaign import Campaign, CampaignType, Variant
from campaign_svc.domain.choices import AudiencePatch, Budget, CampaignPatch, ContentPatch, Schedule, columns
from campaign_svc.domain.fault import Fault
from campaign_svc.domain.findings import Finding
from campaign_svc.domain.forecast import Forecast
from campaign_svc.domain.moderation import verdict_of
from campaign_svc.domain.moderation_terms import Verdict
from campaign_svc.domain.preparation import UnpreparableError
from campaign_svc.domain.steps import Step
from campaign_svc.domain.target import FurtherLink, Utm
from campaign_svc.domain.waves import Winner
from campaign_svc.handlers.draft_campaign import edit_campaign
from campaign_svc.handlers.examine_draft import examine_draft, foresee_moderation
from campaign_svc.handlers.foresee_campaign import foresee_campaign
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_contracts import now


class BasicsStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the campaign is called."""

    name: str
    tags: list[str] = []
    type: CampaignType = "outbound"


class AudienceStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ids of segments."""

    include: list[UUID] = []
    exclude: list[UUID] = []


class SenderStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who it comes from."""

    sender_id: UUID | None = None


class ContentStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The texts; in a draft they may be empty, and their ratios sum to anything, until it is submitted."""

    variants: list[Variant] = []
    transliterate: bool = False
    target_url: str | None = None
    links: list[FurtherLink] = []
    utm: Utm | None = None
    links_expire_after: int | None = None
    short_pool_id: UUID | None = None
    short_domains: list[str] = []
    optout_pool_id: UUID | None = None
    optout_domains: list[str] = []
    winner: Winner | None = None


class ScheduleStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it starts, how fast it goes, what it may cost, and what stops it."""

    schedule: Schedule | None = None
    budget: Budget | None = None
    max_parts_per_second: int | None = None
    breakers: Breakers | None = None


class StepState(msgspec.Struct, frozen=True, kw_only=True):
    """`problems` is what stands between this step and submitting."""

    step: Step
    complete: bool
    problems: list[Fault]


class ReviewStep(msgspec.Struct, frozen=True, kw_only=True):
    """All problems of all steps, and what moderation will say of the texts (before it sees what contacts bring in).

    Where nothing is missing also who will be texted, who is dropped by reason, and the forecast, as processing would
    make it now; or `obstacle`, what it would send the draft back for. No forecast and no obstacle: a service cannot be
    asked now.
    """

    complete: bool
    problems: list[Fault]
    verdict: Verdict
    findings: list[Finding]
    recipients: int | None = None
    dropped: dict[str, int] = {}
    forecast: Forecast | None = None
    obstacle: str | None = None


def _states(problems: list[Fault]) -> list[StepState]:
    found = {step: steps.problems_of(step, problems) for step in steps.STEPS}
    return [StepState(step=step, complete=not mine, problems=mine) for step, mine in found.items()]


@get("/v1/campaigns/{campaign_id:uuid}/steps", tags=TAGS, opt={"role": "viewer"})
async def get_steps(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Page[StepState]:
    """Show the six steps. Which are complete, and what the others need. Their values stand in the campaign itself."""
    _, problems = await examine_draft(pool, caller, campaign_id, at=now())
    return Page(items=_states(problems), next=None)


@get("/v1/campaigns/{campaign_id:uuid}/steps/review", tags=TAGS, opt={"role": "viewer"})
async def get_review(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
) -> ReviewStep:
    """Show step 6, review. What submitting still needs, what moderation will say, cost, finish time, and whether pools
    last.

    Submitting is POST .../submit.
    """
    campaign, problems = await examine_draft(pool, caller, campaign_id, at=now())
    findings = await foresee_moderation(pool, peers, campaign)
    obstacle = None
    if campaign.status == "draft" and not problems:
        try:
            campaign = await foresee_campaign(pool, peers, campaign, at=now())
        except UnpreparableError as error:
            obstacle = error.sentence
        except UnavailableError:
            pass
    return ReviewStep(
        complete=not problems and obstacle is None,
        problems=problems,
        verdict=verdict_of(findings),
        findings=findings,
        recipients=campaign.recipients,
        dropped=campaign.dropped,
        forecast=campaign.forecast,
        obstacle=obstacle,
    )


async def _save(
    pool: Pool, peers: Peers, caller: Caller, campaign_id: UUID, step: Step, patch: CampaignPatch, if_match: str | None
) -> Tagged[StepState]:
    campaign: Campaign = await edit_campaign(
        pool,
        peers,
        caller,
        campaign_id,
        columns(patch),
        if_match=if_match,
        at=now(),
        half_done=True,
    )
    _, problems = await examine_draft(pool, caller, campaign_id, at=now())
    (state,) = (state for state in _states(problems) if state.step == step)
    return Tagged(state, str(campaign.revision))


def _values(data: msgspec.Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(data)


@put("/v1/campaigns/{campaign_id:uuid}/steps/basics", tags=TAGS, opt={"role": "operator"})
async def put_basics(
    campaign_id: FromPath[UUID],
    data: JSONBody[BasicsStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[StepState]:
    """Save step 1, basics."""
    return await _save(pool, peers, caller, campaign_id, "basics", CampaignPatch(**_values(data)), if_match)


@put("/v1/campaigns/{campaign_id:uuid}/steps/audience", tags=TAGS, opt={"role": "operator"})
async def put_audience(
    campaign_id: FromPath[UUID],
    data: JSONBody[AudienceStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[StepState]:
    """Save step 2, audience. What is left out is taken back."""
    patch = CampaignPatch(audience=AudiencePatch(**_values(data)))
    return await _save(pool, peers, caller, campaign_id, "audience", patch, if_match)


@put("/v1/campaigns/{campaign_id:uuid}/steps/sender", tags=TAGS, opt={"role": "operator"})
async def put_sender(
    campaign_id: FromPath[UUID],
    data: JSONBody[SenderStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[StepState]:
    """Save step 3, sender."""
    return await _save(pool, peers, caller, campaign_id, "sender", CampaignPatch(**_values(data)), if_match)


@put("/v1/campaigns/{campaign_id:uuid}/steps/content", tags=TAGS, opt={"role": "operator"})
async def put_content(
    campaign_id: FromPath[UUID],
    data: JSONBody[ContentStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[StepState]:
    """Save step 4, content. What is left out is taken back."""
    patch = CampaignPatch(content=ContentPatch(**_values(data)))
    return await _save(pool, peers, caller, campaign_id, "content", patch, if_match)


@put("/v1/campaigns/{campaign_id:uuid}/steps/schedule", tags=TAGS, opt={"role": "operator"})
async def put_schedule(
    campaign_id: FromPath[UUID],
    data: JSONBody[ScheduleStep],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    peers: NamedDependency[Peers],
    if_match: IfMatch = None,
) -> Tagged[StepState]:
    """Save step 5, schedule. What is left out is taken back."""
    return await _save(pool, peers, caller, campaign_id, "schedule", CampaignPatch(**_values(data)), if_match)


ROUTES: list[ControllerRouterHandler] = [
    get_steps,
    get_review,
    put_basics,
    put_audience,
    put_sender,
    put_content,
    put_schedule,
]
