"""Figures over time: of a campaign, and of all campaigns of an account."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from stats_svc.api.schemas import Amount, Series, Step
from stats_svc.api.stats import known
from stats_svc.store import figures
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, in_utc
from volley_contracts import now

StepName = Literal["minute", "hour", "day"]
LONGEST = {"minute": timedelta(days=7), "hour": timedelta(days=366), "day": timedelta(days=20 * 366)}
_LAST = datetime.max.replace(tzinfo=UTC)

From = Annotated[
    datetime | None, QueryParameter(name="from", description="Default: the first; of an account, a week ago.")
]
To = Annotated[
    datetime | None, QueryParameter(name="to", description="Default: as long as a series of the step may be.")
]
ByStep = Annotated[StepName, QueryParameter(name="step", description="Days and hours are those of UTC.")]


@get("/v1/campaigns/{campaign_id:uuid}/stats/series", tags=["Statistics"], opt={"role": "viewer"})
async def get_series(
    campaign_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    start: From = None,
    end: To = None,
    step: ByStep = "minute",
) -> Series:
    """Show figures of a campaign over time

    Sends, deliveries, failures, clicks, opt-outs, replies and cost from the step of `from` up to, not including, `to`:
    at most seven days of minutes, a year of hours, or twenty years of days.
    """
    await known(pool, campaign_id, caller)
    first = in_utc("from", start) or await figures.first_minute_of(pool, campaign_id, caller.account_id)
    return await _series(pool, campaign_id, caller, first, in_utc("to", end), step)


@get("/v1/stats/series", tags=["Statistics"], opt={"role": "viewer"})
async def get_account_series(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    start: From = None,
    end: To = None,
    step: ByStep = "hour",
) -> Series:
    """Show figures of all campaigns over time

    As of one campaign, summed over all of the account.
    """
    first = in_utc("from", start) or now() - timedelta(days=7)
    return await _series(pool, None, caller, first, in_utc("to", end), step)


async def _series(
    pool: Pool, campaign_id: UUID | None, caller: Caller, first: datetime | None, last: datetime | None, step: StepName
) -> Series:
    if first is None:
        return Series(start=None, end=last, items=[])
    first = _floor(first, step)
    last = last or min(first, _LAST - LONGEST[step]) + LONGEST[step]
    if last <= first:
        raise problems.invalid(FieldError("to", "is not after `from`", "give a later time"))
    if last - first > LONGEST[step]:
        message = f"is more than {LONGEST[step].days} days after `from`"
        raise problems.invalid(FieldError("to", message, "ask for several series, or for longer steps"))
    rows = await figures.steps_of(pool, campaign_id, caller.account_id, first, last, step)
    costs = await figures.costs_of(pool, campaign_id, caller.account_id, first, last, step)
    return Series(start=first, end=last, items=[_step(row, costs.get(row["at"], ())) for row in rows])


def _floor(at: datetime, step: StepName) -> datetime:
    hour = 0 if step == "day" else at.hour
    minute = at.minute if step == "minute" else 0
    return at.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _step(row: dict[str, Any], costs: Sequence[tuple[str, Decimal]]) -> Step:
    counts = dict(row)
    return Step(
        sends=counts.pop("submitted"),
        deliveries=counts.pop("delivered"),
        costs=[Amount(cost, currency) for currency, cost in costs],
        **counts,
    )
