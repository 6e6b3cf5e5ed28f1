"""What a campaign that is resumed needs of its pool."""

import pytest

from campaign_svc.domain import pools
from campaign_svc.domain.capacity import PoolState
from volley_contracts import new_id


@pytest.mark.parametrize(
    ("remaining", "exhausted", "waiting", "feeding", "says"),
    [
        (1, False, 0, True, None),
        (0, False, 0, False, None),  # the last message that needed it used it up
        (0, False, 0, True, "no capacity left"),
        (0, True, 0, False, "no capacity left"),
        (0, True, 9, False, "no capacity left"),
        (9, True, 9, False, None),  # filled just now, and not served yet
        (9, True, 9, True, "9 messages wait"),
        (8, True, 9, False, "9 messages wait"),
        (10, True, 9, True, None),
    ],
)
def test_a_pool_must_last_for_what_waits_and_for_one_more_that_is_fed(
    *, remaining: int, exhausted: bool, waiting: int, feeding: bool, says: str | None
) -> None:
    state = PoolState(
        id=new_id(),
        name="links",
        purpose="short",
        remaining=remaining,
        exhausted=exhausted,
        waiting=waiting,
        sample_url="https://go.example/xxxxxxxx",
    )
    missing = pools.missing(state, feeding=feeding)
    assert missing is None if says is None else says in (missing or "")
