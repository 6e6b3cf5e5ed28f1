"""Housekeeping: answers kept under an Idempotency-Key for more than 24 h, and the webhooks' log after 30 days."""

import asyncio

import structlog

from gateway_api.store import answers, deliveries
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
        except TRANSIENT as error:
            log.warning("old answers are forgotten later", error=repr(error))
        await asyncio.sleep(EVERY_SECONDS)
