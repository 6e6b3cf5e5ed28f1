"""What stops campaigns: thresholds, the windows of the rates, and where routes work."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from campaign_svc.domain.breakers import Breakers, Window
from volley_chassis.database import Connection, Pool, queries

SQL = queries("campaign_svc.store", "breakers.sql")


async def of_account(connection: Connection | Pool, account_id: UUID) -> Breakers:
    """What the account chose."""
    found = await connection.fetchval(SQL["of_account"], account_id)
    return msgspec.convert(found, Breakers) if found else Breakers()


async def set_for_account(connection: Connection, account_id: UUID, breakers: Breakers) -> None:
    await connection.execute(SQL["set_for_account"], account_id, breakers)


async def window(connection: Connection, campaign_id: UUID) -> Window:
    found = await connection.fetchval(SQL["window"], campaign_id)
    return msgspec.convert(found, Window) if found else Window()


async def set_window(connection: Connection, campaign_id: UUID, window: Window) -> None:
    await connection.execute(SQL["set_window"], campaign_id, window)


async def begin_window(connection: Connection, campaign_id: UUID, window: Window) -> None:
    """As `set_window`, and no opt-out counts yet."""
    await connection.execute(SQL["begin_window"], campaign_id, window)


async def with_optouts_to_count(pool: Pool) -> list[tuple[UUID, UUID]]:
    """Accounts and campaigns with opt-outs that no breaker has counted yet."""
    return [(row["account_id"], row["id"]) for row in await pool.fetch(SQL["with_optouts_to_count"])]


async def take_optouts_to_count(connection: Connection, campaign_id: UUID) -> list[int]:
    """Which recipients opted out; they are counted from now on."""
    return [row["seq"] for row in await connection.fetch(SQL["take_optouts_to_count"], campaign_id)]


async def add_optouts(connection: Connection, campaign_id: UUID, seqs: Sequence[int], first_batch: int) -> int | None:
    """The opt-outs of the window that begins with that batch; None if none of the recipients is of it."""
    found: int | None = await connection.fetchval(SQL["add_optouts"], campaign_id, seqs, first_batch)
    return found


async def optouts(connection: Connection, campaign_id: UUID) -> int:
    """Those of the window."""
    return int(await connection.fetchval(SQL["optouts"], campaign_id) or 0)


async def told(connection: Connection, account_id: UUID, reachable: Sequence[str] | None, at: datetime) -> bool:
    """Keep where the account can be sent to; False if something newer is known."""
    return await connection.fetchval(SQL["told"], account_id, reachable, at) is True


async def reachable(connection: Connection, account_id: UUID) -> list[str] | None:
    """The countries that routes work for; None: all."""
    found: list[str] | None = await connection.fetchval(SQL["reachable"], account_id)
    return found


async def set_budget_needed(connection: Connection, campaign_id: UUID, needed: Decimal | None) -> None:
    """The least budget with which another message can be sent; None: nobody knows."""
    await connection.execute(SQL["set_budget_needed"], campaign_id, needed)


async def budget_needed(connection: Connection, campaign_id: UUID) -> Decimal | None:
    needed: Decimal | None = await connection.fetchval(SQL["budget_needed"], campaign_id)
    return needed
