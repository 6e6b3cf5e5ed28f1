"""The time zone of a person: what their contact says, else what their number tells."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from phonenumbers.tzdata import TIMEZONE_DATA

from campaign_svc.domain.hours import Hours, length

APART = "&"
"""Between the zones of a number that may be in several."""
COUNTRY = "@"
"""Between the zones and the country, where its holidays count."""


def labels(hours: Hours, at: datetime) -> dict[str, str]:
    """By the prefix of a number (digits), and by the name of a zone: the zones that people may be in.

    A number of a country with many zones may be in any of them. The western- and the easternmost stand for all; if
    their hours never meet, the middle one does.
    """
    by_number = {prefix: _label(zones, hours, at.year) for prefix, zones in TIMEZONE_DATA.items()}
    return {**by_number, **{name: name for name in _names()}}


@cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def _label(zones: Sequence[str], hours: Hours, year: int) -> str:
    known = sorted(_by_clock(tuple(zone for zone in zones if zone in _names()), year))
    if not known:
        return "UTC"
    (first, west), (last, east) = known[0], known[-1]
    if first == last:
        return west
    if max(abs(a - b) for a, b in zip(first, last, strict=True)) < length(hours):
        return f"{west}{APART}{east}"
    return known[len(known) // 2][1]


@cache
def _by_clock(zones: tuple[str, ...], year: int) -> tuple[tuple[tuple[timedelta, ...], str], ...]:
    """The zones with different clocks: how far they are ahead of UTC in each month, and the first name."""
    found: dict[tuple[timedelta, ...], str] = {}
    for zone in zones:
        clock = tuple(_ahead(zone, datetime(year, month, 15, tzinfo=UTC)) for month in range(1, 13))
        found.setdefault(clock, zone)
    return tuple(found.items())


def _ahead(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
