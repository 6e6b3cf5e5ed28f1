"""Users and their sessions: of passwords and tokens only hashes are kept."""

from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.domain.api_keys import digest_of
from gateway_api.domain.callers import SignedIn
from gateway_api.domain.users import SESSION_HOURS
from volley_chassis.database import Connection, Pool, queries
from volley_chassis.http import Role

_SQL = queries("gateway_api.store", "users.sql")


class User(msgspec.Struct, frozen=True):
    """Somebody who signs in with a password. `joined` says whether there is one yet; `disabled_at` ends the user."""

    id: UUID
    email: str
    name: str
    role: Role
    joined: bool
    created_at: datetime
    disabled_at: datetime | None


class Agent(msgspec.Struct, frozen=True):
    """A user to whom conversations can be assigned, by the address."""

    id: UUID
    email: str
    name: str


async def add(
    connection: Connection, id_: UUID, account_id: UUID, *, email: str, name: str, role: Role, password: str | None
) -> User | None:
    """`password` is a hash. None where the address is taken."""
    row = await connection.fetchrow(_SQL["add"], id_, account_id, email, name, role, password)
    return User(**row) if row else None


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[User]:
    return [User(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]


async def find(pool: Pool, account_id: UUID, id_: UUID) -> User | None:
    row = await pool.fetchrow(_SQL["find"], account_id, id_)
    return User(**row) if row else None


async def lock(connection: Connection, account_id: UUID, id_: UUID) -> User | None:
    """The user, locked until the transaction ends."""
    row = await connection.fetchrow(_SQL["lock"], account_id, id_)
    return User(**row) if row else None


async def by_email(pool: Pool, account_id: UUID, email: str) -> User | None:
    row = await pool.fetchrow(_SQL["by_email"], account_id, email)
    return User(**row) if row else None


async def is_active(pool: Pool, account_id: UUID, email: str) -> bool:
    """Whether the account has an active user of the address."""
    return "\0" not in email and await pool.fetchval(_SQL["is_active"], account_id, email) is True


async def agents(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[Agent]:
    """Active users only."""
    return [Agent(**row) for row in await pool.fetch(_SQL["agents"], account_id, after, limit)]


async def edit(
    connection: Connection, account_id: UUID, id_: UUID, name: str | None, role: Role | None, *, active: bool | None
) -> User | None:
    """None leaves a field as it is."""
    row = await connection.fetchrow(_SQL["edit"], account_id, id_, name, role, active)
    return User(**row) if row else None


async def invite(connection: Connection, account_id: UUID, id_: UUID, token: str) -> datetime | None:
    """Until when the token holds; None where there is no such active user."""
    until: datetime | None = await connection.fetchval(_SQL["invite"], account_id, id_, digest_of(token))
    return until


async def invited(pool: Pool, token: str) -> SignedIn | None:
    row = await pool.fetchrow(_SQL["invited"], digest_of(token))
    return SignedIn(**row) if row else None


async def accept(connection: Connection, token: str, password: str) -> UUID | None:
    id_: UUID | None = await connection.fetchval(_SQL["accept"], digest_of(token), password)
    return id_


async def password_of(pool: Pool, email: str) -> tuple[SignedIn, str] | None:
    """The active user of an address, and the hash of the password."""
    row = await pool.fetchrow(_SQL["password"], email)
    if row is None:
        return None
    return SignedIn(row["id"], row["account_id"], row["actor"], row["role"]), row["password"]


async def change_password(connection: Connection, id_: UUID, before: str, after: str) -> bool:
    """Both are hashes. False where it was changed meanwhile."""
    return bool(await connection.fetchval(_SQL["change_password"], id_, before, after))


async def start_session(pool: Pool, token: str, id_: UUID, password: str) -> datetime | None:
    """When it expires; None where `password` (a hash) is no longer the user's."""
    values = (digest_of(token), id_, password, SESSION_HOURS)
    expires: datetime | None = await pool.fetchval(_SQL["start_session"], *values)
    return expires


async def sign_in(pool: Pool, token: str) -> SignedIn | None:
    return await of_session(pool, digest_of(token))


async def of_session(pool: Pool, digest: bytes) -> SignedIn | None:
    """Whose session it is, as long as it lasts."""
    row = await pool.fetchrow(_SQL["sign_in"], digest)
    return SignedIn(**row, session=digest) if row else None


async def end_session(pool: Pool, digest: bytes) -> None:
    await pool.execute(_SQL["end_session"], digest)


async def end_sessions(connection: Connection, id_: UUID) -> None:
    await connection.execute(_SQL["end_sessions"], id_)
