"""Never more than the rate in any sliding second, however late a process is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch_svc.domain import pacing
from dispatch_svc.domain.pacing import Fair, Turns, Window
from volley_contracts import new_id


def busiest_second(sent: list[tuple[float, int]]) -> int:
    """Parts in the busiest sliding second, [t, t + 1)."""
    sent = sorted(sent)
    return max((sum(n for at, n in sent if start <= at < start + 1) for start, _ in sent), default=0)


@given(
    rate=st.integers(1, 40),
    messages=st.lists(st.tuples(st.integers(1, 5), st.floats(0, 0.3)), max_size=120),
)
def test_a_window_holds_its_rate_when_asked_at_any_time(rate: int, messages: list[tuple[int, float]]) -> None:
    window, now, sent = Window(rate), 0.0, []
    for parts, pause in messages:
        parts = min(parts, rate)  # noqa: PLW2901 - a message that fits
        now = max(now + pause, window.earliest(parts, now + pause))
        window.add(parts, now)
        sent.append((now, parts))
    assert busiest_second(sent) <= rate


@given(
    rate=st.integers(2, 30),
    steps=st.lists(st.tuples(st.floats(0, 0.2), st.floats(0, 1.5)), max_size=60),
)
def test_what_leaves_later_than_it_was_counted_for_counts_when_it_leaves(
    rate: int, steps: list[tuple[float, float]]
) -> None:
    """Parts are counted when they are taken, and written up to 1.5 s later, out of order."""
    window, now, sent = Window(rate), 0.0, []
    counted: list[tuple[float, pacing.Sent]] = []
    for pause, delay in steps:
        now += pause
        if window.room(now) >= 1:
            counted.append((now + delay, window.add(1, now)))
        for entry in [entry for entry in counted if entry[0] <= now]:
            counted.remove(entry)
            if window.leave(entry[1], now):
                sent.append((now, 1))
    assert busiest_second(sent) <= rate


@given(
    rate=st.integers(1, 40),
    steps=st.lists(st.tuples(st.integers(1, 5), st.floats(0, 0.2), st.floats(0, 2)), max_size=80),
    way=st.lists(st.floats(0, pacing.WINDOW - 1.001), min_size=81, max_size=81),
)
def test_the_rate_holds_at_the_provider_however_late_a_busy_process_gives_parts_to_the_network(
    rate: int, steps: list[tuple[int, float, float]], way: list[float]
) -> None:
    """What is written is given to the network up to 2 s later, in order, all that waits for it at once."""
    window, now, flushed = Window(rate), 1.0, 0.0
    written: list[tuple[pacing.Sent, int]] = []
    arrived: list[tuple[float, int]] = []

    def flush() -> None:
        arrived.extend((now + way[len(arrived)], parts) for _, parts in written)
        for sent, _ in written:
            window.left(sent, now)
        written.clear()

    for parts, pause, late in [(1, 0.0, 0.0), *steps]:
        parts = min(parts, rate)  # noqa: PLW2901 - a message that fits
        now += pause
        if written and now >= flushed:
            flush()
        if window.earliest(parts, now) > now:
            continue
        sent = window.leave(window.add(parts, now), now)
        assert sent is not None
        if not written:
            flushed = now + late
        written.append((sent, parts))
    flush()
    assert busiest_second(arrived) <= rate


def test_what_a_frozen_process_wrote_counts_when_it_has_left() -> None:
    window = Window(2)
    sent = window.leave(window.add(2, 0.0), 0.0)
    assert sent is not None
    assert window.room(40.0) == 0
    assert window.earliest(1, 40.0) == pytest.approx(40.0 + pacing.WINDOW)
    window.left(sent, 40.1)
    assert window.room(41.0) == 0
    assert window.earliest(1, 41.0) == pytest.approx(40.1 + pacing.WINDOW)
    assert window.room(41.2) == 2


@pytest.mark.parametrize("rate", [1, 10, 1000])
def test_a_full_window_says_when_there_is_room_again(rate: int) -> None:
    window = Window(rate)
    window.add(rate, 5.0)
    assert window.earliest(1, 5.5) == pytest.approx(5.0 + pacing.WINDOW)
    assert window.earliest(1, 7.0) == 7.0


def test_a_lower_rate_acts_at_once() -> None:
    window = Window(1000)
    window.add(500, 0.0)
    window.rate = 10
    assert window.room(0.9) < 0
    assert window.earliest(10, 0.9) == pytest.approx(pacing.WINDOW)


@given(
    old=st.integers(1, 40),
    new=st.integers(1, 40),
    before=st.lists(st.floats(0, 0.2), max_size=40),
    after=st.lists(st.floats(0, 0.2), max_size=40),
)
def test_a_changed_rate_holds_from_its_change_on(old: int, new: int, before: list[float], after: list[float]) -> None:
    window, now, sent = Window(old), 0.0, []
    for pause in before:
        now = window.earliest(1, now + pause)
        window.add(1, now)
        sent.append((now, 1))
    window.rate, changed = new, now
    for pause in after:
        now = window.earliest(1, now + pause)
        window.add(1, now)
        sent.append((now, 1))
    assert busiest_second(sent) <= max(old, new)
    assert busiest_second([entry for entry in sent if entry[0] > changed]) <= new


@given(rate=st.integers(1, 10_000), late=st.floats(0, pacing.LATE_SHARED))
def test_slots_hold_the_rate_even_when_shared_ones_are_used_late(rate: int, late: float) -> None:
    """The busiest second: one that is used late, and then all that are on time."""
    times = [late, *(number * pacing.interval(rate, pacing.STRETCH_SHARED) for number in range(1, rate + 2))]
    assert sum(late <= at < late + 1 for at in times) <= rate


@given(asked=st.floats(0, 1e6), way=st.floats(0, 1), offset=st.floats(0, 1), rate=st.integers(1, 10_000))
def test_slots_in_our_time_are_never_early_nor_late(asked: float, way: float, offset: float, rate: int) -> None:
    """Redis decides somewhere between the question and the answer."""
    step = pacing.interval(rate, pacing.STRETCH_SHARED)
    slots = pacing.slots(count=1, asked_at=asked, answered_at=asked + way, offset=offset, step=step, shared=True)
    earliest, latest = asked + offset, asked + way + offset
    assert slots.opens >= latest
    assert slots.closes <= earliest + pacing.LATE_SHARED


@pytest.mark.parametrize(
    ("rate", "parts", "size"),
    [
        (1, 1.0, 1),
        (10, 1.0, 2),
        (100, 1.0, 25),
        (100, 3.0, 8),
        (1000, 1.0, 250),
        (10_000, 1.0, 2500),
        (20_000, 1.0, 3000),
    ],
)
def test_a_slice_is_a_quarter_of_a_second(rate: int, parts: float, size: int) -> None:
    assert pacing.slice_size(rate, parts) == size


def test_campaigns_are_served_in_turn_by_parts() -> None:
    fair, long, short = Fair(), new_id(), new_id()
    fair.set_campaigns([long, short])
    served = {long: 0, short: 0}
    for _ in range(400):
        campaign = fair.next()
        assert campaign is not None
        parts = 3 if campaign == long else 1
        fair.served(campaign, parts)
        served[campaign] += parts
    assert abs(served[long] - served[short]) <= 3


def test_a_newcomer_gets_its_share_and_not_more() -> None:
    fair, old, new = Fair(), new_id(), new_id()
    fair.set_campaigns([old])
    fair.served(old, 10_000)
    fair.set_campaigns([old, new])
    order = []
    for _ in range(10):
        campaign = fair.next()
        assert campaign is not None
        fair.served(campaign, 1)
        order.append(campaign)
    assert all(one != other for one, other in pairwise(order))


def test_a_campaign_that_is_held_is_passed_over() -> None:
    fair, held, other = Fair(), new_id(), new_id()
    fair.set_campaigns([held, other])
    fair.served(other, 5)
    assert fair.next(but={held}) == other
    assert fair.next(but={held, other}) is None


def _free(turns: Turns) -> int:
    """How many slices could be handed over at once now."""
    taken = 0
    while turns.take():
        taken += 1
    for _ in range(taken):
        turns.give_back()
    return taken


def test_slices_take_turns_while_slots_are_missed_and_more_go_at_once_when_none_are() -> None:
    turns = Turns(8)
    seen = []
    for missed in [False, False, False, False, True, True, True, False]:
        seen.append(_free(turns))
        turns.learn(missed=missed)
    assert seen == [2, 3, 4, 5, 6, 3, 2, 2]
    for _ in range(20):
        turns.learn(missed=False)
    assert _free(turns) == 8


def test_where_one_slice_may_be_in_flight_there_is_one_turn() -> None:
    turns = Turns(1)
    assert _free(turns) == 1
    turns.learn(missed=True)
    assert _free(turns) == 1
