"""Tries parked receipts again: most were earlier than the settlement of their slice, some tell of unknown messages."""

import asyncio
from itertools import groupby

import asyncpg
import structlog

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
    rest, known = [], []
    for one in due:
        receipt, unknown = one.receipt, None
        if id(receipt) not in taken:
            continue
        if not one.may_be_early and not taken[id(receipt)]:
            unknown = await messages.take_unknown_by_number(connection, route_id, receipt.to, receipt.from_)
        if unknown is None:
            rest.append(one)
        else:
            known.append((unknown, receipt))
    await tell(connection, account_id, await settle_unknown(connection, known))
    await parked.repark(connection, rest)
