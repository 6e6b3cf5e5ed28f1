"""An API key ends."""

from uuid import UUID

from gateway_api.store import accounts, api_keys
from volley_chassis.database import Pool


class UnknownKeyError(Exception):
    """The account has no such key."""


class LastAdminError(Exception):
    """Nobody could make keys for the account any more."""


async def revoke_key(pool: Pool, account_id: UUID, key_id: UUID) -> None:
    """Idempotent. Two admins who revoke each other's key at once wait for each other."""
    async with pool.acquire() as connection, connection.transaction():
        await accounts.lock(connection, account_id)
        key = await api_keys.find(connection, account_id, key_id)
        if key is None:
            raise UnknownKeyError
        if key.revoked_at is not None:
            return
        whole = key.role == "admin" and key.scopes is None and key.expires_at is None
        if whole and not await api_keys.other_admins(connection, account_id, key_id):
            raise LastAdminError
        await api_keys.revoke(connection, account_id, key_id)
