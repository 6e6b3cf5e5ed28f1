"""API keys: kept as digests; a revoked key stays for the record."""

from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.domain.api_keys import digest_of
from gateway_api.domain.callers import SignedIn
from volley_chassis.database import Connection, Pool, queries
from volley_chassis.http import Role

_SQL = queries("gateway_api.store", "api_keys.sql")


class ApiKey(msgspec.Struct, frozen=True):
    """What can be known of a key. `prefix` is how it begins; `last_used_at` is right to the minute.

    `scopes` are the groups of requests that it may send (null: all that its role allows); `rate_per_second` is how
    many (null: as many as the platform lets every key send). `user_id` is the user whom it belongs to (null: nobody by
    name, as the first keys of an account).
    """

    id: UUID
    name: str
    prefix: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    scopes: list[str] | None
    rate_per_second: float | None
    user_id: UUID | None


async def add(
    connection: Connection,
    id_: UUID,
    account_id: UUID,
    *,
    name: str,
    prefix: str,
    key: str,
    role: Role,
    bootstrap: bool = False,
    scopes: list[str] | None = None,
    rate_per_second: float | None = None,
    user_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> ApiKey:
    values = (
        id_,
        account_id,
        name,
        prefix,
        digest_of(key),
        role,
        bootstrap,
        scopes,
        rate_per_second,
        user_id,
        expires_at,
    )
    row = await connection.fetchrow(_SQL["add"], *values)
    assert row is not None
    return ApiKey(**row)


async def sign_in(pool: Pool, key: str) -> SignedIn | None:
    row = await pool.fetchrow(_SQL["sign_in"], digest_of(key))
    return SignedIn(**row) if row else None


async def touch(pool: Pool, id_: UUID) -> None:
    await pool.execute(_SQL["touch"], id_)


async def page(pool: Pool, account_id: UUID, after: UUID | None, limit: int) -> list[ApiKey]:
    return [ApiKey(**row) for row in await pool.fetch(_SQL["page"], account_id, after, limit)]


async def find(connection: Connection, account_id: UUID, id_: UUID) -> ApiKey | None:
    row = await connection.fetchrow(_SQL["find"], account_id, id_)
    return ApiKey(**row) if row else None


async def by_prefix(pool: Pool, account_id: UUID, prefix: str) -> ApiKey | None:
    row = await pool.fetchrow(_SQL["by_prefix"], account_id, prefix)
    return ApiKey(**row) if row else None


async def lasts(pool: Pool, account_id: UUID, prefix: str) -> bool:
    """Whether the key is valid: not revoked, not expired, and its user, if it is somebody's, active."""
    return await pool.fetchval(_SQL["lasts"], account_id, prefix) is True


async def admins(connection: Connection, account_id: UUID) -> int:
    """How many valid admin keys without scopes and without an end the account has."""
    return int(await connection.fetchval(_SQL["admins"], account_id))


async def revoke(connection: Connection, account_id: UUID, id_: UUID) -> None:
    await connection.execute(_SQL["revoke"], account_id, id_)


async def is_valid(connection: Connection, key: str) -> bool | None:
    """Whether a known key is still valid; None for an unknown one."""
    valid: bool | None = await connection.fetchval(_SQL["known_digest"], digest_of(key))
    return valid


async def revoke_bootstraps(connection: Connection, but: str) -> None:
    """Revoke every administrator's key that came from the settings, except this one."""
    await connection.execute(_SQL["revoke_bootstraps"], digest_of(but))
