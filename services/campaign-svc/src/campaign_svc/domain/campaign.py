"""A campaign as it stands: what people chose, what processing found, where it is in its life."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from campaign_svc.domain.breakers import Breakers
from campaign_svc.domain.forecast import Forecast
from campaign_svc.domain.hours import Hours
from campaign_svc.domain.moderation import Moderation
from campaign_svc.domain.target import FurtherLink, Utm, with_utm
from campaign_svc.domain.waves import Wave, Winner, plan
from volley_contracts import NamedLink, Status, content_hash

CampaignType = Literal["outbound", "two_way"]
StartMode = Literal["now", "at", "manual"]
LATENESS_LIMIT_S = 7200

MAX_NAME = 255
"""Characters of the name of a campaign, or of a variant."""


class NoSuchCampaignError(Exception):
    """The account has no campaign of that id."""


class Variant(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text of an A/B split. `ratio` is its share of the recipients in percent."""

    text: str
    ratio: int = 100
    name: str | None = None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Where a campaign stood when changed texts were held."""

    status: Status
    code: str | None = None
    sentence: str | None = None


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of table campaigns; see the comments there. `version` counts moves, `revision` every change."""

    id: UUID
    account_id: UUID
    name: str
    tags: tuple[str, ...] = ()
    type: CampaignType = "outbound"
    status: Status = "draft"
    version: int = 0
    revision: int = 1
    created_at: datetime
    created_by: str
    updated_at: datetime
    submitted_by: str | None = None
    launched_at: datetime | None = None

    include: tuple[UUID, ...] = ()
    exclude: tuple[UUID, ...] = ()
    sender_id: UUID | None = None
    variants: tuple[Variant, ...] = ()
    target_url: str | None = None
    links: tuple[FurtherLink, ...] = ()
    utm: Utm | None = None
    links_expire_after: int | None = None
    transliterate: bool = False
    authors: tuple[str, ...] = ()
    short_pool_id: UUID | None = None
    short_domains: tuple[str, ...] = ()
    optout_pool_id: UUID | None = None
    optout_domains: tuple[str, ...] = ()
    start_mode: StartMode | None = None
    start_at: datetime | None = None
    lateness_limit_s: int = LATENESS_LIMIT_S
    budget_amount: Decimal | None = None
    budget_currency: str | None = None
    max_parts_per_second: int | None = None
    breakers: Breakers | None = None
    hours: Hours | None = None
    waves: tuple[Wave, ...] = ()
    winner: Winner | None = None

    recipients: int | None = None
    dropped: dict[str, int] = msgspec.field(default_factory=dict)
    moderation: Moderation | None = None
    forecast: Forecast | None = None
    content_hash: str | None = None
    content_version: int = 0
    typical_parts: float = 1.0
    prepare_after: datetime

    code: str | None = None
    sentence: str | None = None
    since: datetime | None = None
    held_from: Held | None = None

    handed_over: bool = False
    next_batch_no: int = 0
    next_seq: int = 0
    feed_after: datetime | None = None
    redealt: bool = False
    wave: int = 0
    wave_sent_at: datetime | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(variant.text for variant in self.variants)

    @property
    def target(self) -> str | None:
        """Where `{{ short_url }}` leads: the target URL with its UTM parameters."""
        return None if self.target_url is None else with_utm(self.target_url, self.utm)

    @property
    def further(self) -> tuple[NamedLink, ...]:
        """The further links, with their UTM parameters."""
        return tuple(NamedLink(link.name, with_utm(link.target_url, self.utm)) for link in self.links)

    @property
    def hash_of_texts(self) -> str:
        """What `content_hash` becomes if the texts as they stand pass."""
        return content_hash(self.texts, self.target, transliterate=self.transliterate, links=self.further)

    @property
    def planned_waves(self) -> tuple[Wave, ...]:
        """All but the rest; `wave` is the index of the one under way."""
        return plan(self.waves, self.winner)

    @property
    def is_testing(self) -> bool:
        """Whether it is still open which variant the rest gets."""
        return self.winner is not None and self.wave == 0

    @property
    def budget(self) -> str:
        """In words."""
        return "unlimited" if self.budget_amount is None else f"{self.budget_amount} {self.budget_currency}"

    @property
    def pools(self) -> tuple[UUID, ...]:
        return tuple(pool for pool in (self.short_pool_id, self.optout_pool_id) if pool)
