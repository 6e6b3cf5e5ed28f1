"""Forecast: cost by country from a sample, finish time, and whether pools last."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from msgspec.structs import replace

from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.finish import Load
from campaign_svc.domain.forecast import Other, Sampled, forecast
from campaign_svc.domain.hours import Hours
from volley_contracts import new_id

NOW = datetime(2031, 1, 1, tzinfo=UTC)
SHORT, OPTOUT = (
    PoolState(id=new_id(), name=purpose, purpose=purpose, remaining=remaining, sample_url="https://x.example/12345678")
    for purpose, remaining in (("short", 41_199), ("optout", 50_000))
)
MADE = forecast(
    counts={"US": 40_000, "GB": 8_000, "FR": 2_000},
    prices={"US": Decimal("0.0079"), "GB": Decimal("0.04"), "FR": Decimal("0.05"), "DE": Decimal(9)},
    currency="EUR",
    sample=[Sampled("US", 1), Sampled("US", 2), Sampled("GB", 2)],
    pools=[SHORT, OPTOUT],
    parts_per_second=100,
    start_at=NOW,
)


def test_cost_is_by_country_with_typical_and_worst_parts() -> None:
    by_country = {c.country: c for c in MADE.countries}
    assert set(by_country) == {"US", "GB", "FR"}
    assert (by_country["US"].cost, by_country["US"].worst_cost) == (Decimal("474.0000"), Decimal("632.0000"))
    assert by_country["GB"].cost == Decimal("640.0000")
    # Nobody of FR was sampled: the whole sample stands for it, 5/3 parts.
    assert by_country["FR"].cost == Decimal("166.6667")
    assert MADE.cost == sum(c.cost for c in MADE.countries)
    assert MADE.worst_parts == 2


def test_countries_without_known_holidays_are_named() -> None:
    def without(hours: Hours | None) -> list[str]:
        counts = {"US": 4, "AC": 2, "LK": 1}
        prices = dict.fromkeys(counts, Decimal("0.01"))
        made = forecast(
            counts=counts,
            prices=prices,
            currency="EUR",
            sample=[],
            pools=[],
            parts_per_second=1,
            start_at=NOW,
            hours=hours,
        )
        return made.without_holidays

    day = Hours(opens=time(9), closes=time(20))
    assert without(None) == without(day) == []
    assert without(replace(day, skip_holidays=True)) == ["AC", "LK"]  # Sri Lanka announces its own year by year


def test_the_finish_time_is_parts_at_the_pace() -> None:
    parts = 40_000 * 1.5 + 8_000 * 2 + 2_000 * 5 / 3
    assert abs(MADE.finish_at - NOW - timedelta(seconds=parts / 100)) < timedelta(seconds=1)


def test_a_pool_that_does_not_last_names_the_first_message_without_a_domain() -> None:
    assert [pool.ends_at_message for pool in MADE.pools] == [41_200, None]


def ends_beside(*others: Other, messages: int = 6_000, start: datetime = NOW, pool: PoolState = SHORT) -> int | None:
    """The first message without a domain of a campaign of 100 messages a second that begins at `start`."""
    made = forecast(
        counts={"US": messages},
        prices={"US": Decimal("0.01")},
        currency="EUR",
        sample=[Sampled("US", 1)],
        pools=[pool],
        parts_per_second=100,
        start_at=start,
        others=others,
        at=NOW,
    )
    return made.pools[0].ends_at_message


def test_campaigns_that_take_of_the_same_pool_are_counted_in() -> None:
    pool = replace(SHORT, remaining=6_000)
    as_fast = Other(
        load=Load(parts=(9_000.0,)), sender_id=new_id(), parts_per_second=100, messages=9_000, pools=(pool,)
    )
    assert ends_beside(pool=pool) is None
    assert ends_beside(as_fast, pool=pool) == 3_001
    half = replace(as_fast, sender_id=new_id(), parts_per_second=50)
    assert ends_beside(half, pool=pool) == 4_001
    soon_done = replace(as_fast, load=Load(parts=(1_000.0,)), messages=1_000)
    assert ends_beside(soon_done, pool=pool) == 5_001
    assert ends_beside(soon_done, half, pool=pool) == (5_000 * 2) // 3 + 1
    of_two_parts = replace(as_fast, load=Load(parts=(18_000.0,)))
    assert ends_beside(of_two_parts, pool=pool) == 4_001
    assert ends_beside(replace(as_fast, pools=(OPTOUT,)), pool=pool) is None


def test_campaigns_of_the_same_sender_and_those_that_begin_later_are_counted_in() -> None:
    pool = replace(SHORT, remaining=6_000)
    same = Other(load=Load(parts=(9_000.0,)), messages=9_000, pools=(pool,))
    assert ends_beside(same, pool=pool) == 3_001
    capped = replace(same, load=Load(parts=(9_000.0,), cap=20))
    assert ends_beside(capped, pool=pool) == 4_801
    another = Other(
        load=Load(parts=(9_000.0,)), sender_id=new_id(), parts_per_second=100, messages=9_000, pools=(pool,)
    )
    later = replace(another, load=Load(parts=(9_000.0,), begins=NOW + timedelta(seconds=20)))
    assert ends_beside(later, pool=pool) == 4_001
    assert ends_beside(another, start=NOW + timedelta(seconds=20), pool=pool) == 2_001
    assert ends_beside(another, start=NOW + timedelta(days=1), pool=pool) == 1


def test_pools_of_others_that_share_domains_are_counted_in() -> None:
    first, second, third = (new_id() for _ in range(3))
    pool = replace(SHORT, remaining=200, domains={first: 100, second: 100})
    theirs = replace(SHORT, id=new_id(), remaining=200, domains={second: 100, third: 100})
    other = Other(load=Load(parts=(900.0,)), sender_id=new_id(), parts_per_second=100, messages=900, pools=(theirs,))
    # 300 messages in all, half of them each.
    assert ends_beside(other, messages=200, pool=pool) == 151
    assert ends_beside(replace(other, parts_per_second=50), messages=200, pool=pool) is None
    assert ends_beside(replace(other, parts_per_second=300), messages=200, pool=pool) == 101
