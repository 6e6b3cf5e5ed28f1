"""The last known status of every campaign, the texts that it may send, and what it may cost."""

from decimal import Decimal
from uuid import UUID

from dispatch_svc.domain import budget
from dispatch_svc.domain.rendering import Approved
from volley_chassis.database import Connection, queries
from volley_contracts import SENDABLE, CampaignMoved, LinkedBatch

_SQL = queries(__package__, "campaigns.sql")
_UNTOLD = (False, None, Decimal(0))


async def move(connection: Connection, moved: CampaignMoved) -> bool:
    """Whether the move is newer than what is known; then it is announced on the channel `moved`."""
    m = moved
    values = (m.campaign_id, m.account_id, m.status_to, m.version, m.content_hash, m.content_version)
    told = (True, m.budget.amount, m.budget.counted) if m.budget else _UNTOLD
    return bool(await connection.fetch(_SQL["move"], *values, list(SENDABLE), *told))


async def allow_test(connection: Connection, batch: LinkedBatch) -> None:
    """Let the texts of a test be sent."""
    content = batch.content
    values = (batch.campaign_id, batch.account_id, "sending", 1, content.hash, content.version)
    await connection.execute(_SQL["move"], *values, list(SENDABLE), *_UNTOLD)


async def sendable(connection: Connection) -> dict[UUID, Approved]:
    """The campaigns that may send, with the texts that they may send."""
    rows = await connection.fetch(_SQL["sendable"], list(SENDABLE))
    return {
        row["campaign_id"]: Approved(row["content_hash"], row["content_version"], row["sendable_since"]) for row in rows
    }


async def lock_budget(connection: Connection, campaign_id: UUID) -> budget.Account | None:
    """The campaign's budget, locked until the transaction ends. None: it has none, or what left before it had one is
    still on its way.
    """
    row = await connection.fetchrow(_SQL["lock_budget"], campaign_id)
    if row and row["spent"] is None:
        row = await connection.fetchrow(_SQL["begin_to_count"], campaign_id)
    return budget.Account(**row) if row else None


async def reserve(connection: Connection, campaign_id: UUID, cost: Decimal) -> None:
    await connection.execute(_SQL["reserve"], campaign_id, cost)


async def spend(connection: Connection, campaign_id: UUID, *, reserved: Decimal, spent: Decimal) -> None:
    """Of what was `reserved` so much was `spent`; the rest is free again."""
    await connection.execute(_SQL["spend"], campaign_id, reserved, spent)


async def budget_told(connection: Connection, campaign_id: UUID) -> None:
    await connection.execute(_SQL["budget_told"], campaign_id)


async def under_way(connection: Connection, account_id: UUID) -> list[UUID]:
    """Campaigns of the account that were submitted and are not over: 100 of them at most."""
    return [row["campaign_id"] for row in await connection.fetch(_SQL["under_way"], account_id)]
