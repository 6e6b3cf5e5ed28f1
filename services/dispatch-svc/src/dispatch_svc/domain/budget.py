"""A campaign's budget: which of the next messages it pays for, to the last decimal."""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from dispatch_svc.domain.cost import ZERO


class Account(msgspec.Struct, frozen=True):
    """What a campaign may cost, what was spent of it, and what messages on their way may cost.

    What is unknown counts as spent. `told`: it is known that the budget pays for no more.
    """

    budget: Decimal
    spent: Decimal
    reserved: Decimal = ZERO
    told: bool = False

    @property
    def left(self) -> Decimal:
        return self.budget - self.spent - self.reserved


def paid_for(costs: Sequence[Decimal], left: Decimal) -> list[bool]:
    """Of each message, in turn, whether what is `left` pays for it: a cheap one may go where a dear one cannot."""
    if sum(costs, ZERO) <= left:
        return [True] * len(costs)
    paid = []
    for cost in costs:
        paid.append(cost <= left)
        if paid[-1]:
            left -= cost
    return paid
