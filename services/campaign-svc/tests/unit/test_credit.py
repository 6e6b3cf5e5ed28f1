"""Credit: the window is bounded, batches are consecutive, and a cap spreads them over time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain import credit

NOW = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "size", "batches"),
    [(1, 10, 2), (10, 10, 3), (100, 100, 3), (500, 500, 3), (1_000, 1000, 3), (10_000, 1000, 30), (100_000, 1000, 30)],
)
def test_a_window_is_about_three_seconds_of_the_pace(pace: int, size: int, batches: int) -> None:
    assert (credit.batch_size(pace), credit.window(pace)) == (size, batches)


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
        granted = credit.grant(
            recipients=recipients,
            next_seq=sum(batch.count for batch in fed),
            next_batch_no=len(fed),
            outstanding=outstanding,
            parts_per_second=pace,
            at=NOW,
        )
        fed += granted.batches
        outstanding += len(granted.batches)
        assert outstanding <= credit.window(pace)
        assert granted.feed_after is None
    assert [batch.batch_no for batch in fed] == list(range(len(fed)))
    assert [seq for b in fed for seq in range(b.first_seq, b.first_seq + b.count)] == list(range(recipients))
    assert all(1 <= batch.count <= credit.MAX_BATCH for batch in fed)


def test_a_full_window_grants_nothing() -> None:
    granted = credit.grant(
        recipients=10_000, next_seq=300, next_batch_no=3, outstanding=3, parts_per_second=100, at=NOW
    )
    assert granted.batches == []


@given(pace=st.integers(1, 5_000), cap=st.integers(1, 5_000), parts=st.floats(1, 4))
def test_a_cap_is_kept_over_time(pace: int, cap: int, parts: float) -> None:
    at, next_seq = NOW, 0
    feed_after: datetime | None = None
    for next_no in range(20):
        granted = credit.grant(
            recipients=1_000_000,
            next_seq=next_seq,
            next_batch_no=next_no,
            outstanding=0,
            parts_per_second=pace,
            cap=cap,
            typical_parts=parts,
            feed_after=feed_after,
            at=at,
        )
        if cap >= pace:
            assert granted.feed_after is None
            return
        assert len(granted.batches) == 1
        next_seq += granted.batches[0].count
        feed_after = granted.feed_after
        assert feed_after is not None
        early = credit.grant(
            recipients=1_000_000,
            next_seq=next_seq,
            next_batch_no=next_no + 1,
            outstanding=0,
            parts_per_second=pace,
            cap=cap,
            feed_after=feed_after,
            at=feed_after - timedelta(microseconds=1),
        )
        assert early == credit.Grant([], feed_after)
        at = feed_after
    assert next_seq * parts / (at - NOW).total_seconds() == pytest.approx(cap, rel=0.01)
