"""Messages from people."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from volley_chassis.database import Connection, queries
from volley_contracts import InboundMessage

SQL = queries("campaign_svc.store", "inbound.sql")


class Answered(NamedTuple):
    """Who wrote, and what it most likely answers."""

    contact_id: UUID | None = None
    campaign_id: UUID | None = None


async def answered(connection: Connection, account_id: UUID, number: str, at: datetime) -> Answered:
    row = await connection.fetchrow(SQL["answered"], account_id, number, at)
    return Answered(row["contact_id"], row["campaign_id"]) if row else Answered()


async def add(connection: Connection, message: InboundMessage, answers: Answered) -> bool:
    """Whether it is new."""
    m = message
    values = (m.message_id, m.account_id, m.from_number, m.to_address, m.text.replace("\0", ""), m.keyword)
    return await connection.fetchval(SQL["add"], *values, answers.campaign_id, answers.contact_id, m.at) is True
