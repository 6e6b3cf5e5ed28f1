"""The last known status of every campaign."""

from uuid import UUID

from volley_chassis.database import Connection, queries
from volley_contracts import SENDABLE, CampaignMoved

_SQL = queries(__package__, "campaigns.sql")


async def move(connection: Connection, moved: CampaignMoved) -> bool:
    """Whether the move is newer than what is known; then it is announced on the channel `moved`."""
    rows = await connection.fetch(_SQL["move"], moved.campaign_id, moved.account_id, moved.status_to, moved.version)
    return bool(rows)


async def sendable(connection: Connection) -> set[UUID]:
    """The campaigns that may send."""
    rows = await connection.fetch(_SQL["sendable"], list(SENDABLE))
    return {row["campaign_id"] for row in rows}
