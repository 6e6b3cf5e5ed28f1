"""Where accounts can be sent to, as it was last told."""

from uuid import UUID

from dispatch_svc.domain.route_health import Health
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "route_health.sql")


async def mine(connection: Connection) -> bool:
    """Whether this transaction is the one that looks after it."""
    return bool(await connection.fetchval(_SQL["mine"]))


async def working(connection: Connection) -> frozenset[UUID]:
    """Routes that some process can use."""
    return frozenset([row["route_id"] for row in await connection.fetch(_SQL["working"])])


async def known(connection: Connection) -> dict[UUID, Health]:
    """By account."""
    return {
        row["account_id"]: Health(None if row["reachable"] is None else frozenset(row["reachable"]), row["worse_since"])
        for row in await connection.fetch(_SQL["known"])
    }


async def save(connection: Connection, account_id: UUID, health: Health) -> None:
    told = None if health.told is None else sorted(health.told)
    await connection.execute(_SQL["save"], account_id, told, health.worse_since)
