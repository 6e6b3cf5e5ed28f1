"""Adds, changes and removes routes; every process that keeps routes open hears of it at once."""

from collections.abc import Callable
from uuid import UUID

from dispatch_svc.domain.routes import Route
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import routes
from dispatch_svc.store.routes import Stored
from volley_chassis.database import Pool
from volley_chassis.etags import check


async def add_route(pool: Pool, vault: Vault, route: Route) -> Stored:
    """NameTakenError, LoginTakenError."""
    async with pool.acquire() as connection, connection.transaction():
        stored = await routes.add(connection, vault, route)
        await routes.announce(connection)
    return stored


async def edit_route(
    pool: Pool,
    vault: Vault,
    account_id: UUID,
    route_id: UUID,
    edited: Callable[[Route], Route],
    if_match: str | None = None,
) -> Stored | None:
    """`edited` gives the route as it is to be, and may raise. None: no such route. Errors as in `add_route`,
    StaleError.
    """
    async with pool.acquire() as connection, connection.transaction():
        route = await routes.lock(connection, vault, account_id, route_id)
        if route is None:
            return None
        check(if_match, str(route.version))
        stored = await routes.change(connection, vault, edited(route))
        await routes.announce(connection)
    return stored


async def remove_route(pool: Pool, account_id: UUID, route_id: UUID, if_match: str | None = None) -> bool:
    """Whether there was one. StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        version = await routes.lock_version(connection, account_id, route_id)
        if version is None:
            return False
        check(if_match, str(version))
        await routes.remove(connection, account_id, route_id)
        await routes.announce(connection)
    return True


async def reseal_routes(pool: Pool, vault: Vault) -> None:
    """When a process starts: what was stored before there was a key, or with one that is about to go."""
    if vault.seals:
        async with pool.acquire() as connection, connection.transaction():
            await routes.reseal(connection, vault)
