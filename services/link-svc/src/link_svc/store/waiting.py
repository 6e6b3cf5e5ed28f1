"""Batches, or the rest of them, that wait for the capacity of a pool; and campaigns that wait for nothing any more."""

from uuid import UUID

import msgspec

from volley_chassis.database import Connection, queries
from volley_contracts import CampaignBatch, encode

_SQL = queries(__package__, "waiting.sql")
_batch = msgspec.json.Decoder(CampaignBatch)


class Waiting(msgspec.Struct, frozen=True):
    """A place in the queue of one pool or of two."""

    id: int
    account_id: UUID
    short_pool_id: UUID | None
    optout_pool_id: UUID | None

    @property
    def pool_ids(self) -> list[UUID]:
        return [pool_id for pool_id in (self.short_pool_id, self.optout_pool_id) if pool_id is not None]


async def add(connection: Connection, batch: CampaignBatch) -> None:
    """Put all recipients of the batch at the end of the queue."""
    await connection.execute(
        _SQL["add"],
        batch.account_id,
        batch.campaign_id,
        len(batch.recipients.numbers),
        batch.short_pool_id,
        batch.optout_pool_id,
        encode(batch),
    )


async def next_for(connection: Connection, pool_id: UUID, after: int) -> Waiting | None:
    """The next in the pool's queue after the place `after` (0: from the start)."""
    row = await connection.fetchrow(_SQL["next"], pool_id, after)
    return Waiting(**row) if row else None


async def lock(connection: Connection, place: int) -> CampaignBatch | None:
    """What waits there; None where it does not any more."""
    value = await connection.fetchval(_SQL["lock"], place)
    return None if value is None else _batch.decode(value)


async def of_batch(connection: Connection, campaign_id: UUID, batch_no: int) -> list[tuple[int, CampaignBatch]]:
    """Places of a batch, or of its rest, with what waits there; locked."""
    rows = await connection.fetch(_SQL["of_campaign"], campaign_id)
    found = [(row["id"], _batch.decode(row["batch"])) for row in rows]
    return [(place, batch) for place, batch in found if batch.batch_no == batch_no]


async def shrink(connection: Connection, place: int, rest: CampaignBatch) -> None:
    await connection.execute(_SQL["shrink"], place, len(rest.recipients.numbers), encode(rest))


async def remove(connection: Connection, place: int) -> None:
    await connection.execute(_SQL["remove"], place)


async def campaigns(connection: Connection, pool_id: UUID) -> tuple[UUID, ...]:
    """The campaigns of which something waits for the pool."""
    return tuple(row["campaign_id"] for row in await connection.fetch(_SQL["campaigns"], pool_id))


async def anything_for(connection: Connection, pool_id: UUID) -> bool:
    return bool(await connection.fetchval(_SQL["anything"], pool_id))


async def end_campaign(connection: Connection, campaign_id: UUID) -> int:
    """Drop what waits of the campaign and let nothing more of it in. Gives the messages dropped."""
    await connection.execute(_SQL["end_campaign"], campaign_id)
    return int(await connection.fetchval(_SQL["drop_campaign"], campaign_id))


async def ended(connection: Connection, campaign_id: UUID) -> bool:
    return bool(await connection.fetchval(_SQL["ended"], campaign_id))
