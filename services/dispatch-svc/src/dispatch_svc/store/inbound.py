"""Messages from phones, each once however often the provider delivers it."""

from datetime import datetime
from uuid import UUID

from dispatch_svc.domain.handover import Inbound
from volley_chassis.database import Connection, queries
from volley_contracts import InboundMessage

_SQL = queries(__package__, "inbound.sql")


async def add(connection: Connection, route_id: UUID, inbound: Inbound, event: InboundMessage, at: datetime) -> bool:
    """Whether the message is new. `at`: when we received it."""
    added = await connection.fetchval(
        _SQL["add"],
        event.message_id,
        event.account_id,
        route_id,
        inbound.provider_key,
        event.from_number,
        event.to_address,
        event.text,
        event.keyword,
        inbound.at,
        at,
    )
    return added is not None
