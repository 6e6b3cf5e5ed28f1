"""What one event adds to the figures: sums made in memory, so that one event costs a handful of statements."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

import msgspec

from volley_contracts import (
    Clicks,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
    Replied,
    SuppressionChanged,
    SuppressionReason,
)

Purpose = Literal["short", "optout"]
Stage = Literal["handover", "delivery"]
NO_COUNTRY = ""
NO_CURRENCY = ""


@dataclass(slots=True)
class Counts:
    """Counts of messages (clickers, opt-outs: of recipients), billed parts, and the exact cost in some currency."""

    submitted: int = 0
    submitted_with_receipts: int = 0
    delivered: int = 0
    undelivered: int = 0
    failed: int = 0
    unknown: int = 0
    suppressed: int = 0
    cancelled: int = 0
    parts: int = 0
    cost: Decimal = Decimal(0)
    clicks_raw: int = 0
    clicks_human: int = 0
    clickers: int = 0
    optouts: int = 0
    optouts_page: int = 0
    optouts_reply: int = 0
    replies: int = 0

    def count(self, name: str, amount: int) -> None:
        setattr(self, name, getattr(self, name) + amount)


@dataclass(slots=True)
class Tally:
    """What to add: by (variant, country, currency), minute, (minute, currency), (purpose, domain), further link, and
    (stage, error).
    """

    figures: defaultdict[tuple[int, str, str], Counts] = field(default_factory=lambda: defaultdict(Counts))
    minutes: defaultdict[datetime, Counts] = field(default_factory=lambda: defaultdict(Counts))
    costs: defaultdict[tuple[datetime, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    domains: defaultdict[tuple[Purpose, UUID], Counts] = field(default_factory=lambda: defaultdict(Counts))
    links: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    errors: Counter[tuple[Stage, str]] = field(default_factory=Counter)


class Optout(msgspec.Struct, frozen=True, kw_only=True):
    """A suppression that a message of a campaign brought about."""

    account_id: UUID
    campaign_id: UUID
    seq: int
    variant: int
    country: str
    reason: SuppressionReason
    at: datetime


class FirstClick(NamedTuple):
    """When a recipient clicked as a person first, and the recipient's country, where it is known."""

    at: datetime
    country: str


def minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _named(error: str) -> str:
    """Providers put what they like into errors; a name is short and holds nothing that Postgres refuses."""
    return error.replace("\0", "")[:200]


def of_outcomes(event: MessageOutcomes) -> Tally:
    """A revision also takes its messages out of *unknown*, where the first report put them."""
    tally = Tally()
    groups = Counter(zip(event.variants, event.countries, event.outcomes, strict=True))
    for (variant, country, outcome), amount in groups.items():
        counts = tally.figures[variant, country, event.currency]
        counts.count(outcome, amount)
        if outcome == "submitted" and event.receipts:
            counts.submitted_with_receipts += amount
        if isinstance(event, MessageOutcomesRevised):
            counts.unknown -= amount
    for variant, country, parts, cost in zip(event.variants, event.countries, event.parts, event.costs, strict=True):
        if parts or cost:
            counts = tally.figures[variant, country, event.currency]
            counts.parts += parts
            counts.cost += cost
    tally.errors.update(
        ("handover", _named(error or "unspecified"))
        for outcome, error in zip(event.outcomes, event.errors, strict=True)
        if outcome == "failed"
    )
    submitted = event.outcomes.count("submitted")
    whole = Counts(
        submitted=submitted,
        submitted_with_receipts=submitted if event.receipts else 0,
        failed=event.outcomes.count("failed"),
        parts=sum(event.parts),
    )
    if whole != Counts():
        tally.minutes[minute_of(event.at)] = whole
        if event.short_domain_id:
            tally.domains["short", event.short_domain_id] = whole
        if event.optout_domain_id:
            tally.domains["optout", event.optout_domain_id] = whole
    if cost := sum(event.costs, Decimal(0)):
        tally.costs[minute_of(event.at), event.currency] = cost
    return tally


