"""The outbox: events born in a database transaction leave with it, and only with it.

Table: outbox (id, topic, key, value, headers, created_at); an empty value leaves as none. `put` writes a row and rings;
the relay publishes rows in the order of their ids and deletes them once Kafka has acknowledged them. One replica relays
at a time, so that events of one key keep their order; it also sweeps every second, so that a lost ring or a crash
delays an event and never loses it.
An event can leave twice (a crash between acknowledgement and deletion); its `ce_id` stays the same.
"""

import asyncio
import contextlib
from collections.abc import Sequence

import asyncpg
import structlog
from prometheus_client import Counter, Gauge

from volley_chassis.database import Connection, Pool, prepare
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Stream, record_of
from volley_contracts import Event, declaration_of, key_of

log = structlog.get_logger()
RELAYED = Counter("volley_outbox_relayed_total", "Events that the outbox relay handed to Kafka.")
OLDEST = Gauge("volley_outbox_oldest_seconds", "Age of the oldest event that waits in the outbox.")

_LOCK = 7_306_105_122
_ROWS = 200
_PUT = """
WITH ring AS (SELECT pg_notify('outbox', ''))
INSERT INTO outbox (topic, key, value, headers) SELECT $1, $2, $3, $4 FROM ring
"""
_PUT_ALL = """
WITH ring AS (SELECT pg_notify('outbox', ''))
INSERT INTO outbox (topic, key, value, headers)
SELECT new.topic, new.key, new.value, new.headers
FROM ring, unnest($1::text[], $2::bytea[], $3::bytea[], $4::jsonb[]) WITH ORDINALITY
    AS new (topic, key, value, headers, place)
ORDER BY place
"""
_NEXT = """
SELECT id, topic, key, value, headers, extract(epoch FROM now() - created_at)::float8 AS age
FROM outbox ORDER BY id LIMIT $1
"""
_DELETE = "DELETE FROM outbox WHERE id = ANY($1::bigint[])"
_MORE_THAN = "SELECT EXISTS (SELECT FROM outbox OFFSET $1)"
_SWEEP_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 0.05


async def put(connection: Connection, event: Event, *, source: str, id: str | None = None) -> None:  # noqa: A002 - the CloudEvents word
    """Publish the event if, and only if, the current transaction commits. `id` defaults to a new one."""
    record = record_of(event, source=source, id=id)
    await connection.execute(_PUT, record.topic, record.key, record.value, record.headers)


async def put_all(connection: Connection, events: Sequence[Event], *, source: str) -> None:
    """As `put`, for many events at once, in their order."""
    if events:
        records = [record_of(event, source=source) for event in events]
        columns = [
            list(column) for column in zip(*((r.topic, r.key, r.value, r.headers) for r in records), strict=True)
        ]
        await connection.execute(_PUT_ALL, *columns)


async def leave_room(pool: Pool, most: int) -> None:
    """Wait until at most so many events stand in the outbox: who has a great many gives others their turn."""
    while await pool.fetchval(_MORE_THAN, most):  # noqa: ASYNC110 - it is a process elsewhere that empties it
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def put_tombstone(connection: Connection, event: Event) -> None:
    """As `put`: have the compacted topic of the event forget the event's key, and all that was said under it."""
    await connection.execute(_PUT, declaration_of(type(event)).topic.name, key_of(event), b"", {})


async def relay(database_url: str, stream: Stream) -> None:
    """Publish what stands in the outbox until cancelled. Runs in every replica; one at a time does the work."""
    while True:
        try:
            await _relay_while_connected(database_url, stream)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("outbox relay lost its database or Kafka; trying again", error=repr(error))
        except Exception:
            log.exception("outbox relay failed; trying again")
        await asyncio.sleep(_SWEEP_SECONDS)


async def _relay_while_connected(database_url: str, stream: Stream) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await prepare(connection)
        bell = asyncio.Event()
        await connection.add_listener("outbox", lambda *_: bell.set())
        OLDEST.set(0)  # while another replica relays, that one knows
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        while True:
            bell.clear()
            while await _publish_some(connection, stream) == _ROWS:
                pass
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), _SWEEP_SECONDS)
    finally:
        await connection.close()


async def _publish_some(connection: Connection, stream: Stream) -> int:
    rows = await connection.fetch(_NEXT, _ROWS)
    OLDEST.set(rows[0]["age"] if rows else 0)  # before Kafka is asked: it grows while Kafka is away
    if rows:
        fault_point("outbox.before_publish")
        await stream.publish_raw([(row["topic"], row["key"], row["value"] or None, row["headers"]) for row in rows])
        fault_point("outbox.published")
        await connection.execute(_DELETE, [row["id"] for row in rows])
        RELAYED.inc(len(rows))
    return len(rows)
