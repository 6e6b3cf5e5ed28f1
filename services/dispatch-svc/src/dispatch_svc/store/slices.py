"""Slices: leasing them from the queue, marking them before anything leaves, settling them once."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec

from dispatch_svc.domain.slices import Fate, Return, Slice
from volley_chassis.database import Connection, queries
from volley_contracts import SENDABLE

_SQL = queries(__package__, "slices.sql")


class Orphan(msgspec.Struct, frozen=True):
    """A slice whose owner is dead. `suppressed` and `routes` (country -> route id) are from when it became sending."""

    slice: Slice
    state: Literal["leased", "sending"]
    suppressed: list[str]
    routes: dict[str, UUID]


class Settled(msgspec.Struct, frozen=True):
    """What was reserved for the slice of its campaign's budget, and whether what it spent is `counted`."""

    reserved: Decimal
    counted: bool


async def lease_returned(
    connection: Connection, sender_id: UUID, campaign_id: UUID, most: int, owner_id: int
) -> Slice | None:
    """Up to `most` of the campaign's recipients that came back and are due."""
    row = await connection.fetchrow(_SQL["lease_returned"], sender_id, campaign_id, most, owner_id)
    return _slice(row) if row else None


async def lease_fresh(
    connection: Connection, sender_id: UUID, campaign_id: UUID, most: int, owner_id: int
) -> Slice | None:
    """Up to `most` of the campaign's next recipients, of one piece."""
    row = await connection.fetchrow(_SQL["lease_fresh"], sender_id, campaign_id, most, owner_id)
    return _slice(row) if row else None


def _slice(row: asyncpg.Record) -> Slice:
    return Slice(*(row[field] for field in Slice.__struct_fields__))


async def mark_sending(
    connection: Connection,
    leased: Slice,
    account_id: UUID,
    numbers: Sequence[str],
    routes: Mapping[str, UUID],
    content_hash: str,
    *,
    reserved: Decimal | None = None,
) -> set[str] | None:
    """The suppressed ones among the numbers, or None: nothing of the slice may leave.

    `reserved`: what its messages may cost, of the campaign's budget; it must have none otherwise.
    """
    named = {country: str(route) for country, route in routes.items()}
    values = (leased.slice_no, account_id, numbers, named, list(SENDABLE), content_hash, leased.owner_id, reserved)
    row = await connection.fetchrow(_SQL["mark_sending"], *values)
    return None if row is None else set(row["suppressed"])


async def settle(
    connection: Connection, leased: Slice, fates: Sequence[Fate], state: Literal["leased", "sending"] | None = None
) -> Settled | None:
    """Store the outcomes in the slice's row. None: somebody else has settled it, or it is in another state."""
    settled = [fate for fate in fates if fate.outcome is not None]
    outcomes, costs, errors = _compact([(fate.outcome, fate.billed, fate.error) for fate in settled])
    row = await connection.fetchrow(
        _SQL["settle"],
        leased.slice_no,
        [fate.offset for fate in settled],
        outcomes,
        costs,
        errors,
        state,
        leased.owner_id,
    )
    return Settled(**row) if row else None


def _compact(rows: list[tuple[object, ...]]) -> list[list[object]]:
    """The columns; with one entry each where all rows are the same, as they mostly are."""
    if rows and rows.count(rows[0]) == len(rows):
        rows = rows[:1]
    return [list(column) for column in zip(*rows, strict=True)] or [[], [], []]


async def insert_done(
    connection: Connection,
    *,
    campaign_id: UUID,
    first_seq: int,
    sender_id: UUID,
    pace: int,
    offsets: Sequence[int],
    outcome: str,
) -> int:
    """A settled slice of recipients that were never leased; gives its number."""
    number: int = await connection.fetchval(
        _SQL["insert_done"], campaign_id, first_seq, sender_id, pace, offsets, outcome
    )
    return number


async def put_back(connection: Connection, leased: Slice, groups: Sequence[Return]) -> None:
    for group in groups:
        await connection.execute(
            _SQL["put_back"],
            leased.campaign_id,
            leased.first_seq,
            leased.sender_id,
            leased.pace,
            group.offsets,
            group.attempts,
            group.tried_since,
            group.wait,
            group.avoid,
        )


async def orphans(connection: Connection, owner_id: int, *, sending_too: bool, limit: int) -> list[Orphan]:
    rows = await connection.fetch(_SQL["leased_of_dead"], owner_id, sending_too, limit)
    return [
        Orphan(
            _slice(row),
            row["state"],
            row["suppressed"] or [],
            {country: UUID(route) for country, route in (row["routes"] or {}).items()},
        )
        for row in rows
    ]
