"""Numbers that an account must not text."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from volley_chassis.database import Connection, queries
from volley_contracts import SuppressionChanged

_SQL = queries(__package__, "suppressions.sql")


async def change(
    connection: Connection, account_id: UUID, numbers: Collection[str], *, suppressed: bool, at: datetime
) -> None:
    """From `at` on the numbers are suppressed, or are not; an older change than the known one is ignored."""
    distinct = set(numbers)
    count = len(distinct)
    await connection.execute(_SQL["change"], [account_id] * count, list(distinct), [suppressed] * count, [at] * count)


async def apply(connection: Connection, changes: Collection[SuppressionChanged]) -> None:
    """As `change`, for changes of different numbers and accounts, at most one each."""
    columns = ([getattr(one, name) for one in changes] for name in ("account_id", "number", "suppressed", "at"))
    await connection.execute(_SQL["change"], *columns)


async def among(connection: Connection, account_id: UUID, numbers: Sequence[str]) -> set[str]:
    """Those of the numbers that are suppressed."""
    return {row["number"] for row in await connection.fetch(_SQL["among"], account_id, numbers)}
