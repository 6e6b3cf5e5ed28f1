"""Tells where each account can be sent to, when its routes have failed for a while and when they work again."""

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc.domain.route_health import Health, follow, reachable
from dispatch_svc.domain.routes import Route
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import route_health, routes
from volley_chassis import outbox
from volley_chassis.database import Pool
from volley_contracts import RouteHealth, now

log = structlog.get_logger()
SOURCE = "dispatch-svc"
_SWEEP_SECONDS = 1.0


async def keep_telling_route_health(pool: Pool, vault: Vault, patience: timedelta) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await tell_route_health(pool, vault, patience, at=now())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("the health of routes will be told later", error=repr(error))


async def tell_route_health(pool: Pool, vault: Vault, patience: timedelta, *, at: datetime) -> None:
    """Look once at all accounts that have routes, or had some."""
    async with pool.acquire() as connection, connection.transaction():
        if not await route_health.mine(connection):
            return
        by_account: dict[UUID, list[Route]] = defaultdict(list)
        for route in await routes.to_keep_open(connection, vault):
            by_account[route.account_id].append(route)
        working, known = await route_health.working(connection), await route_health.known(connection)
        for account_id in by_account.keys() | known.keys():
            before = known.get(account_id, Health())
            health, tell = follow(before, reachable(by_account[account_id], working), at=at, patience=patience)
            if health != before:
                await route_health.save(connection, account_id, health)
            if tell:
                told = None if health.told is None else tuple(sorted(health.told))
                event = RouteHealth(account_id=account_id, reachable=told, at=at)
                await outbox.put(connection, event, source=SOURCE)
                log.info("reachable countries changed", account_id=str(account_id), reachable=told)
