"""When a campaign stops by itself: rates over a window of what was tried or answered, routes that are down, budgets."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Literal, TypeVar

import msgspec

from volley_contracts import BudgetReached

RateCode = Literal["failure_rate", "optout_rate"]
FAILURE_RATE: RateCode = "failure_rate"
OPTOUT_RATE: RateCode = "optout_rate"
ROUTE_DOWN = "route_down"
BUDGET_EXHAUSTED = "budget_exhausted"

BLOCK = 1000
"""The failure rate is that of the last one to two blocks of attempts: a late break is seen as soon as an early one."""

Percent = Annotated[float, msgspec.Meta(gt=0, le=100)]


class Breakers(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rates in percent at which a campaign is suspended; null: as the account says, and in the account as Volley does.

    Messages fail that no provider takes, and those whose receipt says that they did not arrive; of either share
    `failure_percent` is the limit. Nothing stops before `min_sample` messages were attempted (handed over for opt-outs,
    answered by a receipt for those that did not arrive) since the start or the last resume. Routes are down when they
    serve none of that share of the recipients that `failure_percent` names.
    """

    failure_percent: Percent | None = None
    optout_percent: Percent | None = None
    min_sample: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`Breakers` without gaps."""

    failure_percent: float = 30.0
    optout_percent: float = 5.0
    min_sample: int = 200


class Mark(msgspec.Struct, frozen=True):
    """How many were attempted, and how many of them failed, when it was set."""

    attempted: int = 0
    failed: int = 0


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Failures count from `earlier`; `later` takes its place when a block has passed since."""

    earlier: Mark = Mark()
    later: Mark = Mark()


class Window(Stretch, frozen=True, kw_only=True):
    """What the rates are of: itself of hand-over, `receipts` of delivery.

    Opt-outs count of batches from `first_batch` on, against what was handed over since it was at `reached`.
    """

    receipts: Stretch = Stretch()
    first_batch: int = 0
    reached: int = 0


S = TypeVar("S", bound=Stretch)


class Tripped(msgspec.Struct, frozen=True):
    """Why a campaign stops: for machines, and for people with the figures."""

    code: str
    sentence: str


def in_force(*chosen: Breakers | None) -> Limits:
    """The limits that hold: of each the first that somebody chose."""
    limits = {}
    for name in Limits.__struct_fields__:
        found = [value for one in chosen if one and (value := getattr(one, name)) is not None]
        limits[name] = found[0] if found else getattr(Limits(), name)
    return Limits(**limits)


def is_news(stretch: Stretch, now: Mark) -> bool:
    """Whether what was counted since can make it trip or slide: a look at the limits is worth while."""
    return now.failed > stretch.earlier.failed or now.attempted - stretch.later.attempted >= BLOCK


def slide(stretch: S, now: Mark, limits: Limits) -> S:
    """The same with its start moved on, if a block has passed."""
    if now.attempted - stretch.later.attempted < max(BLOCK, limits.min_sample):
        return stretch
    return msgspec.structs.replace(stretch, earlier=stretch.later, later=now)


def anew(now: Mark, *, receipts: Mark, reached: int, next_batch: int) -> Window:
    """A window that nothing of the past counts in."""
    answered = Stretch(earlier=receipts, later=receipts)
    return Window(earlier=now, later=now, receipts=answered, first_batch=next_batch, reached=reached)


def failures(window: Window, now: Mark, limits: Limits) -> Tripped | None:
    """Whether providers refuse too many messages."""
    return _too_many(window, now, limits, "{failed:,} of the last {attempted:,} messages failed")


def undelivered(window: Window, receipts: Mark, limits: Limits) -> Tripped | None:
    """Whether too many messages do not arrive; the mark is of those that have a final receipt."""
    return _too_many(window.receipts, receipts, limits, "{failed:,} of the last {attempted:,} receipts say undelivered")


def _too_many(stretch: Stretch, now: Mark, limits: Limits, figures: str) -> Tripped | None:
    attempted, failed = now.attempted - stretch.earlier.attempted, now.failed - stretch.earlier.failed
    if not _reaches(failed, attempted, limits.failure_percent, limits.min_sample):
        return None
    counts = figures.format(failed=failed, attempted=attempted)
    sentence = f"{counts} ({_share(failed, attempted)}); the limit is {limits.failure_percent:g}%."
    return Tripped(FAILURE_RATE, sentence)


def optouts(window: Window, opted_out: int, reached: int, limits: Limits) -> Tripped | None:
    """Whether too many people opt out; `opted_out` of the window, `reached` of the whole campaign."""
    people = reached - window.reached
    if not _reaches(opted_out, people, limits.optout_percent, limits.min_sample):
        return None
    return Tripped(
        OPTOUT_RATE,
        f"{opted_out:,} of {people:,} people who got a message opted out ({_share(opted_out, people)}); the limit is "
        f"{limits.optout_percent:g}%.",
    )


def route_down(recipients: Mapping[str, int], reachable: Collection[str] | None, limits: Limits) -> Tripped | None:
    """Whether routes are down for too many: `recipients` by country, `reachable` countries (None: all)."""
    if reachable is None:
        return None
    lost = {country: count for country, count in sorted(recipients.items()) if country not in reachable}
    total, without = sum(recipients.values()), sum(lost.values())
    if not _reaches(without, total, limits.failure_percent, 1):
        return None
    sentence = f"No route works for {without:,} of {total:,} recipients ({', '.join(lost)})."
    return Tripped(ROUTE_DOWN, sentence)


def budget_reached(budget: str, event: BudgetReached, cost: Decimal) -> Tripped:
    """A budget that does not pay for the next message. What is spent beyond the `cost` is for unknown messages."""
    unknown = f" ({event.spent - cost} for messages that are unknown)" if event.spent > cost else ""
    sentence = (
        f"{event.spent} of the budget of {budget} is spent{unknown}, and another message would make it {event.needed}. "
        f"Raise the budget to at least {event.needed}, then resume."
    )
    return Tripped(BUDGET_EXHAUSTED, sentence)


def budget_spent(budget: str, cost: Decimal) -> Tripped:
    return Tripped(BUDGET_EXHAUSTED, f"{cost} of the budget of {budget} is spent. Raise the budget, then resume.")


def budget_too_low(budget: str, needed: Decimal) -> Tripped:
    return Tripped(BUDGET_EXHAUSTED, f"The budget is {budget}. Raise it to at least {needed}, then resume.")


def _reaches(count: int, of: int, percent: float, least: int) -> bool:
    """In exact decimals: 0.3% of 1,000 is 3."""
    return of >= least and count > 0 and count * 100 >= Decimal(str(percent)) * of


def _share(count: int, of: int) -> str:
    return f"{100 * count / of:.1f}%"
