"""Events of stats-svc: live figures, variants compared, and clickers where clicks were counted again."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from volley_contracts.campaigns import Status
from volley_contracts.events import Event, event
from volley_contracts.topics import STATS_CLICKERS, STATS_COMPARISONS, STATS_LIVE


@event("volley.stats.live.v1", STATS_LIVE)
class LiveFigures(Event, frozen=True, kw_only=True):
    """The totals of a campaign as stats-svc knows them at `at`. Counts are messages, or recipients for clickers.

    `ctr` is the click rate, 0 to 1, null while there is nothing to divide by. `progress` is the share of the campaign's
    `recipients` that have an outcome, 0 to 1. `rate` are messages that providers took a second, over the last few
    seconds; null while that is not known. Name, status and tags are the campaign's.
    """

    campaign_id: UUID
    submitted: int
    delivered: int
    undelivered: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    clicks_raw: int
    clicks_human: int
    clickers: int
    optouts: int
    parts: int
    cost: Decimal
    currency: str
    at: datetime
    ctr: float | None = None
    name: str | None = None
    status: Status | None = None
    tags: tuple[str, ...] = ()
    recipients: int | None = None
    progress: float | None = None
    rate: float | None = None


ComparisonVerdict = Literal["too_early", "undecided", "winner"]


class Tried(msgspec.Struct, frozen=True):
    """A variant (from 0): messages of it that reached somebody, and how many of those people clicked."""

    variant: int
    reached: int
    clickers: int


@event("volley.stats.variants_compared.v1", STATS_COMPARISONS)
class VariantsCompared(Event, frozen=True, kw_only=True):
    """What the clicks of a campaign with several variants say of them at `at`.

    It holds at every moment: the chance that a `winner` is ever named where no variant is better is at most 5 %.
    `p_value` bounds the chance of such evidence if the leader were no better; null if it is too early to tell.
    """

    campaign_id: UUID
    verdict: ComparisonVerdict
    winner: int | None
    p_value: float | None
    variants: list[Tried]
    at: datetime


@event("volley.stats.clickers_recounted.v1", STATS_CLICKERS)
class ClickersRecounted(Event, frozen=True, kw_only=True):
    """Columns, one entry a recipient whose kept clicks were judged again: the first click as a person, null for none.

    `rules` is the version of the rules that judged; it says nothing of clicks that were judged by as new ones at once.
    Recipients who never counted as having clicked, and do not now, are left out.
    """

    campaign_id: UUID
    seqs: list[int]
    clicked_at: list[datetime | None]
    rules: int
    at: datetime
