"""Messages from people."""

from typing import NamedTuple
from uuid import UUID

from campaign_svc.domain.campaign import CampaignType
from campaign_svc.store.suppressions import Answered
from volley_chassis.database import Connection, queries
from volley_contracts import InboundMessage

SQL = queries("campaign_svc.store", "inbound.sql")


class Writer(NamedTuple):
    """Who wrote, and which message that most likely answers."""

    contact_id: UUID | None = None
    answered: Answered | None = None
    campaign_type: CampaignType | None = None


async def writer(connection: Connection, message: InboundMessage) -> Writer:
    m = message
    row = await connection.fetchrow(SQL["writer"], m.account_id, m.from_number, m.at, m.to_address)
    if row is None:
        return Writer()
    known = row["campaign_id"] is not None
    answered = Answered(row["campaign_id"], row["seq"], row["variant"], row["country"]) if known else None
    return Writer(row["contact_id"], answered, row["type"])


async def add(connection: Connection, message: InboundMessage, writer: Writer) -> bool:
    """Whether it is new."""
    m = message
    values = (m.message_id, m.account_id, m.from_number, m.to_address, m.text.replace("\0", ""), m.keyword)
    campaign_id = writer.answered.campaign_id if writer.answered else None
    return await connection.fetchval(SQL["add"], *values, campaign_id, writer.contact_id, m.at) is True
