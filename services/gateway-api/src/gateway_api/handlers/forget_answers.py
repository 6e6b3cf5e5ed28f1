"""Housekeeping: answers kept under an Idempotency-Key for more than 24 h."""

import asyncio

import structlog

from gateway_api.store import answers
from volley_chassis.database import Pool
from volley_chassis.kafka import TRANSIENT

log = structlog.get_logger()
EVERY_SECONDS = 600


async def forget_answers(pool: Pool) -> None:
    """Forget until cancelled. Safe in every replica."""
    while True:
        try:
            await answers.forget_old(pool)
        except TRANSIENT as error:
            log.warning("old answers are forgotten later", error=repr(error))
        await asyncio.sleep(EVERY_SECONDS)
