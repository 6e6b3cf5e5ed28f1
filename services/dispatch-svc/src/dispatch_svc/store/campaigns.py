"""The last known status of every campaign, and the texts that it may send."""

from uuid import UUID

from dispatch_svc.domain.rendering import Approved
from volley_chassis.database import Connection, queries
from volley_contracts import SENDABLE, CampaignMoved, LinkedBatch

_SQL = queries(__package__, "campaigns.sql")


async def move(connection: Connection, moved: CampaignMoved) -> bool:
    """Whether the move is newer than what is known; then it is announced on the channel `moved`."""
    m = moved
    values = (m.campaign_id, m.account_id, m.status_to, m.version, m.content_hash, m.content_version)
    return bool(await connection.fetch(_SQL["move"], *values, list(SENDABLE)))


async def allow_test(connection: Connection, batch: LinkedBatch) -> None:
    """Let the texts of a test be sent."""
    content = batch.content
    values = (batch.campaign_id, batch.account_id, "sending", 1, content.hash, content.version)
    await connection.execute(_SQL["move"], *values, list(SENDABLE))


async def sendable(connection: Connection) -> dict[UUID, Approved]:
    """The campaigns that may send, with the texts that they may send."""
    rows = await connection.fetch(_SQL["sendable"], list(SENDABLE))
    return {
        row["campaign_id"]: Approved(row["content_hash"], row["content_version"], row["sendable_since"]) for row in rows
    }
