"""An API key ends."""

from uuid import UUID

from gateway_api.store import accounts, api_keys
from volley_chassis.database import Pool


class UnknownKeyError(Exception):
    """The account has no such key."""


class LastAdminError(Exception):
    """No valid admin key of the account would be left, for all requests and without an end."""


async def revoke_key(pool: Pool, account_id: UUID, key_id: UUID) -> None:
    """Idempotent. Two admins who revoke each other's key at once wait for each other."""
    async with pool.acquire() as connection, connection.transaction():
        await accounts.lock(connection, account_id)
        key = await api_keys.find(connection, account_id, key_id)
        if key is None:
            raise UnknownKeyError
        if key.revoked_at is not None:
            return
        before = await api_keys.admins(connection, account_id)
        await api_keys.revoke(connection, account_id, key_id)
        if before and not await api_keys.admins(connection, account_id):
            raise LastAdminError
