"""Forward-only SQL migrations: files NNNN_name.sql, each applied once, in order, in one transaction."""

from pathlib import Path

import asyncpg
import structlog

log = structlog.get_logger()
_LOCK = 7_306_105_121  # any number that is the same for every replica

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()
)
"""


async def migrate(database_url: str, folder: Path) -> list[str]:
    """Apply what is not applied yet and give the names. Replicas that start together wait for one another.

    A migration may wait 5 s for a lock and run 10 min, so that it cannot stop a running service; it fails
    instead, and is tried again by the next start.
    """
    files = sorted(folder.glob("[0-9]*.sql"))  # noqa: ASYNC240 - a handful of files, before anything is served
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(_TABLE)
        done = {row["name"] for row in await connection.fetch("SELECT name FROM schema_migrations")}
        pending = [path for path in files if path.stem not in done]
        for path in pending:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = '10min'")
                await connection.execute(path.read_text("utf-8"))
                await connection.execute("INSERT INTO schema_migrations (name) VALUES ($1)", path.stem)
            log.info("migration applied", migration=path.stem)
        return [path.stem for path in pending]
    finally:
        await connection.close()
