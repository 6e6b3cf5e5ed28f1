"""Receipts that matched nothing yet."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from dispatch_svc.domain.handover import Receipt
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "parked.sql")


class Parked(msgspec.Struct, frozen=True):
    """may_be_early: a slice that the receipt may be about is still on its way."""

    account_id: UUID
    route_id: UUID
    receipt: Receipt
    parked_at: datetime
    tries: int
    may_be_early: bool


async def park(connection: Connection, account_id: UUID, route_id: UUID, receipts: Sequence[Receipt]) -> None:
    if receipts:
        columns = zip(*((r.provider_id, r.ref, r.to, r.from_, r.status, r.error, r.at) for r in receipts), strict=True)
        await connection.execute(_SQL["park"], account_id, route_id, *map(list, columns))


async def take_due(connection: Connection, limit: int) -> list[Parked]:
    """Receipts to try again, out of the table: put back with `repark` what matches nothing."""
    rows = await connection.fetch(_SQL["take_due"], limit)
    return [
        Parked(row["account_id"], row["route_id"], _receipt(row), row["parked_at"], row["tries"], row["may_be_early"])
        for row in rows
    ]


async def take_of_number(
    connection: Connection, route_id: UUID, number: str, sender: str, *, but: Sequence[str], limit: int
) -> list[Receipt]:
    """Receipts of messages from the sender to the number, due or not, out of the table; none of the ids in `but`."""
    rows = await connection.fetch(_SQL["take_of_number"], route_id, number, sender, but, limit)
    return [_receipt(row) for row in rows]


def _receipt(row: asyncpg.Record) -> Receipt:
    return Receipt(
        provider_id=row["provider_id"],
        ref=row["ref"],
        to=row["number"],
        from_=row["sender"],
        status=row["status"],
        error=row["error"],
        at=row["status_at"],
    )


async def repark(connection: Connection, parked: Sequence[Parked]) -> None:
    arguments = [
        (
            one.account_id,
            one.route_id,
            one.receipt.provider_id,
            one.receipt.ref,
            one.receipt.to,
            one.receipt.from_,
            one.receipt.status,
            one.receipt.error,
            one.receipt.at,
            one.parked_at,
            one.tries,
        )
        for one in parked
    ]
    await connection.executemany(_SQL["repark"], arguments)
