"""Housekeeping: ids of events that no topic retains any more."""

import asyncio

import structlog

from volley_chassis import inbox
from volley_chassis.database import Pool
from volley_chassis.kafka import TRANSIENT

log = structlog.get_logger()
EVERY_SECONDS = 3600


async def forget_events(pool: Pool) -> None:
    """Forget until cancelled. Safe in every replica."""
    while True:
        try:
            async with pool.acquire() as connection:
                await inbox.forget_old(connection)
        except TRANSIENT as error:
            log.warning("old events are forgotten later", error=repr(error))
        await asyncio.sleep(EVERY_SECONDS)
