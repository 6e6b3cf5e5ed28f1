"""Somebody pressed the button on an opt-out page: the number behind the recipient is suppressed."""

import structlog

from campaign_svc.handlers.suppress_number import suppress
from campaign_svc.store import suppressions, test_sends
from volley_chassis import inbox
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import OptedOut, is_aside

log = structlog.get_logger()


async def record_optout(pool: Pool, event: Received[OptedOut]) -> None:
    """Idempotent. A recipient that this service never had is logged and passed over."""
    optout = event.data
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, "record_optout", event.id):
            return
        if is_aside(optout.campaign_id):
            number = await test_sends.number_of(connection, optout.account_id, optout.campaign_id, optout.seq)
            if number:
                await suppress(connection, optout.account_id, number, reason="optout_page", at=optout.at)
            return
        found = await suppressions.recipient(connection, optout.account_id, optout.campaign_id, optout.seq)
        if found is None:
            log.warning("opt-out of an unknown recipient", campaign_id=str(optout.campaign_id), seq=optout.seq)
            return
        number, answered = found
        await suppress(connection, optout.account_id, number, reason="optout_page", answered=answered, at=optout.at)
