"""What one event adds to the figures: sums made in memory, so that one event costs a handful of statements."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from volley_contracts import (
    Clicks,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
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

    def count(self, name: str, amount: int) -> None:
        setattr(self, name, getattr(self, name) + amount)


@dataclass(slots=True)
class Tally:
    """What to add: by (variant, country, currency), minute, (purpose, domain), further link, and (stage, error)."""

    figures: defaultdict[tuple[int, str, str], Counts] = field(default_factory=lambda: defaultdict(Counts))
    minutes: defaultdict[datetime, Counts] = field(default_factory=lambda: defaultdict(Counts))
    domains: defaultdict[tuple[Purpose, UUID], Counts] = field(default_factory=lambda: defaultdict(Counts))
    links: defaultdict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    errors: Counter[tuple[Stage, str]] = field(default_factory=Counter)


class Optout(msgspec.Struct, frozen=True, kw_only=True):
    """A suppression that a message of a campaign brought about."""

    account_id: UUID
    campaign_id: UUID
    seq: int
    variant: int
    reason: SuppressionReason
    at: datetime


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
    if submitted := event.outcomes.count("submitted"):
        tally.minutes[minute_of(event.at)].submitted = submitted
        if event.short_domain_id:
            tally.domains["short", event.short_domain_id].submitted = submitted
        if event.optout_domain_id:
            tally.domains["optout", event.optout_domain_id].submitted = submitted
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
            tally.errors["delivery", _named(error or status)] += 1
    return tally


def of_clicks(event: Clicks, new_clickers: Iterable[int]) -> Tally:
    """`new_clickers` are the `seqs` of recipients who had not clicked as people before."""
    tally = Tally()
    domain = tally.domains["short", event.domain_id]
    for variant, at, reason in zip(event.variants, event.at, event.reasons, strict=True):
        human = int(reason is None)
        for counts in (tally.figures[variant, NO_COUNTRY, NO_CURRENCY], tally.minutes[minute_of(at)], domain):
            counts.clicks_raw += 1
            counts.clicks_human += human
    for link, reason in zip(event.links, event.reasons, strict=False):  # none: all of them are {{ short_url }}
        if link is not None:
            tally.links[link].clicks_raw += 1
            tally.links[link].clicks_human += int(reason is None)
    variant_of = dict(zip(event.seqs, event.variants, strict=True))
    for seq in new_clickers:
        tally.figures[variant_of[seq], NO_COUNTRY, NO_CURRENCY].clickers += 1
    return tally


def optout_of(change: SuppressionChanged) -> Optout | None:
    """None where nobody opted out, or nobody knows of which message. Who is allowed again did opt out all the same."""
    c = change
    if not c.suppressed or c.campaign_id is None or c.seq is None or c.variant is None:
        return None
    return Optout(
        account_id=c.account_id, campaign_id=c.campaign_id, seq=c.seq, variant=c.variant, reason=c.reason, at=c.at
    )


def of_optout(optout: Optout) -> Tally:
    tally = Tally()
    counts = tally.figures[optout.variant, NO_COUNTRY, NO_CURRENCY]
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
