"""What the API takes and gives for campaigns."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from campaign_svc.domain import draft, lifecycle
from campaign_svc.domain.breakers import Breakers, RateCode
from campaign_svc.domain.campaign import Campaign, CampaignType, Variant
from campaign_svc.domain.choices import AllowedHours, Budget, Schedule
from campaign_svc.domain.fault import Fault
from campaign_svc.domain.forecast import Forecast
from campaign_svc.domain.moderation import Moderation
from campaign_svc.domain.target import FurtherLink, Utm
from campaign_svc.domain.trial import Comparison
from campaign_svc.domain.waves import Winner, portion, share_of
from campaign_svc.store.campaign_lists import Listed
from campaign_svc.store.progress import Progress
from volley_contracts import Status

WaitsFor = Literal["sending", "time", "winner"]
READABLE = r"^[^\x00]*$"


class MoveReason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why, in a person's words; kept in the campaign's history."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500, pattern=READABLE)]


class Resume(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`accept` names the rate that suspended the campaign, by whoever goes on although it is still too high."""

    accept: RateCode | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why the campaign stands where it stands, for machines and for people."""

    code: str | None
    sentence: str | None
    since: datetime | None


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    include: tuple[UUID, ...]
    exclude: tuple[UUID, ...]


class ContentView(msgspec.Struct, frozen=True, kw_only=True):
    variants: tuple[Variant, ...]
    transliterate: bool
    target_url: str | None
    links: tuple[FurtherLink, ...]
    utm: Utm | None
    links_expire_after: int | None
    short_pool_id: UUID | None
    short_domains: tuple[str, ...]
    optout_pool_id: UUID | None
    optout_domains: tuple[str, ...]
    winner: Winner | None
    hash: str | None


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients: all of them (None before processing), dropped contacts by reason, and outcomes.

    Once a campaign is aborted, whoever has no other outcome counts as cancelled, fed or not.
    `progress` is the share of recipients with an outcome, 0 to 1.
    """

    recipients: int | None
    audience_dropped: dict[str, int]
    fed: int
    submitted: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    settled: int
    progress: float


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent, and on how many parts."""

    amount: Decimal
    currency: str | None
    parts: int


class Clicks(msgspec.Struct, frozen=True, kw_only=True):
    """The click rate as the figures define it: people who clicked over delivered messages (of routes without receipts:
    submitted), null before there are any. About a second old.
    """

    ctr: float | None
    clickers: int
    delivered: int


class CampaignSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign in a list."""

    id: UUID
    name: str
    tags: tuple[str, ...]
    type: CampaignType
    status: Status
    reason: Reason | None
    sender_id: UUID | None
    sender_address: str | None
    counts: Counts
    cost: Cost
    clicks: Clicks
    created_at: datetime
    created_by: str
    updated_at: datetime
    launched_at: datetime | None


