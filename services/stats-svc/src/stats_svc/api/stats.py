"""Figures of a campaign."""

from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath

from stats_svc.api.schemas import (
    Amount,
    CampaignStats,
    CountryStats,
    DomainStats,
    ErrorCount,
    LinkStats,
    Totals,
    VariantStats,
)
from stats_svc.domain.rates import click_rate, rate_of
from stats_svc.domain.tally import NO_COUNTRY, Counts
from stats_svc.domain.totals import Row, cost_of, of_campaign, total
from stats_svc.store import campaigns, figures
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.http import Caller

_COUNTS = [name for name in figures.COUNTS if name != "cost"]


@get("/v1/campaigns/{campaign_id:uuid}/stats", tags=["Statistics"], opt={"role": "viewer"})
async def get_stats(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> CampaignStats:
    """Show figures of a campaign

    Totals, click rate, and the same by variant, domain, link, country and error. Zeros for a campaign that has not sent
    anything yet.
    """
    campaign = await known(pool, campaign_id, caller)
    rows = await figures.figures_of(pool, campaign_id, caller.account_id)
    errors = await figures.errors_of(pool, campaign_id, caller.account_id)
    domains = await figures.domains_of(pool, campaign_id, caller.account_id)
    further = await figures.links_of(pool, campaign_id, caller.account_id)
    counts = of_campaign(campaign, rows)
    return CampaignStats(
        campaign_id=campaign_id,
        name=campaign["name"],
        status=campaign["status"],
        recipients=campaign["recipients"],
        totals=Totals(**_values(rows, counts)),
        ctr=rate_of(counts),
        variants=[variant_of(variant, list(group)) for variant, group in groupby(rows, key=itemgetter("variant"))],
        domains=[_domain(row) for row in domains],
        links=_links(counts, further),
        countries=_countries(rows),
        failures=[ErrorCount(row["error"], row["count"]) for row in errors if row["stage"] == "handover"],
        undelivered=[ErrorCount(row["error"], row["count"]) for row in errors if row["stage"] == "delivery"],
    )


async def known(pool: Pool, campaign_id: UUID, caller: Caller) -> Row:
    """What is known of the caller's campaign; 404 for another."""
    campaign = await campaigns.find(pool, campaign_id, caller.account_id)
    if campaign is None:
        raise problems.not_found("campaign")
    return dict(campaign)


def _values(rows: Sequence[Row], counts: Counts) -> dict[str, Any]:
    cost, currency, others = cost_of(rows)
    return {name: getattr(counts, name) for name in _COUNTS} | {
        "cost": cost,
        "currency": currency,
        "other_costs": [Amount(amount, other) for other, amount in sorted(others.items())],
    }


def variant_of(variant: int, rows: Sequence[Row]) -> VariantStats:
    counts = total(rows)
    return VariantStats(variant=variant, **_values(rows, counts), ctr=rate_of(counts))


def _domain(row: Row) -> DomainStats:
    counts = dict(row)
    with_receipts = counts.pop("submitted_with_receipts")
    if row["purpose"] == "optout":
        return DomainStats(**counts | {"delivered": None, "undelivered": None}, ctr=None)
    names = ("clickers", "delivered", "submitted")
    rate = click_rate(**{name: counts[name] for name in names}, submitted_with_receipts=with_receipts)
    return DomainStats(**counts, ctr=rate)


def _links(counts: Counts, further: Sequence[Row]) -> list[LinkStats]:
    """What is clicked and no further link is `{{ short_url }}`."""
    raw = counts.clicks_raw - sum(row["clicks_raw"] for row in further)
    human = counts.clicks_human - sum(row["clicks_human"] for row in further)
    first = [LinkStats(link=None, clicks_raw=raw, clicks_human=human)] if raw > 0 else []
    return [*first, *(LinkStats(**row) for row in further)]


def _countries(rows: Sequence[Row]) -> list[CountryStats]:
    located = sorted((row for row in rows if row["country"] != NO_COUNTRY), key=itemgetter("country"))
    groups = [(country, list(group)) for country, group in groupby(located, key=itemgetter("country"))]
    return [_country(country, group) for country, group in groups]


def _country(country: str, rows: Sequence[Row]) -> CountryStats:
    counts = total(rows)
    return CountryStats(country=country, **_values(rows, counts), ctr=rate_of(counts))
