"""What a campaign will cost, when it will be done, and whether the domain pools last."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from campaign_svc.domain.calendars import are_known
from campaign_svc.domain.capacity import PoolState, lasting
from campaign_svc.domain.credit import backlog
from campaign_svc.domain.finish import NOTHING, Course, Load, Pause, course
from campaign_svc.domain.hours import Group, Hours
from campaign_svc.domain.waves import Halt, portion

CENT_OF_A_CENT = Decimal("0.0001")
WHOLE = 0.01
"""So much less than a message is one: times are rounded."""


class CountryForecast(msgspec.Struct, frozen=True, kw_only=True):
    """Costs are in the forecast's currency; parts are those of one message."""

    country: str
    recipients: int
    price: Decimal
    typical_parts: float
    worst_parts: int
    cost: Decimal
    worst_cost: Decimal


class PoolForecast(msgspec.Struct, frozen=True, kw_only=True):
    """`ends_at_message` is the first message that finds no domain, None if the pool lasts; so many are `lacking` one:
    add domains for them.
    """

    pool_id: UUID
    name: str
    purpose: str
    remaining: int
    ends_at_message: int | None
    lacking: int = 0


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """`cost` rests on the typical message, `worst_cost` on the longest one seen.

    `finish_at` assumes a start at `start_at`, by the hours of people and after all waits (a test lasts as long as it
    may), and that the sender is shared with the campaigns that are sending on it now or are scheduled (`shared_with` of
    them); null: it will never be done. Domains are shared alike, also with campaigns of other senders.

    `without_holidays`: countries of which no holidays are known in the year of the start, where the campaign wants to
    skip them: people there are texted on any date.
    """

    recipients: int
    currency: str
    cost: Decimal
    worst_cost: Decimal
    countries: list[CountryForecast]
    typical_parts: float
    worst_parts: int
    parts_per_second: int
    start_at: datetime
    finish_at: datetime | None
    duration_s: float | None
    pools: list[PoolForecast]
    shared_with: int = 0
    without_holidays: list[str] = []


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another campaign that is sent meanwhile: by the same sender, or by one of its own (`sender_id`, and its pace).
    `messages` of it have no domains of its `pools` yet.
    """

    load: Load
    sender_id: UUID | None = None
    parts_per_second: int = 0
    messages: int = 0
    pools: tuple[PoolState, ...] = ()


class Sampled(msgspec.Struct, frozen=True):
    """One rendered recipient of the sample."""

    country: str
    parts: int
    seq: int = 0


def forecast(
    *,
    counts: Mapping[str, int],
    prices: Mapping[str, Decimal],
    currency: str,
    sample: Sequence[Sampled],
    pools: Sequence[PoolState],
    parts_per_second: int,
    start_at: datetime,
    cap: int | None = None,
    hours: Hours | None = None,
    groups: Sequence[Group] = (),
    others: Sequence[Other] = (),
    halts: Sequence[Halt] = (),
    fed: int = 0,
    at: datetime | None = None,
) -> Forecast:
    """`counts` is recipients by country, `prices` an amount per part by country; every country has a price. The costs
    are of all of them, the end and those of the pools of what comes behind the `fed` ones, who are on their way.

    `parts_per_second` is the sender's, `others` what shares it, or domains, from `at` on (from the start on if none).
    """
    countries = [_country(name, counts[name], prices[name], sample) for name in sorted(counts)]
    recipients = sum(counts.values())
    typical = sum(c.recipients * c.typical_parts for c in countries) / recipients if recipients else 1.0
    mine = load_of(recipients - fed, typical, sample, cap=cap, hours=hours, groups=groups, halts=halts, begins=start_at)
    beside = [other for other in others if other.sender_id is None]
    loads = [mine, *(other.load for other in beside)]
    sent, finish = course(loads, parts_per_second=parts_per_second, start=at or start_at)
    lasts = _lasting(pools, recipients - fed, sent, beside, [other for other in others if other.sender_id])
    return Forecast(
        recipients=recipients,
        currency=currency,
        cost=sum((c.cost for c in countries), Decimal(0)),
        worst_cost=sum((c.worst_cost for c in countries), Decimal(0)),
        countries=countries,
        typical_parts=round(typical, 3),
        worst_parts=max((c.worst_parts for c in countries), default=1),
        parts_per_second=min(parts_per_second, cap or parts_per_second),
        start_at=start_at,
        finish_at=finish,
        duration_s=round((finish - start_at).total_seconds(), 3) if finish else None,
        pools=[_pool(pool, count, recipients, fed) for pool, count in zip(pools, lasts, strict=True)],
        shared_with=len(beside),
        without_holidays=[country for country in sorted(counts) if not are_known(country, start_at.year)]
        if hours and hours.skip_holidays
        else [],
    )


def _lasting(
    pools: Sequence[PoolState], messages: int, sent: Course, beside: Sequence[Other], elsewhere: Sequence[Other]
) -> list[int]:
    """How many of so many messages each pool serves. `sent` is the course of this campaign and those `beside` it."""
    rivals = [(other, sent, no) for no, other in enumerate(beside, start=1)]
    for sender_id in {other.sender_id for other in elsewhere}:
        together = [other for other in elsewhere if other.sender_id == sender_id]
        loads, pace = [other.load for other in together], together[0].parts_per_second
        going, _ = course(loads, parts_per_second=pace, start=sent.times[0], until=sent.times[-1])
        rivals += [(other, going, no) for no, other in enumerate(together)]
    rivals = [rival for rival in rivals if rival[0].messages and rival[0].pools]
    if not rivals or not messages:
        return lasting(pools)

    def taken(own: int) -> Counter[UUID]:
        at = sent.when(0, sent.left[0][0] * (1 - own / messages))
        found = Counter[UUID]()
        for other, going, no in rivals:
            gone = 1 - going.left_at(no, at) / max(going.left[0][no], NOTHING)
            whole = int(other.messages * gone + WHOLE)
            found.update({pool.id: whole for pool in other.pools})
        return found

    known = {pool.id for pool in pools}
    theirs = {pool.id: pool for other, _, _ in rivals for pool in other.pools if pool.id not in known}
    return lasting(pools, list(theirs.values()), taken)


def load_of(
    recipients: int,
    typical: float,
    sample: Sequence[Sampled] = (),
    *,
    cap: int | None,
    hours: Hours | None,
    groups: Sequence[Group],
    halts: Sequence[Halt] = (),
    begins: datetime | None = None,
) -> Load:
    """What is to be sent, by group: as long as those of the sample in it are, else as the typical message is."""
    waiting = backlog(cap, typical) if cap else 0.0
    if not (hours and groups):
        pauses = tuple(Pause((halt.beyond * typical,), halt.seconds) for halt in halts)
        return Load(parts=(recipients * typical,), cap=cap, backlog=waiting, pauses=pauses, begins=begins)
    lengths = []
    for group in groups:
        seen = [one.parts for one in sample if 0 <= one.seq - group.first_seq < group.count]
        lengths.append(sum(seen) / len(seen) if seen else typical)
    return Load(
        parts=tuple(group.left * length for group, length in zip(groups, lengths, strict=True)),
        zones=tuple(group.zones for group in groups),
        countries=tuple(group.country for group in groups),
        hours=hours,
        cap=cap,
        backlog=waiting,
        pauses=tuple(_pause(halt, groups, lengths) for halt in halts),
        begins=begins,
    )


def _pause(halt: Halt, groups: Sequence[Group], lengths: Sequence[float]) -> Pause:
    later = [group.count - portion(group.first_seq, group.count, halt.share) for group in groups]
    return Pause(tuple(count * length for count, length in zip(later, lengths, strict=True)), halt.seconds)


def _country(country: str, recipients: int, price: Decimal, sample: Sequence[Sampled]) -> CountryForecast:
    """A country that the sample missed is judged by the whole sample."""
    parts = [s.parts for s in sample if s.country == country] or [s.parts for s in sample] or [1]
    typical = sum(parts) / len(parts)
    return CountryForecast(
        country=country,
        recipients=recipients,
        price=price,
        typical_parts=round(typical, 3),
        worst_parts=max(parts),
        cost=(price * recipients * sum(parts) / len(parts)).quantize(CENT_OF_A_CENT),
        worst_cost=(price * recipients * max(parts)).quantize(CENT_OF_A_CENT),
    )


def _pool(pool: PoolState, lasts: int, recipients: int, fed: int) -> PoolForecast:
    return PoolForecast(
        pool_id=pool.id,
        name=pool.name,
        purpose=pool.purpose,
        remaining=lasts,
        ends_at_message=fed + lasts + 1 if lasts < recipients - fed else None,
        lacking=max(recipients - fed - lasts, 0),
    )
