"""The circuit breaker of a route."""

from dispatch_svc.domain.breaker import FAILURES, FIRST_REST, LONGEST_REST, Breaker


def test_it_opens_after_some_failures_in_a_row_and_rests_longer_each_time() -> None:
    breaker, now = Breaker(), 100.0
    for _ in range(FAILURES - 1):
        assert breaker.failed(now) == 0
    breaker.succeeded()
    for _ in range(FAILURES - 1):
        assert breaker.failed(now) == 0
    assert not breaker.is_open(now)
    rests = []
    for _ in range(10):
        rests.append(breaker.failed(now))
        assert breaker.is_open(now)
        now += breaker.rest(now)
        assert not breaker.is_open(now), "the next message tries it"
    assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
    assert rests[-1] == LONGEST_REST
    breaker.succeeded()
    assert breaker.failed(now) == 0


def test_a_hard_failure_opens_it_at_once() -> None:
    breaker = Breaker()
    assert breaker.failed(0.0, hard=True) == FIRST_REST
    assert breaker.is_open(0.0)


def test_who_has_enough_is_left_alone_for_as_long_as_it_says() -> None:
    breaker = Breaker()
    breaker.hold(0.0, 7.0)
    assert breaker.is_open(6.9)
    assert not breaker.is_open(7.0)
    assert breaker.failed(7.0) == 0, "that was no failure"
