"""What providers took, by their own ids, and what they may have taken."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from dispatch_svc.domain.handover import Receipt
from dispatch_svc.domain.receipts import Final, joined
from dispatch_svc.domain.rendering import Piece
from dispatch_svc.domain.slices import Fate
from dispatch_svc.domain.unknown import Unknown
from volley_chassis.database import Connection, queries

SQL = queries(__package__, "messages.sql")


class FinishedPart(msgspec.Struct, frozen=True):
    """A part that has its receipt now."""

    provider_id: str
    part_count: int
    final: Final


async def add_parts(connection: Connection, piece: Piece, fates: Sequence[Fate]) -> None:
    """Remember the provider ids of submitted messages whose route gives receipts."""
    recipients, first_seq = piece.batch.recipients, piece.batch.first_seq
    routes: dict[UUID, list[tuple[str, int, int, str, int]]] = {}
    for fate in fates:
        if fate.receipts and fate.route_id and fate.outcome == "submitted":
            rows = routes.setdefault(fate.route_id, [])
            offset, count = fate.offset, len(fate.provider_ids)
            variant, country = recipients.variants[offset], recipients.countries[offset]
            rows += [(id_, first_seq + offset, variant, country, count) for id_ in fate.provider_ids]
    for route_id, rows in routes.items():
        if rows:
            domain_id = piece.batch.short.domain_id if piece.batch.short else None
            await _add_parts(connection, route_id, piece.campaign_id, *map(list, zip(*rows, strict=True)), domain_id)


async def _add_parts(connection: Connection, *columns: object) -> None:
    """Looking for each id first costs nearly as much again, and hardly ever finds one."""
    try:
        async with connection.transaction():
            await connection.execute(SQL["add_parts"], *columns)
    except asyncpg.UniqueViolationError:
        await connection.execute(SQL["add_known_parts"], *columns)


async def finish_parts(connection: Connection, route_id: UUID, receipts: Sequence[Receipt]) -> list[FinishedPart]:
    """Give each part its receipt; those parts that had none before."""
    ordered = sorted(receipts, key=lambda receipt: receipt.provider_id)  # the same order of locks everywhere
    rows = await connection.fetch(
        SQL["finish_parts"],
        route_id,
        [r.provider_id for r in ordered],
        [r.status for r in ordered],
        [r.error for r in ordered],
        [r.at for r in ordered],
    )
    return [FinishedPart(row["provider_id"], row["part_count"], _final(row)) for row in rows]


def _final(row: asyncpg.Record) -> Final:
    return Final(
        row["campaign_id"],
        row["seq"],
        row["variant"],
        row["country"],
        row["status"],
        row["error"],
        row["status_at"],
        row["short_domain_id"],
    )


async def finished_parts(
    connection: Connection, route_id: UUID, provider_ids: Sequence[str]
) -> dict[str, tuple[str, datetime]]:
    """The status and time of the receipts that parts have, by the provider's id."""
    rows = await connection.fetch(SQL["finished_parts"], route_id, provider_ids)
    return {row["provider_id"]: (row["status"], row["status_at"]) for row in rows}


async def finals_of_long(connection: Connection, messages: Collection[tuple[UUID, int]]) -> list[list[Final]]:
    """The receipts of all parts of each long message (campaign, seq) that has them all. Holds back other askers."""
    names = [f"{campaign_id}:{seq}" for campaign_id, seq in messages]
    await connection.execute(SQL["lock_messages"], names)
    rows = await connection.fetch(SQL["parts_of"], *map(list, zip(*messages, strict=True)))
    parts: dict[tuple[UUID, int], list[asyncpg.Record]] = {}
    for row in rows:
        parts.setdefault((row["campaign_id"], row["seq"]), []).append(row)
    return [[_final(row) for row in of_one] for of_one in parts.values() if _all_known(of_one)]


def _all_known(parts: Sequence[asyncpg.Record]) -> bool:
    return len(parts) >= max(row["part_count"] for row in parts) and all(row["status"] for row in parts)


async def add_unknown(connection: Connection, piece: Piece, currency: str, fates: Sequence[Fate]) -> None:
    batch, recipients = piece.batch, piece.batch.recipients
    rows = [
        (
            batch.first_seq + fate.offset,
            fate.route_id,
            recipients.numbers[fate.offset],
            recipients.variants[fate.offset],
            recipients.countries[fate.offset],
            fate.parts,
            fate.cost,
        )
        for fate in fates
        if fate.outcome == "unknown" and fate.route_id
    ]
    if rows:
        await connection.execute(
            SQL["add_unknown"],
            batch.campaign_id,
            batch.account_id,
            batch.sender.address,
            batch.batch_no,
            batch.sender.id,
            batch.short.domain_id if batch.short else None,
            batch.optout.domain_id if batch.optout else None,
            currency,
            *map(list, zip(*rows, strict=True)),
        )


async def take_unknown(connection: Connection, account_id: UUID, campaign_id: UUID, seq: int) -> Unknown | None:
    return _unknown(await connection.fetchrow(SQL["take_unknown"], campaign_id, seq, account_id))


async def take_unknown_by_number(
    connection: Connection, route_id: UUID, number: str, sender: str, at_hand: Sequence[str]
) -> Unknown | None:
    """The oldest unknown message from the sender to the number that has a receipt for each of its parts.

    `at_hand`: the provider's ids in receipts; those that are parked count too.
    """
    return _unknown(await connection.fetchrow(SQL["take_unknown_by_number"], route_id, number, sender, at_hand))


def _unknown(row: asyncpg.Record | None) -> Unknown | None:
    return None if row is None else Unknown(*(row[field] for field in Unknown.__struct_fields__))


async def add_finished(connection: Connection, unknown: Unknown, receipts: Sequence[Receipt]) -> Final:
    """Remember the receipts that settled an unknown message, so that their repetitions are known for such."""
    count = len(receipts)
    await connection.execute(
        SQL["add_known_parts"],
        unknown.route_id,
        unknown.campaign_id,
        [receipt.provider_id for receipt in receipts],
        [unknown.seq] * count,
        [unknown.variant] * count,
        [unknown.country] * count,
        [1] * count,
        unknown.short_domain_id,
    )
    return joined([part.final for part in await finish_parts(connection, unknown.route_id, receipts)])
