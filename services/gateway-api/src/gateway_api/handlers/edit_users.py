"""Users come, change and go; who goes is signed out."""

import secrets
from datetime import datetime
from uuid import UUID

from gateway_api.clients import passwords
from gateway_api.store import users
from gateway_api.store.users import User
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import check, tag_of
from volley_chassis.http import Role
from volley_contracts import new_id


class EmailTakenError(Exception):
    """There is a user of this address."""


class UnknownUserError(Exception):
    """The account has no such user, or no active one."""


async def add_user(
    pool: Pool, account_id: UUID, email: str, name: str, role: Role, password: str | None
) -> tuple[User, str | None, datetime | None]:
    """The user; without a password also the token of an invitation, and until when it holds."""
    kept = await passwords.hashed(password) if password else None
    async with pool.acquire() as connection, connection.transaction():
        user = await users.add(
            connection, new_id(), account_id, email=email.lower(), name=name, role=role, password=kept
        )
        if user is None:
            raise EmailTakenError
        if kept:
            return user, None, None
        return user, *await _invite(connection, account_id, user.id)


async def invite_user(pool: Pool, account_id: UUID, user_id: UUID) -> tuple[str, datetime]:
    """A new token; one before it ends, the password does not until the token is used."""
    async with pool.acquire() as connection:
        return await _invite(connection, account_id, user_id)


async def _invite(connection: Connection, account_id: UUID, user_id: UUID) -> tuple[str, datetime]:
    token = f"vi_{secrets.token_urlsafe(32)}"
    until = await users.invite(connection, account_id, user_id, token)
    if until is None:
        raise UnknownUserError
    return token, until


def tag(user: User) -> str:
    """Of what an edit may change."""
    return tag_of(user.name, user.role, user.disabled_at)


async def edit_user(
    pool: Pool,
    account_id: UUID,
    user_id: UUID,
    name: str | None,
    role: Role | None,
    *,
    active: bool | None,
    if_match: str | None,
) -> User:
    """None leaves a field as it is. Raises UnknownUserError, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        before = await users.lock(connection, account_id, user_id)
        if before is None:
            raise UnknownUserError
        check(if_match, tag(before))
        user = await users.edit(connection, account_id, user_id, name, role, active=active)
        if user is None:
            raise UnknownUserError
        if active is False:
            await users.end_sessions(connection, user_id)
        return user
