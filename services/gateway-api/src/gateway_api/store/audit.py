"""The audit log: every write request, noted before it is carried out and completed with its answer.

Both facts also go into a chain of hashes, so that nobody can change or remove what was noted without its showing.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.domain.audit_chain import Asked, Link, fact_of_answer, fact_of_request
from gateway_api.domain.callers import SignedIn
from volley_chassis.database import Pool, queries
from volley_contracts import new_id, now

_SQL = queries("gateway_api.store", "audit.sql")


class Entry(msgspec.Struct, frozen=True):
    """Who asked for what, when, and the HTTP status of the answer (null where a crash came before it)."""

    id: UUID
    actor: str
    role: str
    method: str
    path: str
    status: int | None
    at: datetime


class Head(msgspec.Struct, frozen=True):
    """The last fact of a chain: its number, and the hash that covers all facts up to it."""

    seq: int
    hash: bytes


async def begin(pool: Pool, caller: SignedIn, method: str, path: str) -> UUID:
    asked = Asked(new_id(), caller.actor, caller.role, method, path, now())
    a = asked
    values = (a.id, caller.account_id, a.actor, a.role, a.method, a.path, a.at)
    await pool.execute(_SQL["begin"], *values, fact_of_request(asked))
    return asked.id


async def end(pool: Pool, id_: UUID, status: int) -> None:
    await pool.execute(_SQL["end"], id_, status, fact_of_answer(id_, status))


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[Entry]:
    """The newest first."""
    return [Entry(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]


async def head(pool: Pool, account_id: UUID) -> Head | None:
    row = await pool.fetchrow(_SQL["head"], account_id)
    return Head(**row) if row else None


async def chain(pool: Pool, account_id: UUID, after: int, last: int) -> list[Link]:
    """Up to 1,000 facts behind the number `after`, none behind `last`."""
    return [Link(**row) for row in await pool.fetch(_SQL["chain"], account_id, after, last)]


async def entries(pool: Pool, account_id: UUID, ids: Sequence[UUID]) -> dict[UUID, Entry]:
    return {row["id"]: Entry(**row) for row in await pool.fetch(_SQL["entries"], account_id, ids)}


async def count(pool: Pool, account_id: UUID, first: UUID, until: datetime) -> int:
    """Entries from the id `first` on, of before `until` or of days after it."""
    return int(await pool.fetchval(_SQL["count"], account_id, first, until))


async def accounts(pool: Pool) -> list[UUID]:
    return [row["account_id"] for row in await pool.fetch(_SQL["accounts"])]
