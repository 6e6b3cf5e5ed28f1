"""Replaces an account's rate card. Messages that are settled from then on cost what it says."""

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain.cost import RateCard
from dispatch_svc.store import rate_cards
from volley_chassis.database import Pool
from volley_chassis.etags import check, one_at_a_time, tag_of


def tag(card: RateCard | None) -> str:
    """Of a card, or of there being none."""
    return tag_of(card and (card.currency, card.prices))


async def put_rate_card(pool: Pool, account_id: UUID, card: RateCard, if_match: str | None = None) -> datetime:
    """When that was. StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        await one_at_a_time(connection, "rate card", account_id)
        check(if_match, tag(await rate_cards.find(connection, account_id)))
        return await rate_cards.put(connection, account_id, card)
