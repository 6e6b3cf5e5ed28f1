"""Numbers that must not be texted any more, and those that may be again; dispatch-svc hears of each change."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.store import suppressions
from campaign_svc.store.suppressions import Answered, OptOut, Suppression
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_contracts import SuppressionChanged, SuppressionReason

OWN_WORD: tuple[SuppressionReason, ...] = ("stop_keyword", "optout_page")
"""Reasons that are the person's own."""


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
        changes = [_change(account_id, number, None, suppressed=True, reason="import", at=at) for number in added]
        await outbox.put_all(connection, changes, source=SERVICE)
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
    """In the caller's transaction: suppress the number; whether that is new."""
    return bool(await suppress_all(connection, [OptOut(account_id, number, answered, at)], reason=reason))


async def suppress_all(
    connection: Connection, optouts: Sequence[OptOut], *, reason: SuppressionReason
) -> set[tuple[UUID, str]]:
    """In the caller's transaction: suppress numbers; the accounts and numbers for which that is new.

    It is told if it is new, and once for each message that made the person opt out: who is suppressed already may
    still press the button of another campaign, and that counts for the other campaign too.
    """
    added = await suppressions.add(connection, optouts, reason=reason)
    news = added | await suppressions.add_optouts(connection, optouts, reason=reason)
    events = []
    for one in optouts:
        keys = {(one.account_id, one.number), one.answered[:2] if one.answered else None}
        if keys & news:
            news -= keys
            events.append(_change(*one[:3], suppressed=True, reason=reason, at=one.at))
    await outbox.put_all(connection, events, source=SERVICE)
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
    """In the caller's transaction: lift a suppression that is not younger than `at` and tell it.

    START takes back what the person said; what the account said, or a complaint, stays.
    """
    only = OWN_WORD if reason == "start_keyword" else None
    lifted = await suppressions.lift(connection, account_id, number, at, only=only)
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
    event = _change(account_id, number, answered, suppressed=suppressed, reason=reason, at=at)
    await outbox.put(connection, event, source=SERVICE)


def _change(
    account_id: UUID,
    number: str,
    answered: Answered | None,
    *,
    suppressed: bool,
    reason: SuppressionReason,
    at: datetime,
) -> SuppressionChanged:
    return SuppressionChanged(
        account_id=account_id,
        number=number,
        suppressed=suppressed,
        reason=reason,
        campaign_id=answered.campaign_id if answered else None,
        seq=answered.seq if answered else None,
        variant=answered.variant if answered else None,
        country=answered.country if answered else None,
        at=at,
    )
