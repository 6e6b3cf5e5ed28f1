"""The rate card of an account."""

from datetime import datetime
from typing import Any
from uuid import UUID

from dispatch_svc.domain.cost import RateCard
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "rate_cards.sql")


async def put(connection: Connection, account_id: UUID, card: RateCard) -> datetime:
    """Replace the account's card; call it in a transaction. When that was."""
    updated_at: datetime = await connection.fetchval(_SQL["put"], account_id, card.currency)
    await connection.execute(_SQL["clear"], account_id)
    await connection.execute(_SQL["fill"], account_id, list(card.prices), list(card.prices.values()))
    return updated_at


async def find(connection: Connection, account_id: UUID) -> RateCard | None:
    found = await find_dated(connection, account_id)
    return found and found[0]


async def find_dated(connection: Connection, account_id: UUID) -> tuple[RateCard, datetime] | None:
    """The card and when it was put."""
    rows: list[Any] = await connection.fetch(_SQL["find"], account_id)
    if not rows:
        return None
    prices = {row["country"]: row["price"] for row in rows if row["country"] is not None}
    return RateCard(rows[0]["currency"], prices), rows[0]["updated_at"]
