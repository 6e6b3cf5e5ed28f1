"""Contacts of an account, and the slices of a file that become contacts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

import asyncpg
import msgspec

from campaign_svc.domain.contact_rows import ContactRow
from campaign_svc.domain.contacts import Contact
from campaign_svc.domain.csv_header import Columns
from volley_chassis.database import Connection, Pool, queries
from volley_contracts import new_id

SQL = queries("campaign_svc.store", "contacts.sql")
Record: TypeAlias = tuple[UUID, str, str, str, list[str] | None, str | None]
_SLICE = ("id", "number", "country", "attributes", "tags", "timezone")


class Merged(NamedTuple):
    """How many contacts a slice added and updated; `repeated` were already in an earlier slice of the same file."""

    added: int
    updated: int
    repeated: int


class Search(NamedTuple):
    """Either `digits`, which the number has in it, or `text`, which a value of an attribute has, in small letters."""

    digits: str | None
    text: str | None


def _contact(row: asyncpg.Record) -> Contact:
    return Contact(**dict(row))


async def page(
    pool: Pool,
    account_id: UUID,
    *,
    after: UUID | None,
    limit: int,
    segment_id: UUID | None = None,
    tag: str | None = None,
    search: Search | None = None,
) -> list[Contact]:
    """The newest contacts first, of a segment or of all; one more than `limit` if there are more."""
    digits, text = search or (None, None)
    as_json = None if text is None else msgspec.json.encode(text).decode()[1:-1]
    values = (account_id, after, limit + 1, tag, digits, text, as_json)
    if segment_id is None:
        rows = await pool.fetch(SQL["page"], *values)
    else:
        rows = await pool.fetch(SQL["page_of_segment"], *values, segment_id)
    return [_contact(row) for row in rows]


async def count(pool: Pool, account_id: UUID, *, segment_id: UUID | None = None, tag: str | None = None) -> int:
    if segment_id is None:
        return int(await pool.fetchval(SQL["count"], account_id, tag))
    if tag is None:
        return int(await pool.fetchval(SQL["count_of_segment"], account_id, segment_id))
    return int(await pool.fetchval(SQL["count_of_segment_by_tag"], account_id, segment_id, tag))


async def by_number(
    connection: Connection | Pool,
    account_id: UUID,
    number: str,
    *,
    segment_id: UUID | None = None,
    tag: str | None = None,
) -> Contact | None:
    row = await connection.fetchrow(SQL["by_number"], account_id, number, tag, segment_id)
    return _contact(row) if row else None


async def find(pool: Pool, account_id: UUID, contact_id: UUID) -> Contact | None:
    row = await pool.fetchrow(SQL["find"], account_id, contact_id)
    return _contact(row) if row else None


async def lock(connection: Connection, account_id: UUID, contact_id: UUID) -> Contact | None:
    """The contact, locked until the transaction ends."""
    row = await connection.fetchrow(SQL["lock"], account_id, contact_id)
    return _contact(row) if row else None


async def add(connection: Connection, account_id: UUID, contact: Contact) -> bool:
    """Whether it was added: the account may have a contact with this number."""
    c = contact
    values = (c.number, c.country, c.attributes, c.tags, c.timezone, c.created_at)
    return await connection.fetchval(SQL["add"], c.id, account_id, *values) is not None


async def save(connection: Connection, account_id: UUID, contact: Contact) -> None:
    """Raises UniqueViolationError."""
    c = contact
    values = (c.number, c.country, c.attributes, c.tags, c.timezone, c.updated_at)
    await connection.execute(SQL["save"], account_id, c.id, *values)


async def delete(connection: Connection, account_id: UUID, contact_id: UUID) -> str | None:
    """The number that it had; its memberships are gone too. None if the account has no such contact."""
    number: str | None = await connection.fetchval(SQL["delete"], account_id, contact_id)
    if number is not None:
        await connection.execute(SQL["delete_memberships"], account_id, contact_id)
    return number


async def know_names(connection: Connection, account_id: UUID, names: Iterable[str]) -> None:
    """Templates of the account may use these attributes from now on."""
    await connection.execute(SQL["know_names"], account_id, sorted(names))


async def known_names(pool: Pool, account_id: UUID) -> list[str]:
    """Names of attributes that templates of the account may use."""
    return [row["name"] for row in await pool.fetch(SQL["known_names"], account_id)]


def records_of(rows: Iterable[ContactRow]) -> list[Record]:
    """What `merge_slice` takes, made apart from it: outside the transaction, in any thread."""
    encode = msgspec.json.encode
    return [(new_id(), r.number, r.country, encode(r.attributes).decode(), r.tags, r.timezone) for r in rows]


async def merge_slice(
    connection: Connection,
    account_id: UUID,
    records: Sequence[Record],
    *,
    columns: Columns,
    import_id: UUID,
    segment_id: UUID | None,
    at: datetime,
) -> Merged:
    """Add or update the contacts of `records` (no number twice) and put them into the segment."""
    await connection.execute(SQL["prepare_slice"])
    await connection.copy_records_to_table("import_slice", records=records, columns=_SLICE)
    added: int = await connection.fetchval(SQL["add_slice"], account_id, import_id, at, segment_id)
    if added == len(records):
        return Merged(added, 0, 0)
    repeated: int = await connection.fetchval(
        SQL["update_slice"],
        account_id,
        import_id,
        at,
        list(columns.attributes),
        columns.tags is not None,
        columns.timezone is not None,
        segment_id,
    )
    return Merged(added, len(records) - added - repeated, repeated)
