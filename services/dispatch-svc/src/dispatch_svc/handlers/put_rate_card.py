"""Replaces an account's rate card. Messages that are settled from then on cost what it says."""

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain.cost import RateCard
from dispatch_svc.store import rate_cards
from volley_chassis.database import Pool


async def put_rate_card(pool: Pool, account_id: UUID, card: RateCard) -> datetime:
    """When that was."""
    async with pool.acquire() as connection, connection.transaction():
        return await rate_cards.put(connection, account_id, card)
