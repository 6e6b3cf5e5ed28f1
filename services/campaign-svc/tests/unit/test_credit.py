"""Credit: the window is bounded, batches are consecutive, and a cap spreads them over time."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain import credit
from campaign_svc.domain.hours import Group

NOW = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "size", "batches"),
    [
        (1, 10, 2),
        (10, 10, 3),
        (100, 100, 3),
        (500, 500, 3),
        (1_000, 1000, 3),
        (3_000, 3000, 3),
        (10_000, 3000, 10),
        (100_000, 3000, 10),
    ],
)
def test_a_window_is_about_three_seconds_of_the_pace(pace: int, size: int, batches: int) -> None:
    assert (credit.batch_size(pace), credit.window(pace)) == (size, batches)


@pytest.mark.parametrize(("parts", "size"), [(1.0, 3000), (1.5, 2000), (10.0, 300)])
def test_a_batch_holds_as_many_parts_however_long_its_messages_are(parts: float, size: int) -> None:
    assert credit.batch_size(100_000, parts) == size


@given(
    recipients=st.integers(0, 5_000),
    pace=st.integers(1, 50_000),
    answered=st.lists(st.integers(0, 10), max_size=40),
)
def test_whatever_order_credit_comes_back_in_the_audience_is_fed_once(
    recipients: int, pace: int, answered: list[int]
) -> None:
    fed: list[credit.Batch] = []
    outstanding = 0
    for back in [*answered, *[10_000] * (recipients // credit.batch_size(pace) + 1)]:
        outstanding = max(outstanding - back, 0)
        next_seq = sum(batch.count for batch in fed)
        ready = credit.Ready(next_batch_no=len(fed), most=recipients - next_seq, parts_per_second=pace)
        granted = credit.grant(ready, next_seq=next_seq, outstanding=outstanding, at=NOW)
        fed += granted.batches
        outstanding += len(granted.batches)
        assert outstanding <= credit.window(pace)
        assert granted.feed_after is None
    assert [batch.batch_no for batch in fed] == list(range(len(fed)))
    assert [seq for b in fed for seq in range(b.first_seq, b.first_seq + b.count)] == list(range(recipients))
    assert all(1 <= batch.count <= credit.MAX_BATCH for batch in fed)


def test_a_full_window_grants_nothing() -> None:
    ready = credit.Ready(next_batch_no=3, most=9_700, parts_per_second=100)
    granted = credit.grant(ready, next_seq=300, outstanding=3, at=NOW)
    assert granted.batches == []


@given(pace=st.integers(1, 5_000), cap=st.integers(1, 5_000), parts=st.floats(1, 4))
def test_a_cap_is_kept_over_time(pace: int, cap: int, parts: float) -> None:
    at, next_seq = NOW, 0
    feed_after: datetime | None = None
    for next_no in range(20):
        ready = credit.Ready(
            next_batch_no=next_no,
            most=1_000_000,
            parts_per_second=pace,
            cap=cap,
            typical_parts=parts,
            feed_after=feed_after,
        )
        granted = credit.grant(ready, next_seq=next_seq, outstanding=0, at=at)
        if cap >= pace:
            assert granted.feed_after is None
            return
        assert len(granted.batches) == 1
        next_seq += granted.batches[0].count
        feed_after = granted.feed_after
        assert feed_after is not None
        waiting = msgspec.structs.replace(ready, next_batch_no=next_no + 1, feed_after=feed_after)
        early = credit.grant(waiting, next_seq=next_seq, outstanding=0, at=feed_after - timedelta(microseconds=1))
        assert early == credit.Grant([], feed_after)
        at = feed_after
    assert next_seq * parts / (at - NOW).total_seconds() == pytest.approx(cap, rel=0.01)


@given(
    groups=st.lists(st.tuples(st.integers(1, 3_000), st.integers(0, 3_000)), min_size=1, max_size=6),
    pace=st.integers(1, 2_000),
    outstanding=st.integers(0, 3),
    most=st.integers(0, 5_000),
)
def test_groups_share_one_window_and_the_first_goes_before_the_next(
    groups: list[tuple[int, int]], pace: int, outstanding: int, most: int
) -> None:
    found: list[Group] = []
    for no, (count, fed) in enumerate(groups):
        first = sum(group.count for group in found)
        found.append(Group(no=no, zones=("UTC",), first_seq=first, count=count, fed=min(fed, count)))
    ready = credit.Ready(next_batch_no=7, most=most, parts_per_second=pace)
    granted = credit.grant_groups(ready, found, outstanding=outstanding, at=NOW)
    assert len(granted.batches) <= max(credit.window(pace) - outstanding, 0)
    assert granted.recipients <= most
    assert [batch.batch_no for batch in granted.batches] == [7 + n for n in range(len(granted.batches))]
    left = granted.recipients
    for group in found:
        mine = min(left, group.left)
        assert granted.fed_of_groups.get(group.no, group.fed) == group.fed + mine
        left -= mine
    for batch in granted.batches:
        assert any(
            g.first_seq + g.fed <= batch.first_seq and batch.first_seq + batch.count <= g.first_seq + g.count
            for g in found
        )
