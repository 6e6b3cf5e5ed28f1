"""Housekeeping: answers kept under an Idempotency-Key after 24 h, the webhooks' log after 30 days, expired sessions."""

import asyncio

import structlog

from gateway_api.store import answers, deliveries, users
from volley_chassis.database import Pool
from volley_chassis.kafka import TRANSIENT

log = structlog.get_logger()
EVERY_SECONDS = 600


async def keep_house(pool: Pool) -> None:
    """Forget what is old, until cancelled. Safe in every replica."""
    while True:
        try:
            await answers.forget_old(pool)
            await deliveries.forget_old(pool)
            await users.forget_old_sessions(pool)
        except TRANSIENT as error:
            log.warning("old answers are forgotten later", error=repr(error))
        await asyncio.sleep(EVERY_SECONDS)
