"""The pace of every sender ID, as it was last heard of: by an edit, or by a piece of a batch."""

from collections.abc import Collection
from uuid import UUID

from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "senders.sql")


async def learn(connection: Connection, sender_id: UUID, *, pace: int, version: int) -> None:
    """Parts a second, by the so-manyth edit of the sender. What is older than what is known is ignored."""
    await connection.execute(_SQL["learn"], sender_id, pace, version)


async def paces(connection: Connection, sender_ids: Collection[UUID]) -> dict[UUID, int]:
    """Parts a second, of those that are known."""
    rows = await connection.fetch(_SQL["paces"], list(sender_ids))
    return {row["sender_id"]: row["pace"] for row in rows if row["pace"] is not None}
