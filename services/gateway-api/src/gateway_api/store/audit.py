"""The audit log: every write request, noted before it is carried out and completed with its answer."""

from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.store.api_keys import SignedIn
from volley_chassis.database import Pool, queries
from volley_contracts import new_id

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


async def begin(pool: Pool, caller: SignedIn, method: str, path: str) -> UUID:
    id_ = new_id()
    await pool.execute(_SQL["begin"], id_, caller.account_id, caller.actor, caller.role, method, path)
    return id_


async def end(pool: Pool, id_: UUID, status: int) -> None:
    await pool.execute(_SQL["end"], id_, status)


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[Entry]:
    """The newest first."""
    return [Entry(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]
