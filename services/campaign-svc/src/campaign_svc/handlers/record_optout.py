"""People pressed the button on an opt-out page: the numbers behind the recipients are suppressed."""

from collections.abc import Sequence

import structlog

from campaign_svc.handlers.suppress_number import suppress_all
from campaign_svc.store import suppressions, test_sends
from campaign_svc.store.suppressions import OptOut
from volley_chassis import inbox
from volley_chassis.database import Connection, Pool
from volley_chassis.kafka import Received
from volley_contracts import OptedOut, is_aside

log = structlog.get_logger()


async def record_optouts(pool: Pool, events: Sequence[Received[OptedOut]]) -> None:
    """Idempotent; a handful of statements, however many press at once. Who was no recipient is passed over."""
    async with pool.acquire() as connection, connection.transaction():
        new = await inbox.first_times(connection, "record_optout", [event.id for event in events])
        pressed = list({event.id: event.data for event in events if event.id in new}.values())
        await suppress_all(connection, await _of(connection, pressed), reason="optout_page")


async def _of(connection: Connection, pressed: Sequence[OptedOut]) -> list[OptOut]:
    """Whose number it is."""
    asked = [(one.account_id, one.campaign_id, one.seq) for one in pressed if not is_aside(one.campaign_id)]
    found = await suppressions.recipients(connection, asked)
    optouts = []
    for one in pressed:
        if is_aside(one.campaign_id):
            number = await test_sends.number_of(connection, one.account_id, one.campaign_id, one.seq)
            optouts += [OptOut(one.account_id, number, None, one.at)] if number else []
        elif known := found.get((one.campaign_id, one.seq)):
            optouts.append(OptOut(one.account_id, *known, one.at))
        else:
            log.warning("opt-out of an unknown recipient", campaign_id=str(one.campaign_id), seq=one.seq)
    return optouts
