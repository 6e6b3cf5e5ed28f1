"""Breakers: a rate trips exactly at its threshold and never before its sample; a resume begins anew."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.breakers import (
    BLOCK,
    Breakers,
    Limits,
    Mark,
    Window,
    anew,
    budget_reached,
    failures,
    in_force,
    optouts,
    route_down,
    slide,
    undelivered,
)
from volley_contracts import BudgetReached, new_id, now

limits = st.builds(
    Limits,
    failure_percent=st.integers(1, 1000).map(lambda n: n / 10),
    optout_percent=st.integers(1, 1000).map(lambda n: n / 10),
    min_sample=st.integers(1, 400),
)
settled = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=60)
"""Outcomes event by event: how many went well, and how many failed."""


@given(limits=limits, events=settled, resumed_after=st.integers(0, 40))
def test_failures_trip_exactly_at_the_threshold_and_not_before_the_sample(
    limits: Limits, events: list[tuple[int, int]], resumed_after: int
) -> None:
    window, now = Window(), Mark()
    history: list[Mark] = [now]
    for index, (well, failed) in enumerate(events):
        if index == resumed_after:
            window = anew(now, receipts=Mark(), reached=0, next_batch=3)
            history = [now]
        now = Mark(now.attempted + well + failed, now.failed + failed)
        attempted, bad = now.attempted - window.earlier.attempted, now.failed - window.earlier.failed
        tenths = round(limits.failure_percent * 10)
        expected = attempted >= limits.min_sample and bad > 0 and bad * 1000 >= tenths * attempted
        assert (failures(window, now, limits) is not None) == expected
        assert window.earlier in history  # it begins where something was counted, and never before a resume
        history.append(now)
        window = slide(window, now, limits)


@given(limits=limits, events=settled)
def test_the_window_forgets_what_is_two_blocks_old_and_never_its_sample(
    limits: Limits, events: list[tuple[int, int]]
) -> None:
    window, now = Window(), Mark()
    block = max(BLOCK, limits.min_sample)
    for well, failed in events * 20:
        now = Mark(now.attempted + well + failed, now.failed + failed)
        window = slide(window, now, limits)
        in_window = now.attempted - window.earlier.attempted
        assert in_window < 2 * block + 120
        assert in_window >= min(now.attempted, limits.min_sample)


@given(limits=limits, people=st.integers(0, 5000), left=st.integers(0, 5000), before=st.integers(0, 1000))
def test_opt_outs_trip_exactly_at_the_threshold_and_not_before_the_sample(
    limits: Limits, people: int, left: int, before: int
) -> None:
    window = anew(Mark(), receipts=Mark(), reached=before, next_batch=1)
    expected = people >= limits.min_sample and left > 0 and left * 1000 >= round(limits.optout_percent * 10) * people
    assert (optouts(window, left, before + people, limits) is not None) == expected


@given(limits=limits, arrived=st.integers(0, 5000), lost=st.integers(0, 5000), before=st.integers(0, 1000))
def test_receipts_trip_exactly_at_the_threshold_and_not_before_the_sample(
    limits: Limits, arrived: int, lost: int, before: int
) -> None:
    window = anew(Mark(), receipts=Mark(before, before), reached=0, next_batch=1)
    answered, tenths = arrived + lost, round(limits.failure_percent * 10)
    expected = answered >= limits.min_sample and lost > 0 and lost * 1000 >= tenths * answered
    assert (undelivered(window, Mark(before + answered, before + lost), limits) is not None) == expected


def test_sentences_have_the_figures() -> None:
    lost = undelivered(Window(), Mark(1_000, 400), Limits())
    assert lost is not None
    assert lost.sentence == "400 of the last 1,000 receipts say undelivered (40.0%); the limit is 30%."
    found = failures(Window(), Mark(1_000, 400), Limits())
    assert found is not None
    assert found.sentence == "400 of the last 1,000 messages failed (40.0%); the limit is 30%."


@pytest.mark.parametrize(
    ("reachable", "stops"),
    [(None, False), (["US", "GB"], False), (["US"], False), (["GB"], True), ([], True)],
)
def test_routes_are_down_when_they_fail_too_many(reachable: list[str] | None, stops: bool) -> None:
    found = route_down({"US": 75, "GB": 25}, reachable, Limits())
    assert (found is not None) == stops


def test_a_campaign_s_limit_comes_before_the_account_s() -> None:
    found = in_force(Breakers(failure_percent=10), Breakers(failure_percent=20, optout_percent=2))
    assert found == Limits(failure_percent=10, optout_percent=2, min_sample=Limits().min_sample)


def test_a_budget_that_pays_for_no_more_says_what_is_missing() -> None:
    event = BudgetReached(
        account_id=new_id(), campaign_id=new_id(), spent=Decimal("9.98"), needed=Decimal("10.02"), at=now()
    )
    reached = budget_reached("10.00 EUR", event, Decimal("9.98"))
    assert reached.code == "budget_exhausted"
    assert reached.sentence == (
        "9.98 of the budget of 10.00 EUR is spent, and another message would make it 10.02. "
        "Raise the budget to at least 10.02, then resume."
    )
    assert "(0.08 for messages that are unknown)" in budget_reached("10.00 EUR", event, Decimal("9.90")).sentence
