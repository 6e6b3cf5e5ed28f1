"""Replaces an account's rate card. Messages that are handed over from then on cost what it says."""

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain.cost import CurrencyInUseError, RateCard
from dispatch_svc.store import campaigns, rate_cards
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import check, one_at_a_time, tag_of


def tag(card: RateCard | None) -> str:
    """Of a card, or of there being none."""
    return tag_of(card and (card.currency, card.prices))


async def put_rate_card(pool: Pool, account_id: UUID, card: RateCard, if_match: str | None = None) -> datetime:
    """When that was. StaleError, CurrencyInUseError."""
    async with pool.acquire() as connection, connection.transaction():
        await one_at_a_time(connection, "rate card", account_id)
        current = await rate_cards.find(connection, account_id)
        check(if_match, tag(current))
        if current and current.currency != card.currency:
            await _require_unused(connection, account_id, current.currency)
        return await rate_cards.put(connection, account_id, card)


async def _require_unused(connection: Connection, account_id: UUID, currency: str) -> None:
    """The cost of a campaign is one amount, which its budget and its forecast are compared with."""
    if under_way := await campaigns.under_way(connection, account_id):
        raise CurrencyInUseError(currency, under_way)
