"""Tries parked receipts again: most were earlier than the settlement of their slice, some tell of unknown messages."""

import asyncio
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc.domain.handover import Receipt
from dispatch_svc.domain.unknown import Unknown
from dispatch_svc.handlers.record_receipts import match, settle_unknown, tell
from dispatch_svc.store import messages, parked
from dispatch_svc.store.parked import Parked
from volley_chassis.database import Connection, Pool

log = structlog.get_logger()
_SWEEP_SECONDS = 0.5
_AT_ONCE = 1000


async def match_parked(pool: Pool) -> None:
    """Until cancelled."""
    while True:
        try:
            while await match_some(pool) == _AT_ONCE:
                pass
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("parked receipts will be tried again", error=repr(error))
        await asyncio.sleep(_SWEEP_SECONDS)


async def match_some(pool: Pool) -> int:
    """Try those that are due; how many these were."""
    async with pool.acquire() as connection, connection.transaction():
        due = await parked.take_due(connection, _AT_ONCE)
        ordered = sorted(due, key=_route_of)
        for _, group in groupby(ordered, key=_route_of):
            await _match(connection, list(group))
    return len(due)


def _route_of(one: Parked) -> tuple[str, str]:
    return str(one.account_id), str(one.route_id)


async def _match(connection: Connection, due: list[Parked]) -> None:
    account_id, route_id = due[0].account_id, due[0].route_id
    unmatched = await match(connection, account_id, route_id, [one.receipt for one in due])
    taken = {id(one.receipt): one.taken for one in unmatched}
    waiting = [one for one in due if id(one.receipt) in taken]
    late = [one.receipt for one in waiting if not one.may_be_early and not taken[id(one.receipt)]]
    known = await _of_unknown(connection, route_id, late)
    await tell(connection, account_id, await settle_unknown(connection, known))
    used = {id(receipt) for _, receipts in known for receipt in receipts}
    await parked.repark(connection, [one for one in waiting if id(one.receipt) not in used])


async def _of_unknown(
    connection: Connection, route_id: UUID, late: Sequence[Receipt]
) -> list[tuple[Unknown, list[Receipt]]]:
    """The unknown messages that the receipts are about, by number and sender, each with a receipt a part."""
    groups: dict[tuple[str, str], dict[str, Receipt]] = {}
    for receipt in late:
        groups.setdefault((receipt.to, receipt.from_), {}).setdefault(receipt.provider_id, receipt)
    known: list[tuple[Unknown, list[Receipt]]] = []
    for (number, sender), by_id in groups.items():
        rest = list(by_id.values())
        while rest and (unknown := await _take_unknown(connection, route_id, number, sender, rest)):
            used, rest = rest[: unknown.parts], rest[unknown.parts :]
            if lacking := unknown.parts - len(used):
                used += await parked.take_of_number(
                    connection, route_id, number, sender, but=list(by_id), limit=lacking
                )
            known.append((unknown, used))
    return known


async def _take_unknown(
    connection: Connection, route_id: UUID, number: str, sender: str, receipts: Sequence[Receipt]
) -> Unknown | None:
    ids = [receipt.provider_id for receipt in receipts]
    return await messages.take_unknown_by_number(connection, route_id, number, sender, ids)
