"""The first account and its administrator, from the settings: without them nobody could make any."""

import structlog

from gateway_api.domain.api_keys import SHORTEST_BOOTSTRAP, bootstrap_prefix_of
from gateway_api.store import accounts, api_keys
from volley_chassis.database import Pool
from volley_chassis.settings import SettingsError
from volley_contracts import new_id

log = structlog.get_logger()
NAME = "default"


async def ensure_first_account(pool: Pool, key: str) -> None:
    """Make the platform's account, and `key` its admin key. A key that the settings named before ends."""
    if len(key) < SHORTEST_BOOTSTRAP:
        raise SettingsError(
            f"VOLLEY_BOOTSTRAP_KEY is shorter than {SHORTEST_BOOTSTRAP} characters: "
            "make one at random (`openssl rand -hex 32`)"
        )
    async with pool.acquire() as connection, connection.transaction():
        account = await accounts.first(connection) or await accounts.add(connection, new_id(), NAME, platform=True)
        assert account is not None, "the platform's account comes before all others"
        valid = await api_keys.is_valid(connection, key)
        if valid is None:
            await api_keys.add(
                connection,
                new_id(),
                account.id,
                name="bootstrap",
                prefix=bootstrap_prefix_of(key),
                key=key,
                role="admin",
                bootstrap=True,
            )
            log.info("the bootstrap key is a new admin key", account=account.name)
        elif not valid:
            log.warning("the bootstrap key was revoked and stays so")
            return
        await api_keys.revoke_bootstraps(connection, key)
