"""The idempotent inbox: an event that was handled in a committed transaction is not handled again.

Table: inbox (consumer, event_id, received_at), primary key (consumer, event_id).
"""

from datetime import timedelta

from volley_chassis.database import Connection
from volley_chassis.retention import Rule
from volley_chassis.settings import ServiceSettings

_FIRST = """
INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true
"""
_FORGET = """
DELETE FROM inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox WHERE received_at < $1 LIMIT $2))
"""


async def first_time(connection: Connection, consumer: str, event_id: str) -> bool:
    """Whether the event is new. Call it in the transaction that does what the event asks for."""
    return bool(await connection.fetchval(_FIRST, consumer, event_id))


def old_events(settings: ServiceSettings) -> Rule:
    """Kept longer than any topic that a service reads is retained: what comes again is known."""
    return Rule("inbox", _FORGET, timedelta(days=settings.inbox_days))
