"""Hours: never a bad time or day by anybody's clock, also where clocks change, and never one good time left out."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaign_svc.domain.calendars import are_known, is_holiday
from campaign_svc.domain.hours import DAYS, Group, Hours, first_stretches, openings
from campaign_svc.domain.zones import labels

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",  # clocks change by half an hour
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "UTC",
)
quarters = st.integers(0, 95).map(lambda n: time(n // 4, 15 * (n % 4)))
dates = st.dates(date(2030, 1, 1), date(2032, 12, 31))
hours = st.builds(
    Hours,
    opens=quarters,
    closes=quarters,
    days=st.lists(st.sampled_from(DAYS), min_size=1, unique=True).map(tuple),
    skip_holidays=st.booleans(),
    skip_dates=st.lists(dates, max_size=3).map(tuple),
).filter(lambda h: h.opens < h.closes or h.closes == time(0))
instants = st.datetimes(datetime(2030, 1, 1), datetime(2033, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


# Holidays of whole countries that stand on the same date every year, and their neighbours.
HOLIDAYS = {
    "DE": {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)},
    "JP": {(1, 1), (2, 11), (2, 23), (4, 29), (5, 3), (5, 4), (5, 5), (8, 11), (11, 3), (11, 23)},
    "AC": set(),
}


def good(hours: Hours, zone: str, at: datetime, country: str | None = None) -> bool:
    clock = at.astimezone(ZoneInfo(zone))
    if clock.date() in hours.skip_dates:
        return False
    if hours.skip_holidays and country and (clock.month, clock.day) in HOLIDAYS[country]:
        return False
    before_end = hours.closes == time(0) or clock.time() < hours.closes
    return DAYS[clock.weekday()] in hours.days and hours.opens <= clock.time() and before_end


def changes_near(zone: str, at: datetime) -> bool:
    day = timedelta(days=1)
    return len({(at + n * day).astimezone(ZoneInfo(zone)).utcoffset() for n in (-1, 0, 1)}) > 1


def moves(hours: Hours, zone: str, at: datetime, country: str | None) -> bool:
    return bool(hours.skip_holidays and country and is_holiday(country, at.astimezone(ZoneInfo(zone)).date()))


@settings(max_examples=300)
@given(
    hours=hours,
    zones=st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True),
    at=instants | st.sampled_from([datetime(2031, 4, 28, 21, tzinfo=UTC), datetime(2031, 12, 24, 3, tzinfo=UTC)]),
    country=st.sampled_from([None, *HOLIDAYS]),
)
def test_stretches_are_the_good_times(hours: Hours, zones: list[str], at: datetime, country: str | None) -> None:
    found = first_stretches(hours, zones, at, 400, country)
    assert all(one.opens < one.closes for one in found)
    assert all(a.closes <= b.opens for a, b in pairwise(found))
    for minute in range(0, 9 * 24 * 60, 37):
        moment = at + timedelta(minutes=minute)
        inside = any(one.opens <= moment < one.closes for one in found)
        if inside:
            assert all(good(hours, zone, moment, country) for zone in zones)
        elif all(good(hours, zone, moment, country) for zone in zones):
            # Where a clock shows a time twice, or leaps, less than is good is taken; so it is on movable holidays.
            assert any(changes_near(zone, moment) or moves(hours, zone, moment, country) for zone in zones)


@pytest.mark.parametrize(
    ("day", "utc_hours"), [("2031-03-29", (8, 19)), ("2031-03-30", (7, 18)), ("2031-10-26", (8, 19))]
)
def test_nine_o_clock_stays_nine_when_clocks_change(day: str, utc_hours: tuple[int, int]) -> None:
    berlin = Hours(opens=time(9), closes=time(20))
    (one,) = first_stretches(berlin, ["Europe/Berlin"], datetime.fromisoformat(f"{day}T00:00:00Z"), 1)
    assert (one.opens.hour, one.closes.hour) == utc_hours
    assert one.opens.date().isoformat() == day


@pytest.mark.parametrize(
    ("country", "zone", "days"),
    [
        ("DE", "Europe/Berlin", ["2031-04-10", "2031-04-12", "2031-04-13", "2031-04-15"]),  # Good Friday, Easter Monday
        ("US", "America/New_York", ["2031-04-10", "2031-04-11", "2031-04-12", "2031-04-13"]),
        ("AC", "Atlantic/St_Helena", ["2031-04-10", "2031-04-11", "2031-04-12", "2031-04-13"]),
    ],
)
def test_holidays_are_the_country_s(country: str, zone: str, days: list[str]) -> None:
    all_day = Hours(opens=time(0), closes=time(0), skip_holidays=True)
    found = first_stretches(all_day, [zone], datetime(2031, 4, 10, 12, tzinfo=UTC), 4, country)
    assert [one.opens.astimezone(ZoneInfo(zone)).date().isoformat() for one in found] == days
    assert are_known(country, 2031) == (country != "AC")


def test_everybody_has_the_holiday_on_their_own_date() -> None:
    """In Auckland Christmas is over before it begins in Honolulu."""
    christmas = Hours(opens=time(0), closes=time(0), skip_dates=(date(2031, 12, 25),))
    for zone in ("Pacific/Auckland", "Pacific/Honolulu"):
        eve, after = first_stretches(christmas, [zone], datetime(2031, 12, 24, 10, 30, tzinfo=UTC), 2)
        begins = datetime(2031, 12, 25, tzinfo=ZoneInfo(zone))
        assert (eve.closes, after.opens) == (begins, begins + timedelta(days=1))


def test_the_group_that_closes_first_goes_first_and_the_next_opening_is_known() -> None:
    day = Hours(opens=time(9), closes=time(20))
    names = ("America/New_York", "Europe/London", "Asia/Tokyo", "Europe/Berlin")
    groups = [Group(no=no, zones=(zone,), first_seq=10 * no, count=10) for no, zone in enumerate(names)]
    at = datetime(2031, 6, 2, 15, tzinfo=UTC)
    found = openings(day, groups, at)
    assert [group.zones[0] for group in found.now] == ["Europe/Berlin", "Europe/London", "America/New_York"]
    assert found.next == datetime(2031, 6, 3, 0, tzinfo=UTC)
    done = [Group(no=g.no, zones=g.zones, first_seq=g.first_seq, count=10, fed=10) for g in groups]
    assert openings(day, done, at).now == []


@pytest.mark.parametrize(
    ("key", "ahead"),
    [("1202", [-5]), ("44", [0]), ("49", [1]), ("1808", [-10]), ("Asia/Tokyo", [9]), ("7", [2, 12])],
)
def test_the_number_tells_the_zones(key: str, ahead: list[int]) -> None:
    at = datetime(2031, 1, 1, tzinfo=UTC)
    found = labels(Hours(opens=time(8), closes=time(22)), at)[key].split("&")
    assert [at.astimezone(ZoneInfo(zone)).utcoffset() for zone in found] == [timedelta(hours=n) for n in ahead]


def test_zones_whose_hours_never_meet_are_the_middle_one() -> None:
    (russian,) = labels(Hours(opens=time(9), closes=time(12)), datetime(2031, 1, 1, tzinfo=UTC))["7"].split("&")
    assert russian.startswith(("Asia/", "Europe/"))


@given(hours=hours)
@settings(max_examples=20)
def test_every_number_has_hours_that_come(hours: Hours) -> None:
    at = datetime(2031, 1, 1, tzinfo=UTC)
    every_day = Hours(opens=hours.opens, closes=hours.closes)
    for label in set(labels(every_day, at).values()):
        assert first_stretches(every_day, label.split("&"), at, 1), label
