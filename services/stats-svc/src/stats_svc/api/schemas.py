"""What the API answers. Counts are messages; of clickers and opt-outs, recipients. Amounts are exact decimals."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from stats_svc.domain.comparison import Rated, Verdict
from stats_svc.domain.definitions import Definition
from stats_svc.domain.devices import Kind
from stats_svc.domain.rates import ClickRate


class Amount(msgspec.Struct, frozen=True):
    amount: Decimal
    currency: str


class Outcomes(msgspec.Struct, frozen=True, kw_only=True):
    """What became of messages. `cost` is in `currency` (empty while nothing has had an outcome)."""

    submitted: int
    delivered: int
    undelivered: int
    failed: int
    unknown: int
    suppressed: int
    cancelled: int
    parts: int
    cost: Decimal
    currency: str


class Totals(Outcomes, frozen=True, kw_only=True):
    """`other_costs` is empty unless the rate card changed its currency while the campaign ran.

    `optouts` are recipients, each once, by the way that came first: `optouts_page` on the page, `optouts_reply` by STOP
    or another such word. `replies` are messages that people wrote back.
    """

    submitted_with_receipts: int
    clicks_raw: int
    clicks_human: int
    clickers: int
    optouts: int
    optouts_page: int
    optouts_reply: int
    replies: int
    other_costs: list[Amount]


class VariantStats(Totals, frozen=True, kw_only=True):
    """`variant` counts from 0."""

    variant: int
    ctr: ClickRate


class ComparedVariant(Rated, frozen=True, kw_only=True):
    """A variant beside the others: verdict and p-value are those of the whole comparison."""

    is_winner: bool
    verdict: Verdict
    p_value: float | None


class CountryStats(Totals, frozen=True, kw_only=True):
    """`country` (alpha-2) is the recipient's. Clicks and opt-outs that older releases told stand in totals alone."""

    country: str
    ctr: ClickRate


class DomainStats(msgspec.Struct, frozen=True, kw_only=True):
    """What one domain carried: clicks for short URLs, people who opted out on the page for opt-out URLs.

    What arrived is told by the domain of the short URL: `delivered`, `undelivered` and `ctr` are null for opt-out URLs.
    """

    domain_id: UUID
    purpose: Literal["short", "optout"]
    submitted: int
    delivered: int | None
    undelivered: int | None
    failed: int
    parts: int
    clicks_raw: int
    clicks_human: int
    clickers: int
    ctr: ClickRate | None
    optouts: int


class LinkStats(msgspec.Struct, frozen=True, kw_only=True):
    """Clicks on one of the links of the texts: null is `{{ short_url }}`, a name `{{ short_url.name }}`."""

    link: str | None
    clicks_raw: int
    clicks_human: int


class ErrorCount(msgspec.Struct, frozen=True):
    error: str
    count: int


class CampaignStats(msgspec.Struct, frozen=True, kw_only=True):
    """`failures` are messages that no provider took, `undelivered` messages whose receipt says so, both by error."""

    campaign_id: UUID
    name: str | None
    status: str | None
    recipients: int | None
    totals: Totals
    ctr: ClickRate
    variants: list[VariantStats]
    domains: list[DomainStats]
    links: list[LinkStats]
    countries: list[CountryStats]
    failures: list[ErrorCount]
    undelivered: list[ErrorCount]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What happened within the minute, hour or day (UTC) that begins at `at`.

    Each counts when it happened: a message that was sent in one hour may be delivered and clicked in another.
    `clickers` are people who clicked for the first time. `costs` are exact amounts, one a currency.
    """

    at: datetime
    sends: int
    deliveries: int
    undelivered: int
    failed: int
    parts: int
    clicks_raw: int
    clicks_human: int
    clickers: int
    optouts: int
    replies: int
    costs: list[Amount]


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """Steps in order; those without any event are left out."""

    start: datetime | None = msgspec.field(name="from")
    end: datetime | None = msgspec.field(name="to")
    items: list[Step]


class Device(msgspec.Struct, frozen=True):
    """How people who clicked came: by kind of device, system and browser, as their user agents say."""

    kind: Kind
    system: str
    browser: str
    clicks: int
    people: int


class Devices(msgspec.Struct, frozen=True):
    """The most frequent first. Whoever clicked with two devices stands in both."""

    items: list[Device]


class Definitions(msgspec.Struct, frozen=True):
    items: list[Definition]
