"""Keeps this process's open routes as they are stored, and stores how they fare."""

import asyncio
import contextlib

import asyncpg
import structlog

from dispatch_svc.clients.routes import OpenRoutes
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import routes
from volley_chassis.database import prepare

log = structlog.get_logger()
_SWEEP_SECONDS = 1.0


async def keep_routes_open(database_url: str, instance: str, vault: Vault, open_routes: OpenRoutes) -> None:
    """Until cancelled: when stored routes change, and by a sweep. Without a database they stay as they are."""
    while True:
        try:
            await _while_connected(database_url, instance, vault, open_routes)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("open routes lost their database; trying again", error=repr(error))
        await asyncio.sleep(_SWEEP_SECONDS)


async def _while_connected(database_url: str, instance: str, vault: Vault, open_routes: OpenRoutes) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        await prepare(connection)
        changed = asyncio.Event()
        await routes.listen(connection, changed.set)
        while True:
            changed.clear()
            open_routes.set(await routes.to_keep_open(connection, vault))
            await routes.save_connections(connection, instance, open_routes.conditions())
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), _SWEEP_SECONDS)
    finally:
        await connection.close()
