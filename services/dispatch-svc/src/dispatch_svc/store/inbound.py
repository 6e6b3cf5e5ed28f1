"""Messages from phones, each once however often the provider delivers it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from dispatch_svc.domain.handover import Inbound
from volley_chassis.database import Connection, queries
from volley_contracts import InboundMessage

_SQL = queries(__package__, "inbound.sql")


async def add(
    connection: Connection, route_id: UUID, messages: Sequence[tuple[Inbound, InboundMessage]], at: datetime
) -> set[UUID]:
    """Store messages of one account; the ids of those that are new. `at`: when we received them."""
    if not messages:
        return set()
    columns = (
        [event.message_id for _, event in messages],
        [inbound.provider_key for inbound, _ in messages],
        [event.from_number for _, event in messages],
        [event.to_address for _, event in messages],
        [event.text for _, event in messages],
        [event.keyword for _, event in messages],
        [inbound.at for inbound, _ in messages],
    )
    rows = await connection.fetch(_SQL["add"], messages[0][1].account_id, route_id, *columns, at)
    return {row["message_id"] for row in rows}
