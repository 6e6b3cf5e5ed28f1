"""When people may be texted: hours, days and holidays by their own clock, in every time zone that they may be in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import msgspec

from campaign_svc.domain.calendars import is_holiday
from volley_contracts import Stretch

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Clock = Annotated[time, msgspec.Meta(tz=False)]
MIDNIGHT = time(0)
DAYS_AHEAD = 400
DAY = timedelta(days=1)


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Local times from `opens` to `closes` (00:00: the end of the day) on `days`, by the recipient's own clock.

    `skip_holidays`: not on public holidays of the recipient's country. `skip_dates`: nor on these dates, wherever.
    """

    opens: Clock
    closes: Clock
    days: tuple[Day, ...] = DAYS
    skip_holidays: bool = False
    skip_dates: tuple[date, ...] = ()


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Recipients `first_seq` .. `first_seq + count - 1`, all to be texted at the same times; `fed` of them are fed.

    `zones`: where they may be, as far as their number tells; it must be a good time in all of them. `country` is theirs
    where its holidays count.
    """

    no: int
    zones: tuple[str, ...]
    country: str | None = None
    first_seq: int
    count: int
    fed: int = 0

    @property
    def left(self) -> int:
        return self.count - self.fed


def stretches(hours: Hours, zones: Sequence[str], at: datetime, country: str | None = None) -> Iterator[Stretch]:
    """The stretches of time, in UTC and in order, that end after `at` and in which it is a good time in all zones for
    people of the country.
    """
    found: Iterator[Stretch] | None = None
    for zone in zones:
        mine = _local(hours, ZoneInfo(zone), at, country)
        found = mine if found is None else _both(found, mine)
    yield from found or ()


def first_stretches(
    hours: Hours, zones: Sequence[str], at: datetime, most: int, country: str | None = None
) -> tuple[Stretch, ...]:
    return tuple(islice(stretches(hours, zones, at, country), most))


def _local(hours: Hours, zone: ZoneInfo, at: datetime, country: str | None) -> Iterator[Stretch]:
    """Where clocks change, only what is in the hours whichever way the clock is read."""
    today = at.astimezone(zone).date() - DAY
    for ahead in range(DAYS_AHEAD):
        day = today + ahead * DAY
        if not _is_open(hours, day, country):
            continue
        opens = max(_instants(day, hours.opens, zone))
        closes = min(_instants(day + DAY if hours.closes == MIDNIGHT else day, hours.closes, zone))
        if opens < closes and closes > at:
            yield Stretch(opens=opens, closes=closes)


def _is_open(hours: Hours, day: date, country: str | None) -> bool:
    if DAYS[day.weekday()] not in hours.days or day in hours.skip_dates:
        return False
    return not (hours.skip_holidays and country and is_holiday(country, day))


def _instants(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Both when the clock shows it twice; when it leaps over it, what it would be by the time before and after."""
    local = datetime.combine(day, clock, zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)


def _both(first: Iterator[Stretch], second: Iterator[Stretch]) -> Iterator[Stretch]:
    """What lies in both; each is in order and does not overlap itself."""
    one, other = next(first, None), next(second, None)
    while one and other:
        opens, closes = max(one.opens, other.opens), min(one.closes, other.closes)
        if opens < closes:
            yield Stretch(opens=opens, closes=closes)
        if one.closes < other.closes:
            one = next(first, None)
        else:
            other = next(second, None)


def length(hours: Hours) -> timedelta:
    """Of a day's hours."""
    start, end = (timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in (hours.opens, hours.closes))
    return (end or DAY) - start


def stranded(hours: Hours, groups: Sequence[Group], at: datetime) -> list[Group]:
    """Groups with somebody left for whom it would never be a good time: their zones are too far apart for the hours."""
    return [one for one in groups if one.left and next(stretches(hours, one.zones, at, one.country), None) is None]


class Openings(msgspec.Struct, frozen=True):
    """Groups with somebody left: those whose hours it is, the first to close in front, and when the next opens."""

    now: list[Group]
    next: datetime | None


def openings(hours: Hours, groups: Sequence[Group], at: datetime) -> Openings:
    now: list[tuple[datetime, int, Group]] = []
    later: list[datetime] = []
    for group in groups:
        first = next(stretches(hours, group.zones, at, group.country), None) if group.left else None
        if first and first.opens <= at:
            now.append((first.closes, group.no, group))
        elif first:
            later.append(first.opens)
    return Openings([group for _, _, group in sorted(now, key=lambda one: one[:2])], min(later, default=None))