class WavesView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a launched campaign stands that is sent in waves, or tests its variants first.

    `current` counts from 1, `total` with the rest; `recipients` of the audience have had their turn when the current
    one is over. The next one waits until this one is sent (`sending`), for `next_at` (`time`), or for a winner until
    then at the latest (`winner`); null: there is no next one. `comparison` is what the clicks of the test said last.
    """

    current: int
    total: int
    recipients: int
    waits_for: WaitsFor | None
    next_at: datetime | None
    comparison: Comparison | None


class CampaignView(CampaignSummary, frozen=True, kw_only=True):
    """A campaign in full. `revision` is its ETag; `missing` is what submitting still needs; `allowed` what a person
    may do now; `suspension` stands while it is suspended.
    """

    revision: int
    audience: Audience
    content: ContentView
    schedule: Schedule | None
    waves: WavesView | None
    budget: Budget | None
    max_parts_per_second: int | None
    breakers: Breakers | None
    missing: list[Fault]
    allowed: list[str]
    editable: list[str]
    suspension: Reason | None
    forecast: Forecast | None
    moderation: Moderation | None


def summary(listed: Listed) -> CampaignSummary:
    return CampaignSummary(sender_address=listed.sender_address, **_common(listed, listed))


def view(campaign: Campaign, progress: Progress, sender_address: str | None) -> CampaignView:
    c = campaign
    in_steps = c.status in {"draft", "rejected"}
    return CampaignView(
        **_common(c, progress),
        sender_address=sender_address,
        revision=c.revision,
        audience=Audience(include=c.include, exclude=c.exclude),
        content=ContentView(
            variants=c.variants,
            transliterate=c.transliterate,
            target_url=c.target_url,
            links=c.links,
            utm=c.utm,
            links_expire_after=c.links_expire_after,
            short_pool_id=c.short_pool_id,
            short_domains=c.short_domains,
            optout_pool_id=c.optout_pool_id,
            optout_domains=c.optout_domains,
            winner=c.winner,
            hash=c.content_hash,
        ),
        schedule=_schedule(c),
        waves=_waves(c, progress),
        budget=Budget(amount=c.budget_amount, currency=c.budget_currency)
        if c.budget_amount is not None and c.budget_currency
        else None,
        max_parts_per_second=c.max_parts_per_second,
        breakers=c.breakers,
        missing=draft.missing(c) if in_steps else [],
        allowed=[*lifecycle.allowed(c.status), *(["next-wave"] if _has_next_wave(c) else [])],
        editable=sorted(draft.EDITABLE[c.status]),
        suspension=_reason(c) if c.status == "suspended" else None,
        forecast=c.forecast,
        moderation=c.moderation,
    )


def _schedule(campaign: Campaign) -> Schedule | None:
    c = campaign
    if c.start_mode is None:
        return None
    hours = AllowedHours.of(c.hours) if c.hours else None
    return Schedule(start=c.start_mode, at=c.start_at, lateness_limit_s=c.lateness_limit_s, hours=hours, waves=c.waves)


def _has_next_wave(campaign: Campaign) -> bool:
    return campaign.status in lifecycle.LAUNCHED and campaign.wave < len(campaign.planned_waves)


def _waves(campaign: Campaign, progress: Progress) -> WavesView | None:
    c, planned = campaign, campaign.planned_waves
    if not planned or c.launched_at is None:
        return None
    next_at: datetime | None = None
    waits_for: WaitsFor | None = None
    if _has_next_wave(c) and c.wave_sent_at:
        waits_for = "winner" if c.is_testing else "time"
        next_at = c.wave_sent_at + timedelta(minutes=planned[c.wave].wait_minutes)
    elif _has_next_wave(c):
        waits_for = "sending"
    return WavesView(
        current=c.wave + 1,
        total=len(planned) + 1,
        recipients=portion(0, c.recipients or 0, share_of(planned, c.wave)),
        waits_for=waits_for,
        next_at=next_at,
        comparison=progress.comparison,
    )


def _common(campaign: Campaign | Listed, progress: Progress | Listed) -> dict[str, Any]:
    c = campaign
    return {
        "id": c.id,
        "name": c.name,
        "tags": c.tags,
        "type": c.type,
        "status": c.status,
        "sender_id": c.sender_id,
        "created_at": c.created_at,
        "created_by": c.created_by,
        "updated_at": c.updated_at,
        "launched_at": c.launched_at,
        "reason": _reason(c) if c.code or c.sentence else None,
        "counts": _counts(c, progress),
        "cost": Cost(amount=progress.cost, currency=progress.currency, parts=progress.parts),
        "clicks": Clicks(ctr=progress.ctr, clickers=progress.clickers, delivered=progress.delivered),
    }


def _counts(campaign: Campaign | Listed, progress: Progress | Listed) -> Counts:
    recipients, cancelled = campaign.recipients or 0, progress.cancelled
    if campaign.status == "aborted":  # whoever was not fed has no outcome of their own
        cancelled += recipients - progress.settled
    settled = progress.settled - progress.cancelled + cancelled
    return Counts(
        recipients=campaign.recipients,
        audience_dropped=campaign.dropped,
        fed=campaign.next_seq,
        submitted=progress.submitted,
        failed=progress.failed,
        unknown=progress.unknown,
        suppressed=progress.suppressed,
        cancelled=cancelled,
        settled=settled,
        progress=round(settled / recipients, 4) if recipients else 0.0,
    )


def _reason(campaign: Campaign | Listed) -> Reason:
    return Reason(code=campaign.code, sentence=campaign.sentence, since=campaign.since)
