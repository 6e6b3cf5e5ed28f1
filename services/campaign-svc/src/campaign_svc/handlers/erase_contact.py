"""Forgets people: the contact at once, what campaigns keep of it when those that need it have ended. Counts stay."""

from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.domain.lifecycle import ACTIVE
from campaign_svc.handlers.suppress_number import forget_changes
from campaign_svc.store import contacts, erasures, suppressions
from campaign_svc.store.erasures import Erasure
from volley_chassis import etags, outbox
from volley_chassis.database import Connection, Pool
from volley_contracts import ContactErased


async def erase_contact(pool: Pool, account_id: UUID, contact_id: UUID, if_match: str | None, *, at: datetime) -> bool:
    """Whether the account had the contact. From now on nothing more is handed over to its number. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        if before := await contacts.lock(connection, account_id, contact_id):
            etags.check(if_match, etags.tag_of(before))
        number = await contacts.delete(connection, account_id, contact_id)
        if number is None:
            return False
        erasure = Erasure(account_id, contact_id, number, at)
        await erasures.add(connection, erasure)
        await _tell(connection, erasure, complete=False)
        return True


async def carry_out_next_erasure(pool: Pool) -> bool:
    """Take one number out of all that ended campaigns keep; whether there was one to do."""
    async with pool.acquire() as connection, connection.transaction():
        erasure = await erasures.next_due(connection, ACTIVE)
        if erasure is None:
            return False
        await erasures.carry_out(connection, erasure)
        if not await _tell(connection, erasure, complete=True):
            await forget_changes(connection, erasure.account_id, erasure.number, at=erasure.at)
        return True


async def _tell(connection: Connection, erasure: Erasure, *, complete: bool) -> bool:
    """Whether the number stays suppressed."""
    suppression = await suppressions.find(connection, erasure.account_id, erasure.number)
    event = ContactErased(
        account_id=erasure.account_id,
        contact_id=erasure.contact_id,
        number=erasure.number,
        complete=complete,
        suppressed=suppression is not None,
        at=erasure.at,
    )
    await outbox.put(connection, event, source=SERVICE)
    return event.suppressed
