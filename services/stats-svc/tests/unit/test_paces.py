"""The rate of live figures: what was submitted over the last seconds, down to zero when nothing comes any more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stats_svc.domain.paces import WINDOW, Paces
from volley_contracts import new_id

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
CAMPAIGN = new_id()


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def test_a_rate_is_known_after_a_second_and_follows_the_last_few() -> None:
    paces = Paces()
    told = [paces.rate(CAMPAIGN, 50 * tick, after(tick / 5)) for tick in range(50)]
    assert told[:5] == [None] * 5
    assert set(told[5:]) == {250.0}
    faster = [paces.rate(CAMPAIGN, 2450 + 100 * tick, after(9.8 + tick / 5)) for tick in range(1, 26)]
    assert faster == sorted(faster)
    assert faster[-1] == 500.0


def test_what_stands_still_is_told_once_more_and_then_no_more() -> None:
    paces = Paces()
    for second in range(4):
        paces.rate(CAMPAIGN, 100 * second, after(second))
    assert paces.fading(after(3.5)) == []
    told = []
    second = 3
    while paces.fading(after(second := second + 1)):
        told.append(paces.rate(CAMPAIGN, 300, after(second)))
    assert told[0] == 75.0
    assert told[-1] == 0.0
    assert 0.0 not in told[:-1]
    assert paces.rate(CAMPAIGN, 300, after(60)) == 0.0, "clicks alone do not make it unknown"
    assert paces.rate(CAMPAIGN, 400, after(61)) is None, "it begins anew"
    assert paces.rate(CAMPAIGN, 500, after(62)) == 100.0


@given(st.lists(st.tuples(st.floats(0.01, 10), st.integers(-5, 1000)), min_size=1, max_size=60))
def test_a_rate_is_never_negative_nor_above_what_came(steps: list[tuple[float, int]]) -> None:
    paces, total, at, seen = Paces(), 0, AT, []
    for seconds, change in steps:
        total, at = max(0, total + change), at + timedelta(seconds=seconds)
        seen.append((at, total))
        rate = paces.rate(CAMPAIGN, total, at)
        recent = [submitted for when, submitted in seen if at - when <= WINDOW]
        assert rate is None or 0 <= rate <= max(recent) - min(recent) + 0.05
    assert all(campaign == CAMPAIGN for campaign in paces.fading(at + WINDOW))
