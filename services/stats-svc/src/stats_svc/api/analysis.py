"""What figures say: variants compared, devices, definitions, and all of it as CSV."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from stats_svc.api.schemas import (
    CampaignStats,
    ComparedVariant,
    CountryStats,
    Definitions,
    Device,
    Devices,
    DomainStats,
    ErrorCount,
    LinkStats,
    Step,
    Totals,
    VariantStats,
)
from stats_svc.api.series import ByStep, From, To, get_account_series, get_series
from stats_svc.api.stats import get_stats, known
from stats_svc.domain.comparison import Comparison, Sample, compare
from stats_svc.domain.definitions import DEFINITIONS
from stats_svc.domain.devices import by_device
from stats_svc.store import clicks
from volley_chassis.database import Pool
from volley_chassis.http import Caller

By = Literal["total", "variant", "comparison", "country", "domain", "link", "device", "error", "hour"]
_ROW: dict[By, type[msgspec.Struct]] = {
    "total": Totals,
    "variant": VariantStats,
    "comparison": ComparedVariant,
    "country": CountryStats,
    "domain": DomainStats,
    "link": LinkStats,
    "device": Device,
    "error": ErrorCount,
    "hour": Step,
}
_OVER = frozenset({"finished", "aborted", "deleted"})
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@get("/v1/campaigns/{campaign_id:uuid}/stats/comparison", tags=["Statistics"], opt={"role": "viewer"})
async def get_comparison(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Comparison:
    """Compare the variants

    Which variant is clicked more often, if any can be told to be. May be looked at as often as one likes: the chance
    that a winner is ever named where no variant is better is at most 5 %.
    """
    return _compared(await _stats(campaign_id, caller, pool))


@get("/v1/campaigns/{campaign_id:uuid}/stats/devices", tags=["Statistics"], opt={"role": "viewer"})
async def get_devices(
    campaign_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Devices:
    """Show devices of people who clicked"""
    await known(pool, campaign_id, caller)
    agents = await clicks.agents_of(pool, campaign_id, caller.account_id)
    devices = await asyncio.to_thread(by_device, agents)  # thousands of patterns a user agent
    return Devices([Device(*device, clicked, people) for device, clicked, people in devices])


@get("/v1/stats/definitions", tags=["Statistics"], opt={"role": "viewer"})
async def get_definitions() -> Definitions:
    """Explain the figures"""
    return Definitions(DEFINITIONS)


@get(
    "/v1/campaigns/{campaign_id:uuid}/stats/export.csv",
    tags=["Statistics"],
    opt={"role": "viewer"},
    media_type="text/csv",
)
async def export_stats(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    by: Annotated[By, QueryParameter(description="What a row is.")] = "total",
) -> Response[bytes]:
    """Export figures of a campaign as CSV

    UTF-8 with a heading. `ctr_over` says what the click rate is over. By hour: at most a year from the first message
    on, with a column of costs for each currency.
    """
    rows = await _rows(campaign_id, caller, pool, by)
    headers = {"content-disposition": f'attachment; filename="campaign-{campaign_id}-{by}.csv"'}
    return Response(_csv(by, rows), media_type="text/csv", headers=headers)


@get("/v1/stats/export.csv", tags=["Statistics"], opt={"role": "viewer"}, media_type="text/csv")
async def export_account_series(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    start: From = None,
    end: To = None,
    step: ByStep = "hour",
) -> Response[bytes]:
    """Export figures of all campaigns over time as CSV

    As of one campaign by hour, summed over all of the account, with a column of costs for each currency.
    """
    series = await get_account_series.fn(caller=caller, pool=pool, start=start, end=end, step=step)
    headers = {"content-disposition": f'attachment; filename="campaigns-by-{step}.csv"'}
    return Response(_csv("hour", [_values(one) for one in series.items]), media_type="text/csv", headers=headers)


ROUTES = [get_comparison, get_devices, get_definitions, export_stats, export_account_series]


async def _rows(campaign_id: UUID, caller: Caller, pool: Pool, by: By) -> list[dict[str, Any]]:
    if by == "hour":
        series = await get_series.fn(campaign_id=campaign_id, caller=caller, pool=pool, step="hour")
        return [_values(step) for step in series.items]
    if by == "device":
        devices = await get_devices.fn(campaign_id=campaign_id, caller=caller, pool=pool)
        return [_values(device) for device in devices.items]
    stats = await _stats(campaign_id, caller, pool)
    if by == "comparison":
        found = _compared(stats)
        whole = {"verdict": found.verdict, "p_value": found.p_value}
        return [{**_values(each), "is_winner": each.variant == found.winner, **whole} for each in found.variants]
    if by == "error":
        stages = (("hand-over", stats.failures), ("delivery", stats.undelivered))
        return [{"stage": stage, **_values(error)} for stage, errors in stages for error in errors]
    things: dict[str, Sequence[msgspec.Struct]] = {
        "total": [stats.totals],
        "variant": stats.variants,
        "country": stats.countries,
        "domain": stats.domains,
        "link": stats.links,
    }
    return [_values(thing) for thing in things[by]]


async def _stats(campaign_id: UUID, caller: Caller, pool: Pool) -> CampaignStats:
    stats: CampaignStats = await get_stats.fn(campaign_id=campaign_id, caller=caller, pool=pool)
    return stats


def _compared(stats: CampaignStats) -> Comparison:
    samples = [
        Sample(v.variant, v.delivered + v.submitted - v.submitted_with_receipts, v.clickers) for v in stats.variants
    ]
    return compare(samples, finished=stats.status in _OVER)


def _values(thing: msgspec.Struct) -> dict[str, Any]:
    """Its fields; of the click rate the value and what it is over, of amounts one field a currency."""
    values: dict[str, Any] = msgspec.to_builtins(thing)
    if "ctr" in values:
        rate = values["ctr"] or {"value": None, "over": None}
        values |= {"ctr": rate["value"], "ctr_over": rate["over"]}
    for amounts in ("costs", "other_costs"):
        values |= {f"cost_{each['currency']}": each["amount"] for each in values.pop(amounts, ())}
    return values


def _csv(by: By, rows: Sequence[dict[str, Any]]) -> bytes:
    names = ["stage"] if by == "error" else []
    for field in msgspec.structs.fields(_ROW[by]):
        names += {"ctr": ["ctr", "ctr_over"], "costs": [], "other_costs": []}.get(field.name, [field.name])
    names += sorted({name for row in rows for name in row} - set(names))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode()


def _harmless(value: Any) -> Any:
    """What a provider wrote is no formula in a spreadsheet."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value
