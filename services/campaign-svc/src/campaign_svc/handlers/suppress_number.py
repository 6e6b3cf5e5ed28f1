"""Numbers that must not be texted any more, and those that may be again; dispatch-svc hears of each change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.handlers.break_campaign import stop_if_too_many_opt_out
from campaign_svc.store import suppressions
from campaign_svc.store.suppressions import Answered, Suppression
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_contracts import SuppressionChanged, SuppressionReason


async def suppress_number(
    pool: Pool, account_id: UUID, number: str, reason: SuppressionReason, *, at: datetime
) -> tuple[Suppression, bool]:
    """The suppression, and whether it is new. One that stands already keeps its reason."""
    async with pool.acquire() as connection, connection.transaction():
        is_new = await suppress(connection, account_id, number, reason=reason, at=at)
        found = await suppressions.find(connection, account_id, number)
    return found or Suppression(number=number, reason=reason, campaign_id=None, created_at=at), is_new


async def suppress_numbers(pool: Pool, account_id: UUID, numbers: Sequence[str], *, at: datetime) -> int:
    """How many of an imported list are new. All or, if it fails, none of them."""
    async with pool.acquire() as connection, connection.transaction():
        added = await suppressions.add_many(connection, account_id, numbers, reason="import", at=at)
        for number in added:
            await _tell(connection, account_id, number, suppressed=True, reason="import", answered=None, at=at)
        return len(added)


async def allow_number(pool: Pool, account_id: UUID, number: str, *, at: datetime) -> bool:
    """Whether there was a suppression to lift."""
    async with pool.acquire() as connection, connection.transaction():
        return await lift(connection, account_id, number, reason="manual", at=at)


async def suppress(
    connection: Connection,
    account_id: UUID,
    number: str,
    *,
    reason: SuppressionReason,
    answered: Answered | None = None,
    at: datetime,
) -> bool:
    """In the caller's transaction: suppress the number; whether that is new.

    It is told if it is new, and once for each message that made the person opt out: who is suppressed already may
    still press the button of another campaign, and that counts for the other campaign too.
    """
    campaign_id = answered.campaign_id if answered else None
    added = await suppressions.add(connection, account_id, number, reason=reason, campaign_id=campaign_id, at=at)
    first = answered is not None and await suppressions.add_optout(connection, answered, reason=reason, at=at)
    if first and answered:
        await stop_if_too_many_opt_out(connection, account_id, answered, at)
    if added or first:
        await _tell(connection, account_id, number, suppressed=True, reason=reason, answered=answered, at=at)
    return added


async def lift(
    connection: Connection,
    account_id: UUID,
    number: str,
    *,
    reason: SuppressionReason,
    answered: Answered | None = None,
    at: datetime,
) -> bool:
    """In the caller's transaction: lift a suppression that is not younger than `at` and tell it."""
    lifted = await suppressions.lift(connection, account_id, number, at)
    if lifted:
        await _tell(connection, account_id, number, suppressed=False, reason=reason, answered=answered, at=at)
    return lifted


async def forget_changes(connection: Connection, account_id: UUID, number: str, *, at: datetime) -> None:
    """In the caller's transaction: take what was told of a number that is not suppressed out of the topic."""
    event = SuppressionChanged(account_id=account_id, number=number, suppressed=False, reason="manual", at=at)
    await outbox.put_tombstone(connection, event)


async def _tell(
    connection: Connection,
    account_id: UUID,
    number: str,
    *,
    suppressed: bool,
    reason: SuppressionReason,
    answered: Answered | None,
    at: datetime,
) -> None:
    event = SuppressionChanged(
        account_id=account_id,
        number=number,
        suppressed=suppressed,
        reason=reason,
        campaign_id=answered.campaign_id if answered else None,
        seq=answered.seq if answered else None,
        variant=answered.variant if answered else None,
        at=at,
    )
    await outbox.put(connection, event, source=SERVICE)
