"""Takes in a file of contacts as it streams, in bounded memory; the worker imports it later."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from uuid import UUID

import msgspec

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_file import FileCheck
from campaign_svc.domain.csv_header import BOM, Columns, first_line, read_header
from campaign_svc.store import contacts, imports, segments
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import new_id, now

CHUNK = 1024 * 1024


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What to make of the file: which columns are what, and the segment that its contacts go into."""

    mapping: Mapping[str, str] = msgspec.field(default_factory=dict)
    default_country: str | None = None
    segment_id: UUID | None = None
    segment_name: str | None = None


async def upload_contacts(
    pool: Pool, caller: Caller, wishes: Wishes, body: AsyncIterator[bytes], *, at: datetime
) -> UUID:
    """The id of the import, which waits for a worker. Raises IllegalFieldError; nothing is kept of the file then."""
    await _require_segment(pool, caller, wishes)
    import_id, check = new_id(), FileCheck()
    pending, columns, stored = b"", None, 0
    try:
        async for chunk in body:
            check.feed(chunk)
            pending += chunk
            if columns is None and (line := first_line(pending, whole=False)) is not None:
                columns = await _begin(pool, caller, wishes, import_id, line, pending, at)
            if columns and len(pending) >= CHUNK:
                await imports.add_chunk(pool, import_id, stored, pending, now())
                pending, stored = b"", stored + len(pending)
        check.finish()
        if columns is None:
            line = first_line(pending, whole=True) or b""
            columns = await _begin(pool, caller, wishes, import_id, line, pending, at)
        await imports.add_chunk(pool, import_id, stored, pending, now())
        await _complete(pool, caller, wishes, import_id, columns, check, at)
    except BaseException:
        await imports.delete(pool, import_id)
        raise
    return import_id


async def _require_segment(pool: Pool, caller: Caller, wishes: Wishes) -> None:
    if wishes.segment_id and wishes.segment_name:
        raise IllegalFieldError("segment_name", "stands beside segment_id", "give one of the two")
    if wishes.segment_id:
        segment = await segments.find(pool, caller.account_id, wishes.segment_id)
        if segment is None or segment.kind == "dynamic":
            message = "is a dynamic segment" if segment else "is no segment of the account"
            raise IllegalFieldError("segment_id", message, "create it first, or give segment_name")


async def _begin(
    pool: Pool, caller: Caller, wishes: Wishes, import_id: UUID, line: bytes, head: bytes, at: datetime
) -> Columns:
    columns = read_header(line, wishes.mapping, wishes.default_country)
    end = head.find(b"\n") + 1
    await imports.add(
        pool,
        caller.account_id,
        import_id,
        segment_id=wishes.segment_id,
        columns=columns,
        position=end or len(BOM) * head.startswith(BOM) + len(line),
        actor=caller.actor,
        at=at,
    )
    return columns


async def _complete(
    pool: Pool, caller: Caller, wishes: Wishes, import_id: UUID, columns: Columns, check: FileCheck, at: datetime
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        segment_id = wishes.segment_id
        if wishes.segment_name:
            segment_id = await segments.find_or_add(connection, caller.account_id, wishes.segment_name, at)
        await contacts.know_names(connection, caller.account_id, columns.attributes)
        await imports.complete(connection, import_id, segment_id, size=check.size, lines=check.lines - 1, at=at)
