"""What is known of people beside their messages on the way, to be taken out when they are forgotten."""

from datetime import datetime
from uuid import UUID

from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "erasures.sql")


async def clear(connection: Connection, account_id: UUID, number: str, at: datetime) -> None:
    """Take the number, and what was written from it until `at`, out of every table but the suppressions."""
    await connection.execute(_SQL["clear_inbound"], account_id, number, at)
    await connection.execute(_SQL["clear_unknown"], account_id, number)
    await connection.execute(_SQL["clear_parked"], account_id, number, at)


async def let_go(connection: Connection, account_id: UUID, number: str, at: datetime) -> None:
    """Forget that the number was withheld since `at`."""
    await connection.execute(_SQL["let_go"], account_id, number, at)
