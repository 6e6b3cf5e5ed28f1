"""A budget pays for whatever fits, and for nothing more."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dispatch_svc.domain.budget import Account, paid_for

AMOUNTS = st.decimals("0.0001", "2", places=4)


@given(costs=st.lists(AMOUNTS), left=st.decimals("-1", "50", places=4))
def test_no_more_is_paid_for_than_is_left_and_nothing_stays_that_would_fit(costs: list[Decimal], left: Decimal) -> None:
    paid = paid_for(costs, left)
    spent = sum((cost for cost, is_paid in zip(costs, paid, strict=True) if is_paid), Decimal(0))
    assert spent <= left or not any(paid)
    assert all(cost > left - spent for cost, is_paid in zip(costs, paid, strict=True) if not is_paid)


def test_a_cheap_message_goes_where_a_dear_one_cannot() -> None:
    assert paid_for([Decimal("0.06"), Decimal("0.12"), Decimal("0.03")], Decimal("0.10")) == [True, False, True]


def test_what_is_on_its_way_is_not_free() -> None:
    assert Account(Decimal(10), spent=Decimal("7.5"), reserved=Decimal("2.25")).left == Decimal("0.25")
