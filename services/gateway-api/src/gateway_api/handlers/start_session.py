"""Users sign in, and choose their passwords; a new password ends every session."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from gateway_api.clients import passwords
from gateway_api.clients.rate_limit import RateLimiter
from gateway_api.domain.callers import SignedIn
from gateway_api.domain.users import SESSION_PREFIX, counted_as
from gateway_api.store import audit, users
from volley_chassis.database import Pool

_TRIES = 5
_TRIES_PER_SECOND = 1 / 30
_CLIENT_TRIES = 20
_CLIENT_TRIES_PER_SECOND = 1 / 6
_ALL_PER_SECOND = 10.0


class WrongPasswordError(Exception):
    """No active user has this address and this password."""


class WrongTokenError(Exception):
    """The invitation is unknown, was used, or has expired."""


class TooManyTriesError(Exception):
    """Seconds to `wait`; None where tries could not be counted."""

    def __init__(self, wait: float | None) -> None:
        super().__init__(wait)
        self.wait = wait


async def start_session(
    pool: Pool, limiter: RateLimiter, email: str, password: str, client: str, account_id: UUID | None = None
) -> tuple[str, datetime]:
    """The session's token, and when it expires. As slow, and refused alike, where there is no such user.

    It is in the account that is named, else in the user's first one. `client` is the address that tries.
    """
    email = email.lower()
    await _count(limiter, email, client)
    found = await users.password_of(pool, email, account_id)
    right = await passwords.matches(found[1] if found else None, password)
    if not found or not right:
        raise WrongPasswordError
    caller, kept = found
    token = new_token()
    async with pool.acquire() as connection, connection.transaction():
        held = await users.hold_password(connection, caller.id, kept)
        expires = await users.start_session(connection, token, caller.id, caller.account_id) if held else None
    if expires is None:
        raise WrongPasswordError
    await _count_not(limiter, email, client)
    await audit.end(pool, await audit.begin(pool, caller, "POST", "/v1/sessions"), 201)
    return token, expires


def new_token() -> str:
    return f"{SESSION_PREFIX}{secrets.token_urlsafe(32)}"


async def accept_invitation(pool: Pool, limiter: RateLimiter, token: str, password: str, client: str) -> None:
    """Set a password, or come as a guest by the one that there is. Raises WrongTokenError, and for guests
    WrongPasswordError and TooManyTriesError.
    """
    caller = await users.invited(pool, token)
    if caller is None:
        caller = await _come_as_guest(pool, limiter, token, password, client)
    else:
        kept = await passwords.hashed(password)
        async with pool.acquire() as connection, connection.transaction():
            if await users.accept(connection, token, kept) is None:
                raise WrongTokenError
            await users.part(connection, caller.id)
            await users.end_sessions(connection, caller.id)
    await audit.end(pool, await audit.begin(pool, caller, "POST", "/v1/invitations"), 204)


async def _come_as_guest(pool: Pool, limiter: RateLimiter, token: str, password: str, client: str) -> SignedIn:
    """Who made the invitation knows the token too: only the password shows that it is the user."""
    found = await users.invited_guest(pool, token)
    if found is None:
        raise WrongTokenError
    caller, kept = found
    email = caller.actor.removeprefix("user:")
    await _count(limiter, email, client)
    if not await passwords.matches(kept, password):
        raise WrongPasswordError
    async with pool.acquire() as connection, connection.transaction():
        if not await users.hold_password(connection, caller.id, kept):
            raise WrongPasswordError
        if await users.accept_guest(connection, token) is None:
            raise WrongTokenError
    await _count_not(limiter, email, client)
    return caller


async def change_password(pool: Pool, limiter: RateLimiter, email: str, current: str, new: str) -> None:
    """For every account of the user; all sessions end."""
    await _count(limiter, email)
    found = await users.password_of(pool, email)
    if not await passwords.matches(found[1] if found else None, current) or not found:
        raise WrongPasswordError
    kept = await passwords.hashed(new)
    async with pool.acquire() as connection, connection.transaction():
        if not await users.change_password(connection, found[0].id, found[1], kept):
            raise WrongPasswordError
        await users.end_sessions(connection, found[0].id)


async def _count(limiter: RateLimiter, email: str, client: str | None = None) -> None:
    """Tries that fail: five an e-mail address at once and one in half a minute after that, twenty a client and one in
    six seconds. And all tries: ten a second. None is uncounted.
    """
    if client is not None:
        await _take(limiter, _of_client(client), _CLIENT_TRIES_PER_SECOND, _CLIENT_TRIES)
    await _take(limiter, _of_email(email), _TRIES_PER_SECOND, _TRIES)
    await _take(limiter, "sign-in", _ALL_PER_SECOND, None)


async def _count_not(limiter: RateLimiter, email: str, client: str) -> None:
    """It was the right password. An office signs in from one address."""
    await limiter.give_back(_of_client(client), _CLIENT_TRIES)
    await limiter.give_back(_of_email(email), _TRIES)


def _of_client(client: str) -> str:
    return f"sign-in:from:{counted_as(client)}"


def _of_email(email: str) -> str:
    return f"sign-in:{hashlib.sha256(email.encode()).hexdigest()}"


async def _take(limiter: RateLimiter, key: str, rate: float, burst: int | None) -> None:
    allowance = await limiter.take(key, rate, burst)
    if allowance is None:
        raise TooManyTriesError(None)
    if allowance.wait:
        raise TooManyTriesError(allowance.wait)
