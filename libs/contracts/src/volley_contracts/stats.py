"""Events of stats-svc: live figures, and clickers where clicks were counted again."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from volley_contracts.events import Event, event
from volley_contracts.topics import STATS_CLICKERS, STATS_LIVE


@event("volley.stats.live.v1", STATS_LIVE)
class LiveFigures(Event, frozen=True, kw_only=True):
    """The totals of a campaign as stats-svc knows them at `at`. Counts are messages, or recipients for clickers.

    `ctr` is the click rate, 0 to 1, null while there is nothing to divide by.
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
