"""Imports uploaded files slice by slice. A slice is one transaction that also saves how far the file is done, so
that after a crash the import goes on where it stood, and no row is taken twice.
"""

import asyncio
from datetime import timedelta
from typing import NamedTuple

import structlog

from campaign_svc.domain.contact_rows import ContactRow, interpret
from campaign_svc.domain.csv_rows import Reject, read
from campaign_svc.metrics import IMPORTED
from campaign_svc.store import contacts, imports
from campaign_svc.store.contacts import Merged
from campaign_svc.store.imports import Job
from volley_chassis.database import Pool
from volley_chassis.kafka import TRANSIENT
from volley_contracts import now

log = structlog.get_logger()
SLICE_BYTES = 256 * 1024
POLL_S = 0.5
SWEEP_EVERY = 120
ABANDONED = timedelta(hours=1)
_BUG = "Something went wrong here; it was logged. What was imported so far stays. Upload the file again later."


class Worked(NamedTuple):
    """What a slice of a file comes to."""

    rows: list[ContactRow]
    rejects: list[Reject]
    repeated: int
    consumed: int
    lines: int


async def import_uploaded_files(pool: Pool) -> None:
    """Work on imports until cancelled. Any number of replicas may."""
    idle = 0
    while True:
        try:
            if await import_slice(pool):
                continue
            idle += 1
            if idle % SWEEP_EVERY == 0:
                await imports.delete_abandoned(pool, now() - ABANDONED)
        except TRANSIENT as error:
            log.warning("import of contacts is interrupted; trying again", error=repr(error))
        await asyncio.sleep(POLL_S)


async def import_slice(pool: Pool) -> bool:
    """Work on one slice of the import whose turn it is; False if there is none."""
    job: Job | None = None
    try:
        async with pool.acquire() as connection, connection.transaction():
            job = await imports.claim(connection)
            if job is None:
                return False
            data = await imports.read(connection, job, SLICE_BYTES)
            work = await asyncio.to_thread(_work, job, data)  # others get their turn meanwhile
            at = now()
            merged = await contacts.merge_slice(
                connection,
                job.account_id,
                work.rows,
                columns=job.columns,
                import_id=job.id,
                segment_id=job.segment_id,
                at=at,
            )
            merged = merged._replace(repeated=merged.repeated + work.repeated)
            await imports.advance(
                connection,
                job,
                position=job.position + work.consumed,
                lines=work.lines,
                rows=sum(merged) + len(work.rejects),
                merged=merged,
                rejects=work.rejects,
                at=at,
            )
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


def _work(job: Job, data: bytes) -> Worked:
    found = read(
        data,
        delimiter=job.columns.delimiter,
        width=job.columns.width,
        line=job.line + 1,
        last=job.position + len(data) == job.bytes_total,
    )
    contacts_, rejects, repeated = interpret(found.rows, job.columns)
    return Worked(contacts_, sorted([*found.rejects, *rejects]), repeated, found.consumed, found.lines)


def _count(merged: Merged, rejected: int) -> None:
    for result, rows in zip((*Merged._fields, "rejected"), (*merged, rejected), strict=True):
        IMPORTED.labels(result).inc(rows)
