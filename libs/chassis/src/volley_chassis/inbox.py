"""The idempotent inbox: an event that was handled in a committed transaction is not handled again.

Table: inbox (consumer, event_id, received_at), primary key (consumer, event_id).
"""

from collections.abc import Sequence
from datetime import timedelta

from volley_chassis.database import Connection
from volley_chassis.retention import Rule
from volley_chassis.settings import ServiceSettings

_FIRST = """
INSERT INTO inbox (consumer, event_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true
"""
_FIRST_OF = """
INSERT INTO inbox (consumer, event_id) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING RETURNING event_id
"""
_FORGET = """
DELETE FROM inbox WHERE ctid = ANY(ARRAY(SELECT ctid FROM inbox WHERE received_at < $1 LIMIT $2))
"""


async def first_time(connection: Connection, consumer: str, event_id: str) -> bool:
    """Whether the event is new. Call it in the transaction that does what the event asks for."""
    return bool(await connection.fetchval(_FIRST, consumer, event_id))


async def first_times(connection: Connection, consumer: str, event_ids: Sequence[str]) -> set[str]:
    """As `first_time`, of many events at once: those that are new."""
    ordered = sorted(event_ids)  # two that ask for the same never wait for each other in a circle
    return {row["event_id"] for row in await connection.fetch(_FIRST_OF, consumer, ordered)}


def old_events(settings: ServiceSettings) -> Rule:
    """Kept longer than any topic that a service reads is retained: what comes again is known."""
    return Rule("inbox", _FORGET, timedelta(days=settings.inbox_days))
