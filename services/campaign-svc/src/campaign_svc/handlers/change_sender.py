"""Sender IDs are added, changed, and removed while no campaign needs them. An edit binds at once, and so is told."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec

from campaign_svc.config import SERVICE
from campaign_svc.domain import lifecycle
from campaign_svc.domain.senders import check_address, check_countries, check_pace, check_validity
from campaign_svc.store import forecasts, keyword_replies, senders
from campaign_svc.store.senders import Sender
from volley_chassis import etags, outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_contracts import SenderChanged, SenderKind, new_id


class AddressTakenError(Exception):
    """The account has a sender with this address."""


class SenderInUseError(Exception):
    """Campaigns that are not over use the sender: `campaigns` has some of their names."""

    def __init__(self, campaigns: list[str]) -> None:
        self.campaigns = campaigns
        super().__init__(f"The sender is used by campaigns that are not over: {', '.join(campaigns)}.")


async def add_sender(
    pool: Pool,
    caller: Caller,
    *,
    address: str,
    kind: SenderKind | None,
    parts_per_second: int,
    countries: Iterable[str] | None,
    validity_s: int | None,
    at: datetime,
) -> Sender:
    """Raises IllegalFieldError, AddressTakenError."""
    address, kind = check_address(address, kind)
    check_pace(parts_per_second)
    check_validity(validity_s)
    sender = Sender(
        id=new_id(),
        address=address,
        kind=kind,
        parts_per_second=parts_per_second,
        countries=check_countries(countries),
        validity_s=validity_s,
        created_at=at,
    )
    if not await senders.add(pool, caller.account_id, sender):
        raise AddressTakenError
    await keyword_replies.name_account(pool, caller)  # people may write to it from now on
    return sender


async def change_sender(
    pool: Pool,
    account_id: UUID,
    sender_id: UUID,
    *,
    parts_per_second: int | msgspec.UnsetType,
    countries: list[str] | msgspec.UnsetType | None,
    validity_s: int | msgspec.UnsetType | None,
    if_match: str | None,
    at: datetime,
) -> Sender | None:
    """The sender as it is now; None if the account has no such sender. Raises IllegalFieldError, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        before = sender = await senders.lock(connection, account_id, sender_id)
        if sender is None:
            return None
        etags.check(if_match, etags.tag_of(sender))
        if parts_per_second is not msgspec.UNSET:
            check_pace(parts_per_second)
            sender = msgspec.structs.replace(sender, parts_per_second=parts_per_second)
        if countries is not msgspec.UNSET:
            sender = msgspec.structs.replace(sender, countries=check_countries(countries))
        if validity_s is not msgspec.UNSET:
            check_validity(validity_s)
            sender = msgspec.structs.replace(sender, validity_s=validity_s)
        if sender != before:
            await _save(connection, account_id, sender, at)
            await forecasts.mark(connection, account_id, at, sender_id=sender.id)
        return sender


async def _save(connection: Connection, account_id: UUID, sender: Sender, at: datetime) -> None:
    event = SenderChanged(
        account_id=account_id,
        sender_id=sender.id,
        address=sender.address,
        kind=sender.kind,
        parts_per_second=sender.parts_per_second,
        countries=None if sender.countries is None else tuple(sender.countries),
        version=await senders.save(connection, account_id, sender),
        at=at,
    )
    await outbox.put(connection, event, source=SERVICE)


async def remove_sender(pool: Pool, account_id: UUID, sender_id: UUID, if_match: str | None) -> bool:
    """Whether there was such a sender. Raises SenderInUseError, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        sender = await senders.lock(connection, account_id, sender_id)
        if sender is None:
            return False
        etags.check(if_match, etags.tag_of(sender))
        if used_by := await senders.used_by(connection, account_id, sender_id, lifecycle.ACTIVE):
            raise SenderInUseError(used_by)
        await senders.delete(connection, account_id, sender_id)
        return True
