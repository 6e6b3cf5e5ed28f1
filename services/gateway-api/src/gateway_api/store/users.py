"""Users and their sessions: of passwords and tokens only hashes are kept."""

from datetime import datetime
from uuid import UUID

import msgspec
from asyncpg import Record

from gateway_api.domain.api_keys import digest_of
from gateway_api.domain.callers import SignedIn
from gateway_api.domain.users import SESSION_HOURS
from volley_chassis.database import Connection, Pool, queries
from volley_chassis.http import Role

_SQL = queries("gateway_api.store", "users.sql")


class User(msgspec.Struct, frozen=True):
    """Somebody who signs in with a password. `joined` says whether they have accepted yet; `disabled_at` ends the user.

    A `guest` came to another account first, which keeps the password; name and role are of this account alone.
    """

    id: UUID
    email: str
    name: str
    role: Role
    joined: bool
    guest: bool
    created_at: datetime
    disabled_at: datetime | None


class Agent(msgspec.Struct, frozen=True):
    """A user to whom conversations can be assigned, by the address."""

    id: UUID
    email: str
    name: str


class Membership(msgspec.Struct, frozen=True):
    """An account that a user may enter, and the role there."""

    id: UUID
    name: str
    role: Role


async def add(
    connection: Connection, id_: UUID, account_id: UUID, *, email: str, name: str, role: Role, password: str | None
) -> User | None:
    """`password` is a hash. None where the address is taken."""
    row = await connection.fetchrow(_SQL["add"], id_, account_id, email, name, role, password)
    return User(**row) if row else None


async def add_guest(connection: Connection, account_id: UUID, *, email: str, name: str, role: Role) -> UUID | None:
    """The user of another account who has this address; None where there is none who has joined it."""
    id_: UUID | None = await connection.fetchval(_SQL["add_guest"], account_id, email, name, role)
    return id_


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[User]:
    return [User(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]


async def find(pool: Pool | Connection, account_id: UUID, id_: UUID) -> User | None:
    row = await pool.fetchrow(_SQL["find"], account_id, id_)
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


async def accounts_of(pool: Pool, id_: UUID) -> list[Membership]:
    """Those that the user may enter, the first one first."""
    return [Membership(**row) for row in await pool.fetch(_SQL["accounts_of"], id_)]


async def edit(
    connection: Connection, account_id: UUID, user: User, name: str | None, role: Role | None, *, active: bool | None
) -> None:
    """None leaves a field as it is."""
    sql = _SQL["edit_guest" if user.guest else "edit"]
    await connection.execute(sql, account_id, user.id, name, role, active)


async def invite(connection: Connection, account_id: UUID, user: User, token: str) -> datetime | None:
    """Until when the token holds; None where the user is not active, or a guest who has joined."""
    sql = _SQL["invite_guest" if user.guest else "invite"]
    until: datetime | None = await connection.fetchval(sql, account_id, user.id, digest_of(token))
    return until


async def invited(pool: Pool, token: str) -> SignedIn | None:
    row = await pool.fetchrow(_SQL["invited"], digest_of(token))
    return SignedIn(**row) if row else None


async def invited_guest(pool: Pool, token: str) -> tuple[SignedIn, str] | None:
    """The user of another account, and the hash of the password there."""
    return _with_password(await pool.fetchrow(_SQL["invited_guest"], digest_of(token)))


async def accept(connection: Connection, token: str, password: str) -> UUID | None:
    id_: UUID | None = await connection.fetchval(_SQL["accept"], digest_of(token), password)
    return id_


async def accept_guest(connection: Connection, token: str) -> UUID | None:
    id_: UUID | None = await connection.fetchval(_SQL["accept_guest"], digest_of(token))
    return id_


async def part(connection: Connection, id_: UUID) -> None:
    """Whose guest the user is has to invite them again."""
    await connection.execute(_SQL["part"], id_)


async def password_of(pool: Pool, email: str, account_id: UUID | None = None) -> tuple[SignedIn, str] | None:
    """The user of an address in an account where they are active (the first one, if none is named), and the hash of
    the password.
    """
    return _with_password(await pool.fetchrow(_SQL["password"], email, account_id))


def _with_password(row: Record | None) -> tuple[SignedIn, str] | None:
    if row is None:
        return None
    return SignedIn(row["id"], row["account_id"], row["actor"], row["role"]), row["password"]


async def change_password(connection: Connection, id_: UUID, before: str, after: str) -> bool:
    """Both are hashes. False where it was changed meanwhile."""
    return bool(await connection.fetchval(_SQL["change_password"], id_, before, after))


async def hold_password(connection: Connection, id_: UUID, password: str) -> bool:
    """Keep the password as it is until the transaction ends. False where this (a hash) is no longer the user's."""
    return bool(await connection.fetchval(_SQL["hold"], id_, password))


async def hold_session(connection: Connection, digest: bytes) -> None:
    """The same, of the user whose session it is."""
    await connection.fetchval(_SQL["hold_session"], digest)


async def start_session(
    connection: Connection, token: str, id_: UUID, account_id: UUID, expires: datetime | None = None
) -> datetime | None:
    """When it expires; None where the user may not enter the account."""
    values = (digest_of(token), id_, account_id, SESSION_HOURS, expires)
    until: datetime | None = await connection.fetchval(_SQL["start_session"], *values)
    return until


async def sign_in(pool: Pool, token: str) -> SignedIn | None:
    return await of_session(pool, digest_of(token))


async def of_session(pool: Pool, digest: bytes) -> SignedIn | None:
    """Whose session it is, as long as it lasts."""
    row = await pool.fetchrow(_SQL["sign_in"], digest)
    return SignedIn(**row, session=digest) if row else None


async def end_session(pool: Pool | Connection, digest: bytes) -> tuple[UUID, datetime] | None:
    """Whose it was, and when it would have expired."""
    row = await pool.fetchrow(_SQL["end_session"], digest)
    return (row["id"], row["expires_at"]) if row else None


async def end_sessions(connection: Connection, id_: UUID) -> None:
    """In every account."""
    await connection.execute(_SQL["end_sessions"], id_)


async def end_sessions_in(connection: Connection, account_id: UUID, id_: UUID) -> None:
    await connection.execute(_SQL["end_sessions_in"], account_id, id_)
