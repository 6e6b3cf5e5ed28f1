"""Numbers that an account must not text."""

from datetime import datetime
from uuid import UUID

from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "suppressions.sql")


async def change(connection: Connection, account_id: UUID, number: str, *, suppressed: bool, at: datetime) -> None:
    """From `at` on the number is suppressed, or is not; an older change than the known one is ignored."""
    await connection.execute(_SQL["change"], account_id, number, suppressed, at)
