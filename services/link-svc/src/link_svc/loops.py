"""Loops of the worker: checks of domains, and the queues of exhausted pools.

The queues are served when a domain is told to have capacity, and by a sweep every second, by one process at a time, the
one that holds the lock of the database session; the others stand by. Domains are checked by every process: each claims
some.
"""

import asyncio
import contextlib
from datetime import timedelta

import asyncpg
import structlog

from link_svc import metrics
from link_svc.clients.health import Reach
from link_svc.config import LinkSettings
from link_svc.domain.slugs import Keys
from link_svc.handlers.check_domain import AT_ONCE, check_due
from link_svc.handlers.refill_pools import refill_pools
from link_svc.store import pools
from volley_chassis.database import Connection, Pool
from volley_contracts import now

log = structlog.get_logger()
_LOCK = 5_465_107_901
_SWEEP_SECONDS = 1.0
_LOOK_SECONDS = 5.0


async def refill(settings: LinkSettings, pool: Pool, keys: Keys) -> None:
    """Refill until cancelled, through outages of the database."""
    while True:
        try:
            await _refill_while_connected(settings, pool, keys)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("refilling stopped; trying again", error=repr(error))
        except Exception:
            log.exception("refilling failed; trying again")
        await asyncio.sleep(_SWEEP_SECONDS)


async def _refill_while_connected(settings: LinkSettings, pool: Pool, keys: Keys) -> None:
    connection = await asyncpg.connect(settings.database_url)
    try:
        bell = asyncio.Event()
        await connection.add_listener("link_capacity", lambda *_: bell.set())
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)  # waits while another replica refills
        while True:
            bell.clear()
            await refill_pools(pool, keys, at=now(), keep=settings.keep)
            await _measure(connection)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), _SWEEP_SECONDS)
    finally:
        await connection.close()


async def _measure(connection: Connection) -> None:
    figures = await pools.figures(connection)
    metrics.EXHAUSTED.set(figures.exhausted)
    metrics.WAITING.set(figures.waiting)


async def keep_checking(pool: Pool, reach: Reach, every: timedelta) -> None:
    """Check each domain as often as that, until cancelled."""
    while True:
        try:
            if await check_due(pool, reach, every) == AT_ONCE:
                continue
        except Exception:
            log.exception("checking domains failed; trying again")
        await asyncio.sleep(_LOOK_SECONDS)
