"""Removes what is needed no more as soon as messages are settled, a bounded number at a time."""

import asyncio

import asyncpg
import structlog

from dispatch_svc.store import pieces
from volley_chassis.database import Pool

log = structlog.get_logger()
_SWEEP_SECONDS = 30.0


async def keep_house(pool: Pool) -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            async with pool.acquire() as connection:
                await pieces.forget_values(connection)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("housekeeping will try again", error=repr(error))
