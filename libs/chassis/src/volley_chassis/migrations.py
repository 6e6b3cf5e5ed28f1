"""Forward-only SQL migrations: files NNNN_name.sql, each applied once, in order, in one transaction."""

import asyncio
from pathlib import Path

import asyncpg
import structlog

log = structlog.get_logger()
_POLL_SECONDS = 0.5
_LOCK = 7_306_105_121  # any number that is the same for every replica

_TABLE = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now()
)
"""

# A database that starts, is restarted or is full: worth waiting for. A wrong password or a missing grant is not.
_NOT_YET = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.TooManyConnectionsError,
)


class NotMigratedError(Exception):
    """The schema is older than the code; the message names the migrations that are missing."""


async def migrate(database_url: str, folder: Path) -> list[str]:
    """Apply what is not applied yet and give the names. Replicas that start together wait for one another.

    A migration may wait 5 s for a lock and run 10 min, so that it cannot stop a running service; it fails
    instead, and is tried again by the next start.
    """
    files = _files(folder)
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


async def wait_until_migrated(database_url: str, folder: Path, seconds: float = 300) -> None:
    """Return when every migration of the folder is applied. Only reads, so that the role needs no more than that.

    A database that does not answer yet is waited for too. Raises NotMigratedError after `seconds`, and at once what
    waiting does not heal: a refused sign-in, a missing grant.
    """
    wanted = [path.stem for path in _files(folder)]
    told = "the database does not answer"
    try:
        async with asyncio.timeout(seconds):
            while reason := await _why_not_yet(database_url, wanted):
                if reason != told:
                    log.info("waiting for migrations", reason=reason)
                told = reason
                await asyncio.sleep(_POLL_SECONDS)
    except TimeoutError:
        raise NotMigratedError(f"after {seconds:g} s {told}") from None
    log.info("every migration is applied", migrations=len(wanted))


async def _why_not_yet(database_url: str, wanted: list[str]) -> str:
    """What is waited for, in words; empty when nothing is."""
    try:
        applied = await _applied(database_url)
    except _NOT_YET as error:
        return f"the database does not answer: {error!r}"
    lacks = [name for name in wanted if name not in applied]
    return f"the database lacks {', '.join(lacks)}" if lacks else ""


async def _applied(database_url: str) -> set[str]:
    connection = await asyncpg.connect(database_url)
    try:
        return {row["name"] for row in await connection.fetch("SELECT name FROM schema_migrations")}
    except asyncpg.UndefinedTableError:
        return set()  # none was ever applied
    finally:
        await connection.close()


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("[0-9]*.sql"))
