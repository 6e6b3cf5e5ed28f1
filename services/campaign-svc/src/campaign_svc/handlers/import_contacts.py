"""Imports uploaded files slice by slice. A slice is one transaction that also saves how far the file is done, so
that after a crash the import goes on where it stood, and no row is taken twice.

While Postgres merges a slice, a thread works out the next one.
"""

import asyncio
from typing import NamedTuple
from uuid import UUID

import structlog

from campaign_svc.domain.contact_rows import interpret
from campaign_svc.domain.csv_rows import Reject, read
from campaign_svc.metrics import IMPORTED
from campaign_svc.store import contacts, imports
from campaign_svc.store.contacts import Merged, Record
from campaign_svc.store.imports import Job
from volley_chassis.database import Connection, Pool
from volley_chassis.outages import TRANSIENT
from volley_contracts import now

log = structlog.get_logger()
SLICE_BYTES = 256 * 1024
POLL_S = 0.5
_BUG = "Something went wrong here; it was logged. What was imported so far stays. Upload the file again later."


class Worked(NamedTuple):
    """What a slice of a file comes to; it is done up to `position` and `line`."""

    records: list[Record]
    rejects: list[Reject]
    repeated: int
    position: int
    line: int


class Ahead:
    """The slice behind the one that is being merged. It is kept for the next turn only, and of use only where that
    begins where this one ended: another worker may have had a turn, or the transaction may have failed.
    """

    def __init__(self) -> None:
        self._began: tuple[UUID, int] | None = None
        self._task: asyncio.Task[Worked] | None = None

    async def begin(self, connection: Connection, job: Job, position: int, line: int) -> None:
        if position == job.bytes_total:
            return
        data = await imports.read(connection, job.id, position, SLICE_BYTES)
        self._began = job.id, position
        self._task = asyncio.create_task(asyncio.to_thread(_work, job, position, line, data))

    async def take(self, connection: Connection, job: Job) -> Worked:
        """The slice at the job's position, worked out before or now."""
        task, self._task = self._task, None
        if task and self._began == (job.id, job.position):
            return await task
        data = await imports.read(connection, job.id, job.position, SLICE_BYTES)
        return await asyncio.to_thread(_work, job, job.position, job.line, data)


async def import_uploaded_files(pool: Pool) -> None:
    """Work on imports until cancelled. Any number of replicas may."""
    ahead = Ahead()
    while True:
        try:
            if await import_slice(pool, ahead):
                continue
        except TRANSIENT as error:
            log.warning("import of contacts is interrupted; trying again", error=repr(error))
        await asyncio.sleep(POLL_S)


async def import_slice(pool: Pool, ahead: Ahead) -> bool:
    """Work on one slice of the import whose turn it is; False if there is none."""
    job: Job | None = None
    try:
        async with pool.acquire() as connection, connection.transaction():
            job = await imports.claim(connection)
            if job is None:
                return False
            work = await ahead.take(connection, job)
            await ahead.begin(connection, job, work.position, work.line)
            merged = await _merge(connection, job, work)
    except TRANSIENT:
        raise
    except Exception:
        if job is None:
            raise
        log.exception("import of contacts failed", import_id=str(job.id))
        await imports.fail(pool, job.id, _BUG, now())
    else:
        _count(merged, len(work.rejects))
    return True


def _work(job: Job, position: int, line: int, data: bytes) -> Worked:
    found = read(
        data,
        delimiter=job.columns.delimiter,
        width=job.columns.width,
        line=line + 1,
        last=position + len(data) == job.bytes_total,
    )
    rows, rejects, repeated = interpret(found.rows, job.columns)
    return Worked(
        contacts.records_of(rows),
        sorted([*found.rejects, *rejects]),
        repeated,
        position + found.consumed,
        line + found.lines,
    )


async def _merge(connection: Connection, job: Job, work: Worked) -> Merged:
    at = now()
    merged = await contacts.merge_slice(
        connection,
        job.account_id,
        work.records,
        columns=job.columns,
        import_id=job.id,
        segment_id=job.segment_id,
        at=at,
    )
    merged = merged._replace(repeated=merged.repeated + work.repeated)
    await imports.advance(
        connection,
        job,
        position=work.position,
        line=work.line,
        rows=sum(merged) + len(work.rejects),
        merged=merged,
        rejects=work.rejects,
        at=at,
    )
    return merged


def _count(merged: Merged, rejected: int) -> None:
    for result, rows in zip((*Merged._fields, "rejected"), (*merged, rejected), strict=True):
        IMPORTED.labels(result).inc(rows)
