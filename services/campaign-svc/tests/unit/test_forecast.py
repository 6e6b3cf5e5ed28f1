"""Forecast: cost by country from a sample, finish time, and whether pools last."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from msgspec.structs import replace

from campaign_svc.domain.forecast import PoolState, Sampled, forecast
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
