"""Users come, change and go; who goes is signed out."""

import secrets
from datetime import datetime
from uuid import UUID

from gateway_api.clients import passwords
from gateway_api.handlers.revoke_key import LastAdminError
from gateway_api.store import accounts, api_keys, users
from gateway_api.store.users import User
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import check, tag_of
from volley_chassis.http import Role
from volley_contracts import new_id


class EmailTakenError(Exception):
    """The account has a user of this address, or another one has who has not joined it yet."""


class PasswordElsewhereError(Exception):
    """The user is another account's, which keeps the password."""


class UnknownUserError(Exception):
    """The account has no such user, or no active one."""


async def add_user(
    pool: Pool, account_id: UUID, email: str, name: str, role: Role, password: str | None
) -> tuple[User, str | None, datetime | None]:
    """The user; without a password also the token of an invitation, and until when it holds.

    Who has joined another account is invited as a guest. Raises EmailTakenError, PasswordElsewhereError.
    """
    email = email.lower()
    kept = await passwords.hashed(password) if password else None
    async with pool.acquire() as connection, connection.transaction():
        user = await users.add(connection, new_id(), account_id, email=email, name=name, role=role, password=kept)
        if user is None:
            guest = await users.add_guest(connection, account_id, email=email, name=name, role=role)
            user = await users.find(connection, account_id, guest) if guest else None
        if user is None:
            raise EmailTakenError
        if user.guest and kept:
            raise PasswordElsewhereError
        if kept:
            return user, None, None
        return user, *await _invite(connection, account_id, user)


async def invite_user(pool: Pool, account_id: UUID, user_id: UUID) -> tuple[str, datetime]:
    """A new token; one before it ends, the password does not until the token is used. Raises UnknownUserError, and
    PasswordElsewhereError for a guest who has joined.
    """
    async with pool.acquire() as connection:
        user = await users.find(connection, account_id, user_id)
        if user is None:
            raise UnknownUserError
        return await _invite(connection, account_id, user)


async def _invite(connection: Connection, account_id: UUID, user: User) -> tuple[str, datetime]:
    token = f"vi_{secrets.token_urlsafe(32)}"
    until = await users.invite(connection, account_id, user, token)
    if until is None:
        raise PasswordElsewhereError if user.guest and user.disabled_at is None else UnknownUserError
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
    """None leaves a field as it is. Sessions of who is deactivated end, and their keys until they are activated.

    Raises UnknownUserError, StaleError, LastAdminError.
    """
    async with pool.acquire() as connection, connection.transaction():
        await accounts.lock(connection, account_id)
        admins = await api_keys.admins(connection, account_id)
        before = await users.find(connection, account_id, user_id)
        if before is None:
            raise UnknownUserError
        check(if_match, tag(before))
        await users.edit(connection, account_id, before, name, role, active=active)
        if active is False:
            await users.end_sessions_in(connection, account_id, user_id)
            if admins and not await api_keys.admins(connection, account_id):
                raise LastAdminError
        user = await users.find(connection, account_id, user_id)
        assert user is not None, "users are never removed"
        return user
