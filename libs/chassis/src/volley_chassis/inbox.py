"""The idempotent inbox: an event that was handled in a committed transaction is not handled again.

Table: inbox (consumer, event_id, received_at), primary key (consumer, event_id).
"""

from volley_chassis.database import Connection

_FIRST = """
INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true
"""
# Longer than any topic that a service reads is retained.
_FORGET = "DELETE FROM inbox WHERE received_at < now() - interval '31 days'"


async def first_time(connection: Connection, consumer: str, event_id: str) -> bool:
    """Whether the event is new. Call it in the transaction that does what the event asks for."""
    return bool(await connection.fetchval(_FIRST, consumer, event_id))


async def forget_old(connection: Connection) -> None:
    await connection.execute(_FORGET)
