"""The click rate is a share of what arrived, or of what was sent where nobody says what arrived."""

from decimal import Decimal

import pytest

from stats_svc.domain.rates import click_rate
from stats_svc.domain.totals import cost_of


@pytest.mark.parametrize(
    ("clickers", "delivered", "submitted", "with_receipts", "value", "over"),
    [
        (0, 0, 0, 0, None, "delivered"),
        (0, 0, 10, 10, None, "delivered"),
        (3, 9, 10, 10, 0.3333, "delivered"),
        (3, 0, 9, 0, 0.3333, "submitted"),
        (2, 5, 10, 5, 0.2, "delivered"),  # five delivered, five on a route without receipts
        (2, 1, 10, 10, 1.0, "delivered"),  # clicked before the receipt came
        (1, 16, 16, 16, 0.0625, "delivered"),
        (1, 20000, 20000, 20000, 0.0001, "delivered"),  # 0.00005 rounds up
    ],
)
def test_click_rate(
    clickers: int, delivered: int, submitted: int, with_receipts: int, value: float | None, over: str
) -> None:
    rate = click_rate(
        clickers=clickers, delivered=delivered, submitted=submitted, submitted_with_receipts=with_receipts
    )
    assert (rate.value, rate.over, rate.clickers) == (value, over, clickers)


def test_amounts_of_two_currencies_are_never_added() -> None:
    rows = [
        {"currency": "", "parts": 0, "cost": Decimal(0)},
        {"currency": "EUR", "parts": 5, "cost": Decimal("0.05")},
        {"currency": "USD", "parts": 9, "cost": Decimal("0.09")},
        {"currency": "EUR", "parts": 2, "cost": Decimal("0.02")},
    ]
    assert cost_of(rows) == (Decimal("0.09"), "USD", {"EUR": Decimal("0.07")})
    assert cost_of(rows[:1]) == (Decimal(0), "", {})
