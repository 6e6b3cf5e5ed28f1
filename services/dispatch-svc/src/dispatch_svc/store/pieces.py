"""The queue: pieces of batches as they came, and which of them have something to send."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

import msgspec

from volley_chassis.database import Connection, queries
from volley_contracts import SENDABLE, LinkedBatch, encode

_SQL = queries(__package__, "pieces.sql")
_LINKED_BATCH = msgspec.json.Decoder(LinkedBatch)
NEVER_AGAIN = ("aborted", "deleted")


class Work(msgspec.Struct, frozen=True):
    """A campaign of a sender that has something to send. came_back: some of it was leased before and is due again."""

    sender_id: UUID
    campaign_id: UUID
    came_back: bool


class Rest(msgspec.Struct, frozen=True):
    """What was not handed over of a piece."""

    sender_id: UUID
    pace: int
    offsets: list[int]
    batch: LinkedBatch


async def take(connection: Connection, batch: LinkedBatch) -> Literal["new", "revised"] | None:
    """What the piece is to the queue, which has it when the transaction commits; None: it was there."""
    sender = batch.sender
    taken = await connection.fetchrow(
        _SQL["take"],
        batch.campaign_id,
        batch.first_seq,
        batch.account_id,
        sender.id,
        sender.parts_per_second,
        len(batch.recipients.numbers),
        encode(batch),
        batch.content.version,
        [stretch.opens for stretch in batch.sendable],
        [stretch.closes for stretch in batch.sendable],
    )
    if taken is None:
        return None
    return "new" if taken["is_new"] else "revised"


async def work(connection: Connection, senders: Sequence[UUID] | None = None) -> list[Work]:
    rows = await connection.fetch(_SQL["work"], senders, list(SENDABLE))
    return [Work(row["sender_id"], row["campaign_id"], row["came_back"]) for row in rows]


async def batch_of(connection: Connection, campaign_id: UUID, first_seq: int) -> LinkedBatch:
    return _LINKED_BATCH.decode(await connection.fetchval(_SQL["value"], campaign_id, first_seq))


async def unsendable(connection: Connection, limit: int) -> list[tuple[UUID, int]]:
    """(campaign, first seq) of pieces with recipients that will never be sent to."""
    rows = await connection.fetch(_SQL["unsendable"], NEVER_AGAIN, limit)
    return [(row["campaign_id"], row["first_seq"]) for row in rows]


async def take_rest(connection: Connection, campaign_id: UUID, first_seq: int) -> Rest | None:
    """Take out of the queue what was not handed over of a piece. Slices on their way are not in the queue."""
    row = await connection.fetchrow(_SQL["take_rest"], campaign_id, first_seq)
    if row is None:
        return None
    returned = await connection.fetch(_SQL["take_returned"], campaign_id, first_seq)
    offsets = [offset for group in returned for offset in group["offsets"]]
    offsets += range(row["next_offset"], row["size"])
    if not offsets:
        return None
    return Rest(row["sender_id"], row["pace"], offsets, _LINKED_BATCH.decode(row["value"]))


async def forget_values(connection: Connection) -> None:
    await connection.execute(_SQL["forget_values"])
