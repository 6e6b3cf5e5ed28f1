"""Pools: their domains in the order of rotation, their capacity, and whether they are exhausted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from link_svc.domain.allotment import UNLIMITED, Kind, Supply, rotated
from link_svc.store.domains import Domain
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "pools.sql")


class Pool(msgspec.Struct, frozen=True):
    """An exhausted pool has a queue: batches that need it wait their turn. One of a campaign is its list of domains."""

    id: UUID
    name: str
    purpose: Kind
    exhausted: bool
    created_at: datetime
    campaign_id: UUID | None


class LockedPool(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    purpose: Kind
    exhausted: bool
    last_position: int
    campaign_id: UUID | None


class Figures(msgspec.Struct, frozen=True):
    """Exhausted pools and messages that wait, of all accounts."""

    exhausted: int
    waiting: int


async def add(connection: Connection, pool_id: UUID, account_id: UUID, *, name: str, purpose: Kind) -> None:
    await connection.execute(_SQL["add"], pool_id, account_id, name, purpose)


async def of_campaign(
    connection: Connection, pool_id: UUID, account_id: UUID, *, campaign_id: UUID, name: str, purpose: Kind
) -> UUID | None:
    """The campaign's own pool, made under `pool_id` where it has none; locked. None: another account's campaign."""
    found: UUID | None = await connection.fetchval(_SQL["of_campaign"], pool_id, account_id, name, purpose, campaign_id)
    return found


async def get(connection: Connection, account_id: UUID, pool_id: UUID) -> Pool | None:
    row = await connection.fetchrow(_SQL["get"], account_id, pool_id)
    return Pool(**row) if row else None


async def page(connection: Connection, account_id: UUID, *, after: UUID | None, limit: int) -> list[Pool]:
    return [Pool(**row) for row in await connection.fetch(_SQL["page"], account_id, after, limit)]


async def total(connection: Connection, account_id: UUID) -> int:
    return int(await connection.fetchval(_SQL["total"], account_id))


async def members(connection: Connection, pool_ids: Sequence[UUID]) -> dict[UUID, list[Domain]]:
    """The domains of each pool in the order of rotation."""
    found: dict[UUID, list[Domain]] = defaultdict(list)
    for pool_id, _position, *domain in await connection.fetch(_SQL["members"], pool_ids):
        found[pool_id].append(Domain(*domain))
    return found


async def waiting(connection: Connection, pool_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Messages that wait for each pool; pools that nothing waits for are left out."""
    return {row["pool_id"]: row["messages"] for row in await connection.fetch(_SQL["waiting"], pool_ids)}


async def lock(connection: Connection, account_id: UUID, pool_ids: Sequence[UUID]) -> list[LockedPool]:
    """Those of the pools that exist, locked until the transaction ends."""
    return [LockedPool(**row) for row in await connection.fetch(_SQL["lock"], account_id, pool_ids)]


async def rename(connection: Connection, pool_id: UUID, name: str) -> None:
    await connection.execute(_SQL["rename"], pool_id, name)


async def owns_domains(connection: Connection, account_id: UUID, domain_ids: Sequence[UUID]) -> bool:
    """Whether all (distinct) domains are the account's and none is archived."""
    return bool(await connection.fetchval(_SQL["owned_domains"], account_id, domain_ids) == len(domain_ids))


async def set_domains(connection: Connection, pool_id: UUID, domain_ids: Sequence[UUID]) -> None:
    await connection.execute(_SQL["clear_domains"], pool_id)
    await add_domains(connection, pool_id, domain_ids)


async def add_domains(connection: Connection, pool_id: UUID, domain_ids: Sequence[UUID]) -> None:
    """Append domains to the rotation; those that are in it keep their place."""
    await connection.execute(_SQL["add_domains"], pool_id, domain_ids)


async def remove_domain(connection: Connection, pool_id: UUID, domain_id: UUID) -> bool:
    return bool(await connection.fetchval(_SQL["remove_domain"], pool_id, domain_id))


async def lock_supplies(connection: Connection, pools: Sequence[LockedPool]) -> dict[UUID, list[Supply]]:
    """What the active domains of each pool have left, in their order of use; the domains are locked."""
    rows = await connection.fetch(_SQL["lock_supplies"], [pool.id for pool in pools])
    supplies: dict[UUID, list[Supply]] = defaultdict(list)
    for pool_id, position, domain_id, limit, used in rows:
        supplies[pool_id].append(Supply(domain_id, position, UNLIMITED if limit is None else limit - used))
    return {pool.id: rotated(supplies[pool.id], pool.last_position) for pool in pools}


async def served(connection: Connection, pool_id: UUID, position: int) -> None:
    """Remember whose turn it was."""
    await connection.execute(_SQL["served"], pool_id, position)


async def mark(connection: Connection, pool_id: UUID, *, exhausted: bool) -> None:
    await connection.execute(_SQL["mark"], pool_id, exhausted)


async def refillable(connection: Connection) -> list[tuple[UUID, UUID]]:
    """Exhausted pools (id, account) of which a domain has capacity."""
    return [(row["id"], row["account_id"]) for row in await connection.fetch(_SQL["refillable"])]


async def figures(connection: Connection) -> Figures:
    row = await connection.fetchrow(_SQL["figures"])
    assert row is not None
    return Figures(**row)
