"""The busiest second, and the limit."""

from hypothesis import given
from hypothesis import strategies as st

from volley_tools.simulator.pace import BusiestSecond, Limit

# Quarters of a second are exact as floats, so that windows have sharp edges here.
TIMES = st.lists(st.integers(0, 40).map(lambda quarters: quarters / 4), max_size=60).map(sorted)


def most_in_a_second(times: list[float]) -> int:
    return max((sum(end - 1 < time <= end for time in times) for end in times), default=0)


@given(TIMES, st.integers(0, 60))
def test_the_busiest_second_is_what_counting_every_window_gives(times: list[float], asked: int) -> None:
    busiest = BusiestSecond()
    for number, time in enumerate(times):
        busiest.add(time)
        if number == asked:  # a look in between changes nothing
            assert busiest.peak() == most_in_a_second(times[: number + 1])
    assert busiest.peak() == most_in_a_second(times)
    assert len(busiest) == len(times)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 4)), max_size=60))
def test_what_is_certain_is_never_more_than_what_came(arrivals: list[tuple[int, int]]) -> None:
    """Arrivals that are read up to a second later, in order."""
    came = sorted(quarters / 4 for quarters, _ in arrivals)
    busiest, read = BusiestSecond(), 0.0
    for at, (_, late) in zip(came, arrivals, strict=True):
        read = max(read, at + late / 4)
        busiest.add(read, since=at - 0.25)
    assert busiest.certain() <= most_in_a_second(came)
    assert busiest.certain() <= busiest.peak()


def test_what_is_read_late_seems_to_be_more() -> None:
    busiest = BusiestSecond()
    for quarter in range(12):
        busiest.add(quarter / 4, since=quarter / 4 - 0.125)
    assert busiest.certain() == busiest.peak() == 4
    busiest.add(3.625, 20, since=2.75)
    assert busiest.peak() == 21
    assert busiest.certain() == 20


def test_a_window_excludes_its_first_instant() -> None:
    busiest = BusiestSecond()
    busiest.add(0.0, 3)
    busiest.add(1.0, 2)
    assert busiest.peak() == 3
    busiest.add(1.5, 2)
    assert busiest.peak() == 4


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(1, 4)), max_size=60), st.integers(1, 6))
def test_a_limit_is_never_exceeded_and_always_used(steps: list[tuple[int, int]], per_second: int) -> None:
    limit, now, taken = Limit(), 0.0, list[float]()
    for quarters, parts in steps:
        now += quarters / 4
        room = per_second - sum(now - 1 < time for time in taken)
        allowed = limit.allows(now, parts, per_second)
        assert allowed == (parts <= room)
        taken += [now] * parts * allowed
    assert most_in_a_second(taken) <= per_second


def test_no_limit() -> None:
    assert Limit().allows(0.0, 10**9, 0)


def test_what_another_door_read_later_may_have_come_earlier() -> None:
    busiest = BusiestSecond()
    busiest.add(0.0, since=-0.5)
    busiest.add(0.125, since=-0.25)  # straight off a socket
    busiest.add(0.25, since=-0.75)  # by way of another door
    busiest.add(0.375, since=0.25)
    assert (busiest.peak(), busiest.certain()) == (4, 3)
    busiest.add(0.75, since=0.5)
    # Of those in the second before 0.75 only two surely came within it.
    assert (busiest.peak(), busiest.certain()) == (5, 3)
