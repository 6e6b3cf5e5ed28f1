"""Postgres: pools with JSON codecs, and SQL kept in named files."""

import importlib.resources
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import msgspec

from volley_chassis.settings import ServiceSettings

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool: TypeAlias = asyncpg.Pool[asyncpg.Record]
else:  # asyncpg's classes are generic for type checkers only
    Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
    Pool = asyncpg.Pool

_NAME = re.compile(r"^--\s*name:\s*(\w+)\s*$", re.MULTILINE)


def queries(package: str, file: str) -> dict[str, str]:
    """The statements of an SQL file by name. `-- name: add_contact` stands above each; comments stay in the SQL."""
    text = importlib.resources.files(package).joinpath(file).read_text("utf-8")
    pieces = _NAME.split(text)[1:]
    return {name: sql.strip() for name, sql in zip(pieces[::2], pieces[1::2], strict=True)}


# Batches are large values, and Postgres's own compression takes five times as long. Not every build has lz4.
_COMPRESSION = """
SELECT set_config(name, 'lz4', false) FROM pg_settings
WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""


async def prepare(connection: Connection) -> None:
    """Make json and jsonb columns take and give Python values, and large values be compressed quickly."""
    await connection.execute(_COMPRESSION)
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_to_json, decoder=msgspec.json.decode, format="text"
        )


def _to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@asynccontextmanager
async def pool(settings: ServiceSettings) -> AsyncIterator[Pool]:
    """A connection pool, closed at the end. Statements are bounded at 60 s and locks at 10 s.

    What is set in a session (listeners, session locks) stays with its connection: that takes one of one's own.
    """
    async with asyncpg.create_pool(
        settings.database_url,
        min_size=1,
        max_size=settings.database_connections,
        init=prepare,
        reset=_as_it_is,
        server_settings={
            "application_name": settings.instance,
            "statement_timeout": "60000",
            "lock_timeout": "10000",
            "idle_in_transaction_session_timeout": "60000",
        },
    ) as opened:
        yield opened


async def _as_it_is(_connection: Connection) -> None:
    """Spares a query: asyncpg would reset the session at each release."""
