"""The processes that lease slices, and the advisory lock that proves one of them alive."""

from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "owners.sql")
_LOCKS = 73_061  # the first number of every owner's lock; the second is its id


async def register(connection: Connection, instance: str) -> int:
    """A new owner, whose lock the connection holds from now on."""
    row = await connection.fetchrow(_SQL["register"], instance, _LOCKS)
    assert row is not None
    assert row["held"], "a new owner's lock is free"
    owner_id: int = row["owner_id"]
    return owner_id


async def try_lock(connection: Connection, owner_id: int) -> bool:
    """Whether the connection holds the owner's lock now: the owner is dead. Release it with `unlock`."""
    return bool(await connection.fetchval(_SQL["hold"], _LOCKS, owner_id))


async def unlock(connection: Connection, owner_id: int) -> None:
    await connection.execute(_SQL["release"], _LOCKS, owner_id)


async def others(connection: Connection, owner_id: int) -> list[int]:
    return [row["owner_id"] for row in await connection.fetch(_SQL["others"], owner_id)]


async def found_dead(connection: Connection, owner_id: int) -> float:
    """Seconds since the owner's death was first seen."""
    seconds: float = await connection.fetchval(_SQL["found_dead"], owner_id)
    return seconds


async def forget(connection: Connection, owner_id: int) -> None:
    """Remove an owner that has long been dead and has no slice on its way."""
    await connection.execute(_SQL["forget"], owner_id)
