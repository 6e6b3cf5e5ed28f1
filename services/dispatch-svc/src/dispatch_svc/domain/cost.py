"""What a message costs: parts times the price of its country, exactly."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

ZERO = Decimal(0)


class RateCard(msgspec.Struct, frozen=True):
    """An account's price of one part by country (ISO 3166 alpha-2), in its currency (ISO 4217)."""

    currency: str
    prices: dict[str, Decimal]

    def cost(self, country: str, parts: int) -> Decimal | None:
        """The cost of a message, or None: the country has no price."""
        price = self.prices.get(country)
        return None if price is None else price * parts


class CurrencyInUseError(Exception):
    """The card's currency stays `currency` while `campaigns` that cost in it are under way."""

    def __init__(self, currency: str, campaigns: Sequence[UUID]) -> None:
        super().__init__(currency)
        self.currency, self.campaigns = currency, campaigns
