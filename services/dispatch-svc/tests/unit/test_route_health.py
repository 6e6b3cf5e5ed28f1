"""What others hear of routes: the worse after a while, the better at once, and nothing twice."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatch_svc.domain.route_health import Health, Reachable, follow

START = datetime(2031, 1, 1, tzinfo=UTC)
PATIENCE = timedelta(seconds=60)
states = st.one_of(st.none(), st.frozensets(st.sampled_from(["US", "GB", "DE"])))


def includes(more: Reachable, less: Reachable) -> bool:
    return more is None or (less is not None and less <= more)


@given(seconds=st.lists(st.tuples(states, st.integers(1, 50)), max_size=40))
def test_the_worse_is_told_after_a_while_and_the_better_at_once(seconds: list[tuple[Reachable, int]]) -> None:
    health, at = Health(), START
    beyond_since: datetime | None = None  # since when less or other than what was told is true
    for state, lasts in seconds:
        for _ in range(lasts):
            told_before = health.told
            health, tell = follow(health, state, at=at, patience=PATIENCE)
            if state == told_before:
                assert not tell
                beyond_since = None
            elif includes(state, told_before):
                assert tell
                beyond_since = None
            else:
                beyond_since = beyond_since or at
                assert tell == (at - beyond_since >= PATIENCE)
                if tell:
                    beyond_since = None
            assert health.told == (state if tell else told_before)
            at += timedelta(seconds=1)
