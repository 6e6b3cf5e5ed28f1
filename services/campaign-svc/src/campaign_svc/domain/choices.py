"""What a caller chooses for a campaign, by the API or by a command: fields of each step, and the columns they mean."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from campaign_svc.domain.breakers import Breakers
from campaign_svc.domain.campaign import LATENESS_LIMIT_S, CampaignType, StartMode, Variant
from campaign_svc.domain.hours import DAYS, Day, Hours
from campaign_svc.domain.target import FurtherLink, Utm
from campaign_svc.domain.waves import Wave, Winner

Zoned = Annotated[datetime, msgspec.Meta(tz=True)]
TimeOfDay = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$", examples=["09:00"], description="HH:MM, or HH:MM:SS"
    ),
]


class NewCampaign(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first step; everything else is added by PATCH."""

    name: str
    tags: list[str] = []
    type: CampaignType = "outbound"


class AudiencePatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ids of segments."""

    include: list[UUID] | UnsetType = UNSET
    exclude: list[UUID] | UnsetType = UNSET


class ContentPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The texts, and what their URLs need. Ratios are percent and sum to 100.

    `transliterate`: characters that force UCS-2 are replaced in every message where something is like them.
    `links` are further ones, each with a name by which texts call it: `{{ short_url.name }}`. Target URLs may have
    placeholders behind their host, whose values are percent-encoded; `utm` is added to each.
    Their domains are those of a pool, or domains of the account that are listed by name. Short
    URLs stop working `links_expire_after` days after they were made. `winner`: the variants are tried on some people
    first.
    """

    variants: list[Variant] | UnsetType = UNSET
    transliterate: bool | UnsetType = UNSET
    target_url: str | UnsetType | None = UNSET
    links: list[FurtherLink] | UnsetType = UNSET
    utm: Utm | UnsetType | None = UNSET
    links_expire_after: int | UnsetType | None = UNSET
    short_pool_id: UUID | UnsetType | None = UNSET
    short_domains: list[str] | UnsetType = UNSET
    optout_pool_id: UUID | UnsetType | None = UNSET
    optout_domains: list[str] | UnsetType = UNSET
    winner: Winner | UnsetType | None = UNSET


class AllowedHours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local times from `opens` to `closes` (00:00: the end of the day) on `days`, by the recipient's own clock.

    `skip_holidays`: not on public holidays of the recipient's country. `skip_dates`: nor on these dates, wherever.
    """

    opens: TimeOfDay
    closes: TimeOfDay
    days: tuple[Day, ...] = DAYS
    skip_holidays: bool = False
    skip_dates: tuple[date, ...] = ()

    @classmethod
    def of(cls, hours: Hours) -> "AllowedHours":
        return msgspec.convert(msgspec.to_builtins(hours), cls)

    @property
    def hours(self) -> Hours:
        return Hours(
            opens=time.fromisoformat(self.opens),
            closes=time.fromisoformat(self.closes),
            days=self.days,
            skip_holidays=self.skip_holidays,
            skip_dates=self.skip_dates,
        )


class Schedule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`at` goes with start "at". A start that is missed by more than the lateness limit (seconds) suspends.

    `hours`: when people may be texted, by their own clock; null: at any time. `waves`: portions of the audience that
    are sent to first, each followed by a wait; whoever is in none of them comes last.
    """

    start: StartMode
    at: Zoned | None = None
    lateness_limit_s: int = LATENESS_LIMIT_S
    hours: AllowedHours | None = None
    waves: tuple[Wave, ...] = ()


class Budget(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No message is handed over that would make the campaign cost more: it is suspended then."""

    amount: Decimal
    currency: str


class CampaignPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any of the steps. What is left out stays; null takes a choice back."""

    name: str | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    type: CampaignType | UnsetType = UNSET
    audience: AudiencePatch | UnsetType = UNSET
    sender_id: UUID | UnsetType | None = UNSET
    content: ContentPatch | UnsetType = UNSET
    schedule: Schedule | UnsetType | None = UNSET
    budget: Budget | UnsetType | None = UNSET
    max_parts_per_second: int | UnsetType | None = UNSET
    breakers: Breakers | UnsetType | None = UNSET


def columns(patch: CampaignPatch) -> dict[str, Any]:
    """The patch as columns of the campaign."""
    changes: dict[str, Any] = {}
    for part in (patch, patch.audience, patch.content):
        if not isinstance(part, UnsetType):
            changes |= {name: value for name in part.__struct_fields__ if (value := getattr(part, name)) is not UNSET}
    changes = {name: tuple(v) if isinstance(v, list) else v for name, v in changes.items()}
    changes.pop("audience", None)
    changes.pop("content", None)
    if "schedule" in changes:
        schedule: Schedule | None = changes.pop("schedule")
        changes["start_mode"] = schedule.start if schedule else None
        changes["start_at"] = schedule.at if schedule else None
        changes["hours"] = schedule.hours.hours if schedule and schedule.hours else None
        changes["waves"] = schedule.waves if schedule else ()
        changes["lateness_limit_s"] = schedule.lateness_limit_s if schedule else LATENESS_LIMIT_S
    if "budget" in changes:
        budget: Budget | None = changes.pop("budget")
        changes["budget_amount"] = budget.amount if budget else None
        changes["budget_currency"] = budget.currency if budget else None
    return changes
