"""Imports of contacts: the uploaded file in chunks, how far it is done, and the rows that were rejected."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from campaign_svc.domain.csv_header import Columns
from campaign_svc.domain.csv_rows import Reject
from campaign_svc.store.contacts import Merged
from volley_chassis.database import Connection, Pool, queries

SQL = queries("campaign_svc.store", "imports.sql")
MOST_REJECTS = 100_000


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """An import that has its turn. `position` is the first byte not done, `line` the number of lines done."""

    id: UUID
    account_id: UUID
    segment_id: UUID | None
    columns: Columns
    bytes_total: int
    position: int
    line: int
    rejected: int


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is. `rows_total` counts lines below the header until it is finished, then rows: rows whose
    fields span several lines make it less. `repeated` rows gave way to a later row with the same number. Of the
    `rejected` rows the first `rejects_kept` (100,000 at most) can be listed.
    """

    id: UUID
    status: Literal["waiting", "running", "finished", "failed"]
    segment_id: UUID | None
    attributes: list[str]
    bytes_total: int
    bytes_done: int
    rows_total: int
    rows_done: int
    added: int
    updated: int
    repeated: int
    rejected: int
    rejects_kept: int
    error: str | None
    created_by: str
    created_at: datetime
    finished_at: datetime | None


def _import(row: asyncpg.Record) -> Import:
    values = dict(row)
    lines = values.pop("lines_total")
    columns = values.pop("columns")
    total = values["rows_done"] if values["status"] == "finished" else lines
    kept = min(values["rejected"], MOST_REJECTS)
    return Import(**values, attributes=list(columns["attributes"]), rows_total=total, rejects_kept=kept)


async def add(
    pool: Pool,
    account_id: UUID,
    import_id: UUID,
    *,
    segment_id: UUID | None,
    columns: Columns,
    position: int,
    actor: str,
    at: datetime,
) -> None:
    await pool.execute(SQL["add"], import_id, account_id, segment_id, columns, position, actor, at)


async def add_chunk(pool: Pool, import_id: UUID, first_byte: int, data: bytes, at: datetime) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["add_chunk"], import_id, first_byte, data)
        await connection.execute(SQL["touch"], import_id, at)


async def complete(
    connection: Connection, import_id: UUID, segment_id: UUID | None, *, size: int, lines: int, at: datetime
) -> None:
    """The file is here as a whole: `size` bytes, `lines` lines below the header."""
    await connection.execute(SQL["complete"], import_id, segment_id, size, lines, at)


async def delete(pool: Pool, import_id: UUID) -> None:
    await pool.execute(SQL["delete"], import_id)


async def claim(connection: Connection) -> Job | None:
    """The import that has waited longest for its turn, locked; None if there is none that is not locked."""
    row = await connection.fetchrow(SQL["claim"])
    if row is None:
        return None
    return Job(**{**dict(row), "columns": msgspec.convert(row["columns"], Columns)})


async def read(connection: Connection, import_id: UUID, position: int, size: int) -> bytes:
    """At most `size` bytes of the file, from `position` on."""
    rows = await connection.fetch(SQL["chunks"], import_id, position, size)
    return b"".join(row["data"] for row in rows)[:size]


async def advance(
    connection: Connection,
    job: Job,
    *,
    position: int,
    line: int,
    rows: int,
    merged: Merged,
    rejects: Sequence[Reject],
    at: datetime,
) -> None:
    """Save what a slice brought; the import is finished when `position` is its end."""
    room = max(MOST_REJECTS - job.rejected, 0)
    if recorded := [(job.id, *reject) for reject in rejects[:room]]:
        await connection.copy_records_to_table(
            "contact_import_rejects", records=recorded, columns=("import_id", *Reject._fields)
        )
    await connection.execute(SQL["advance"], job.id, position, line, rows, *merged, len(rejects), at)
    if position == job.bytes_total:
        await connection.execute(SQL["delete_chunks"], job.id)


async def fail(pool: Pool, import_id: UUID, error: str, at: datetime) -> None:
    """The file is forgotten: it has people's numbers in it."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["fail"], import_id, error, at)
        await connection.execute(SQL["delete_chunks"], import_id)


async def find(pool: Pool, account_id: UUID, import_id: UUID) -> Import | None:
    row = await pool.fetchrow(SQL["find"], account_id, import_id)
    return _import(row) if row else None


async def page(pool: Pool, account_id: UUID, *, after: UUID | None, limit: int) -> list[Import]:
    """The newest first; one more than `limit` if there are more."""
    return [_import(row) for row in await pool.fetch(SQL["page"], account_id, after, limit + 1)]


async def rejects(pool: Pool, account_id: UUID, import_id: UUID, *, after: int, limit: int) -> list[Reject]:
    """Rejected rows in the order of the file; one more than `limit` if there are more."""
    rows = await pool.fetch(SQL["rejects"], account_id, import_id, after, limit + 1)
    return [Reject(*row) for row in rows]
