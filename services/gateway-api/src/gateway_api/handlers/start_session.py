"""Users sign in, and choose their passwords; a new password ends every session."""

import hashlib
import secrets
from datetime import datetime

from gateway_api.clients import passwords
from gateway_api.clients.rate_limit import RateLimiter
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
    pool: Pool, limiter: RateLimiter, email: str, password: str, client: str
) -> tuple[str, datetime]:
    """The session's token, and when it expires. As slow, and refused alike, where there is no such user.

    `client` is the address that tries; one from which people sign in, an office's, is not limited by that.
    """
    tries = f"sign-in:from:{counted_as(client)}"
    await _take(limiter, tries, _CLIENT_TRIES_PER_SECOND, _CLIENT_TRIES)
    await _count(limiter, email.lower())
    found = await users.password_of(pool, email.lower())
    right = await passwords.matches(found[1] if found else None, password)
    if not found or not right:
        raise WrongPasswordError
    caller, kept = found
    token = f"{SESSION_PREFIX}{secrets.token_urlsafe(32)}"
    expires = await users.start_session(pool, token, caller.id, kept)
    if expires is None:
        raise WrongPasswordError
    await limiter.give_back(tries, _CLIENT_TRIES)
    await audit.end(pool, await audit.begin(pool, caller, "POST", "/v1/sessions"), 201)
    return token, expires


async def accept_invitation(pool: Pool, token: str, password: str) -> None:
    caller = await users.invited(pool, token)
    if caller is None:
        raise WrongTokenError
    kept = await passwords.hashed(password)
    async with pool.acquire() as connection, connection.transaction():
        if await users.accept(connection, token, kept) is None:
            raise WrongTokenError
        await users.end_sessions(connection, caller.id)
    await audit.end(pool, await audit.begin(pool, caller, "POST", "/v1/invitations"), 204)


async def change_password(pool: Pool, limiter: RateLimiter, email: str, current: str, new: str) -> None:
    await _count(limiter, email)
    found = await users.password_of(pool, email)
    if not await passwords.matches(found[1] if found else None, current) or not found:
        raise WrongPasswordError
    kept = await passwords.hashed(new)
    async with pool.acquire() as connection, connection.transaction():
        if not await users.change_password(connection, found[0].id, found[1], kept):
            raise WrongPasswordError
        await users.end_sessions(connection, found[0].id)


async def _count(limiter: RateLimiter, email: str) -> None:
    """Five tries an address at once and one in half a minute after that, ten a second of all; none uncounted."""
    digest = hashlib.sha256(email.encode()).hexdigest()
    await _take(limiter, f"sign-in:{digest}", _TRIES_PER_SECOND, _TRIES)
    await _take(limiter, "sign-in", _ALL_PER_SECOND, None)


async def _take(limiter: RateLimiter, key: str, rate: float, burst: int | None) -> None:
    allowance = await limiter.take(key, rate, burst)
    if allowance is None:
        raise TooManyTriesError(None)
    if allowance.wait:
        raise TooManyTriesError(allowance.wait)
