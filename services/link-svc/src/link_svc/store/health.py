"""What checks of domains found, and which are due."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from link_svc.domain.health import Health
from volley_chassis.database import Connection, Pool, queries

_SQL = queries(__package__, "health.sql")


class Checked(msgspec.Struct, frozen=True):
    """A domain to be checked, or one that was."""

    id: UUID
    account_id: UUID
    host: str


async def claim(pool: Pool, every: timedelta, most: int) -> list[Checked]:
    """Domains whose check is due; nobody else gets them until it is due again."""
    ids = [row["domain_id"] for row in await pool.fetch(_SQL["claim"], every, most)]
    return [Checked(**row) for row in await pool.fetch(_SQL["domains"], ids)] if ids else []


async def of(connection: Connection, domain_ids: Sequence[UUID]) -> dict[UUID, Health]:
    """Those that were ever checked."""
    found = {}
    for domain_id, *rest in await connection.fetch(_SQL["of"], domain_ids):
        found[domain_id] = Health(*rest)
    return found


async def save(connection: Connection, domain_id: UUID, health: Health, next_check_at: datetime) -> None:
    await connection.execute(
        _SQL["save"],
        domain_id,
        next_check_at,
        health.checked_at,
        health.problem,
        health.certificate_expires_at,
        health.failures,
        health.told,
    )


async def forget_unused(connection: Connection) -> list[Checked]:
    """Domains that others were told fail, and that are in use no more."""
    return [Checked(**row) for row in await connection.fetch(_SQL["forget_unused"])]
