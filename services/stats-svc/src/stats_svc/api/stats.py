"""Figures of a campaign: totals, and minute by minute."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from stats_svc.api.schemas import (
    Amount,
    CampaignStats,
    CountryStats,
    DomainStats,
    ErrorCount,
    Minute,
    Minutes,
    Totals,
    VariantStats,
)
from stats_svc.domain.rates import rate_of
from stats_svc.domain.tally import NO_COUNTRY, Counts
from stats_svc.domain.totals import Row, cost_of, total
from stats_svc.store import campaigns, figures
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, in_utc

LONGEST_SERIES = timedelta(days=7)
_OUTCOMES = ("submitted", "delivered", "undelivered", "failed", "unknown", "suppressed", "cancelled", "parts")
_PEOPLE = ("clickers", "optouts", "optouts_page", "optouts_reply")
_TOTALS = (*_OUTCOMES, "submitted_with_receipts", "clicks_raw", "clicks_human", *_PEOPLE)


@get("/v1/campaigns/{campaign_id:uuid}/stats", tags=["Statistics"], opt={"role": "viewer"})
async def get_stats(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> CampaignStats:
    """Figures of a campaign

    Totals, click rate, and the same by variant, domain, country and error. Zeros for a campaign that has not sent
    anything yet.
    """
    campaign = await _known(pool, campaign_id, caller)
    rows = await figures.figures_of(pool, campaign_id, caller.account_id)
    errors = await figures.errors_of(pool, campaign_id, caller.account_id)
    domains = await figures.domains_of(pool, campaign_id, caller.account_id)
    counts = total(rows)
    return CampaignStats(
        campaign_id=campaign_id,
        name=campaign["name"],
        status=campaign["status"],
        recipients=campaign["recipients"],
        totals=Totals(**_values(rows, counts, _TOTALS), other_costs=_other_costs(rows)),
        ctr=rate_of(counts),
        variants=[_variant(variant, list(group)) for variant, group in groupby(rows, key=itemgetter("variant"))],
        domains=[DomainStats(**row) for row in domains],
        countries=_countries(rows),
        failures=[ErrorCount(row["error"], row["count"]) for row in errors if row["stage"] == "handover"],
        undelivered=[ErrorCount(row["error"], row["count"]) for row in errors if row["stage"] == "delivery"],
    )


@get("/v1/campaigns/{campaign_id:uuid}/stats/minutes", tags=["Statistics"], opt={"role": "viewer"})
async def get_minutes(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    start: Annotated[datetime | None, QueryParameter(name="from", description="Default: the first minute.")] = None,
    end: Annotated[datetime | None, QueryParameter(name="to", description="Default: seven days after `from`.")] = None,
) -> Minutes:
    """Figures of a campaign, minute by minute

    Sends, deliveries, clicks and opt-outs from the minute of `from` up to, not including, `to`; at most seven days.
    """
    await _known(pool, campaign_id, caller)
    begin, last = in_utc("from", start), in_utc("to", end)
    first = begin or await figures.first_minute_of(pool, campaign_id, caller.account_id)
    if first is None:
        return Minutes(start=None, end=last, items=[])
    first = first.replace(second=0, microsecond=0)
    if last is None:
        last = min(first, datetime.max.replace(tzinfo=UTC) - LONGEST_SERIES) + LONGEST_SERIES
    _check_span(first, last)
    rows = await figures.minutes_of(pool, campaign_id, caller.account_id, first, last)
    return Minutes(start=first, end=last, items=[_minute(row) for row in rows])


async def _known(pool: Pool, campaign_id: UUID, caller: Caller) -> Row:
    campaign = await campaigns.find(pool, campaign_id, caller.account_id)
    if campaign is None:
        raise problems.not_found("campaign")
    return dict(campaign)


def _check_span(first: datetime, last: datetime) -> None:
    if last <= first:
        raise problems.invalid(FieldError("to", "is not after `from`", "give a later time"))
    if last - first > LONGEST_SERIES:
        raise problems.invalid(FieldError("to", "is more than seven days after `from`", "ask for several series"))


def _values(rows: Sequence[Row], counts: Counts, names: Sequence[str]) -> dict[str, Any]:
    cost, currency, _others = cost_of(rows)
    return {name: getattr(counts, name) for name in names} | {"cost": cost, "currency": currency}


def _other_costs(rows: Sequence[Row]) -> list[Amount]:
    return [Amount(amount, currency) for currency, amount in sorted(cost_of(rows)[2].items())]


def _variant(variant: int, rows: Sequence[Row]) -> VariantStats:
    counts = total(rows)
    return VariantStats(
        variant=variant,
        **_values(rows, counts, _TOTALS),
        other_costs=_other_costs(rows),
        ctr=rate_of(counts),
    )


def _countries(rows: Sequence[Row]) -> list[CountryStats]:
    located = sorted((row for row in rows if row["country"] != NO_COUNTRY), key=itemgetter("country"))
    groups = [(country, list(group)) for country, group in groupby(located, key=itemgetter("country"))]
    return [CountryStats(country=country, **_values(group, total(group), _OUTCOMES)) for country, group in groups]


def _minute(row: Row) -> Minute:
    return Minute(
        at=row["minute"],
        sends=row["submitted"],
        deliveries=row["delivered"],
        clicks_raw=row["clicks_raw"],
        clicks_human=row["clicks_human"],
        optouts=row["optouts"],
    )