def of_receipts(event: MessageReceipts) -> Tally:
    tally = Tally()
    columns = zip(event.variants, event.countries, event.statuses, event.errors, event.at, strict=True)
    for variant, country, status, error, at in columns:
        counts = tally.figures[variant, country, NO_CURRENCY]
        if status == "delivered":
            counts.delivered += 1
            tally.minutes[minute_of(at)].delivered += 1
        else:
            counts.undelivered += 1
            tally.minutes[minute_of(at)].undelivered += 1
            tally.errors["delivery", _named(error or status)] += 1
    for place, status in zip(event.places, event.statuses, strict=False):  # older records name no domains
        if place >= 0:
            counts = tally.domains["short", event.short_domains[place]]
            counts.count("delivered" if status == "delivered" else "undelivered", 1)
    return tally


def countries_of(event: Clicks) -> list[str]:
    """One a click; older records have none."""
    return event.countries or [NO_COUNTRY] * len(event.seqs)


def first_clicks(event: Clicks) -> dict[int, FirstClick]:
    """Of the recipients who clicked as people."""
    first: dict[int, FirstClick] = {}
    for seq, at, reason, country in zip(event.seqs, event.at, event.reasons, countries_of(event), strict=True):
        if reason is None and (seq not in first or at < first[seq].at):
            first[seq] = FirstClick(at, country)
    return first


def of_clicks(event: Clicks, new_clickers: Mapping[int, FirstClick]) -> Tally:
    """`new_clickers` are recipients, by their `seqs`, who had not clicked as people before."""
    tally = Tally()
    domain = tally.domains["short", event.domain_id]
    columns = zip(event.variants, countries_of(event), event.at, event.reasons, strict=True)
    for variant, country, at, reason in columns:
        human = int(reason is None)
        for counts in (tally.figures[variant, country, NO_CURRENCY], tally.minutes[minute_of(at)], domain):
            counts.clicks_raw += 1
            counts.clicks_human += human
    for link, reason in zip(event.links, event.reasons, strict=False):  # none: all of them are {{ short_url }}
        if link is not None:
            tally.links[link].clicks_raw += 1
            tally.links[link].clicks_human += int(reason is None)
    variant_of = dict(zip(event.seqs, event.variants, strict=True))
    for seq, first in new_clickers.items():
        tally.figures[variant_of[seq], first.country, NO_CURRENCY].clickers += 1
        tally.minutes[minute_of(first.at)].clickers += 1
        domain.clickers += 1
    return tally


def optout_of(change: SuppressionChanged) -> Optout | None:
    """None where nobody opted out, or nobody knows of which message. Who is allowed again did opt out all the same."""
    c = change
    if not c.suppressed or c.campaign_id is None or c.seq is None or c.variant is None:
        return None
    return Optout(
        account_id=c.account_id,
        campaign_id=c.campaign_id,
        seq=c.seq,
        variant=c.variant,
        country=c.country or NO_COUNTRY,
        reason=c.reason,
        at=c.at,
    )


def of_optout(optout: Optout) -> Tally:
    tally = Tally()
    counts = tally.figures[optout.variant, optout.country, NO_CURRENCY]
    counts.optouts = 1
    counts.optouts_page = int(optout.reason == "optout_page")
    counts.optouts_reply = int(optout.reason == "stop_keyword")
    tally.minutes[minute_of(optout.at)].optouts = 1
    return tally


def of_press(event: OptedOut) -> Tally:
    """What the page says is for its domain alone; the recipient's opt-out comes as a suppression."""
    tally = Tally()
    tally.domains["optout", event.domain_id].optouts = 1
    return tally


def of_reply(event: Replied) -> Tally:
    """A known word (STOP, HELP, START) is no reply: it is answered by itself, and opt-outs are counted apart."""
    tally = Tally()
    if event.keyword is None:
        tally.figures[event.variant, event.country, NO_CURRENCY].replies = 1
        tally.minutes[minute_of(event.at)].replies = 1
    return tally
