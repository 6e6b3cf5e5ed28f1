"""A new account, with the admin key that its first user signs in with."""

from gateway_api.handlers.make_key import make_key
from gateway_api.store import accounts
from gateway_api.store.accounts import Account
from gateway_api.store.api_keys import ApiKey
from volley_chassis.database import Pool
from volley_contracts import new_id


class NameTakenError(Exception):
    """There is an account of this name."""


async def add_account(pool: Pool, name: str) -> tuple[Account, ApiKey, str]:
    """The account, its first admin key's record, and the key itself."""
    async with pool.acquire() as connection, connection.transaction():
        account = await accounts.add(connection, new_id(), name)
        if account is None:
            raise NameTakenError
        record, key = await make_key(connection, account.id, "first admin", "admin")
        return account, record, key
