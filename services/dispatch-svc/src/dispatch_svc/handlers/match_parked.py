"""Tries parked receipts again: most were earlier than the settlement of their slice, some tell of unknown messages."""

import asyncio
from datetime import timedelta
from itertools import groupby

import asyncpg
import structlog

from dispatch_svc.handlers.record_receipts import match, settle_unknown, tell
from dispatch_svc.store import messages, parked
from dispatch_svc.store.parked import Parked
from volley_chassis.database import Connection, Pool
from volley_contracts import now

log = structlog.get_logger()
_SWEEP_SECONDS = 0.5
_AT_ONCE = 1000
# Only a receipt that waited this long can be about an unknown message to the same number: until then it may be early.
_BY_NUMBER_AFTER = timedelta(seconds=30)


async def match_parked(pool: Pool) -> None:
    """Until cancelled."""
    while True:
        try:
            while await match_some(pool) == _AT_ONCE:
                pass
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("parked receipts will be tried again", error=repr(error))
        await asyncio.sleep(_SWEEP_SECONDS)


async def match_some(pool: Pool, by_number_after: timedelta = _BY_NUMBER_AFTER) -> int:
    """Try those that are due; how many these were."""
    async with pool.acquire() as connection, connection.transaction():
        due = await parked.take_due(connection, _AT_ONCE)
        ordered = sorted(due, key=_route_of)
        for _, group in groupby(ordered, key=_route_of):
            await _match(connection, list(group), by_number_after)
    return len(due)


def _route_of(one: Parked) -> tuple[str, str]:
    return str(one.account_id), str(one.route_id)


async def _match(connection: Connection, due: list[Parked], by_number_after: timedelta) -> None:
    account_id, route_id = due[0].account_id, due[0].route_id
    unmatched = {id(receipt) for receipt in await match(connection, account_id, route_id, [p.receipt for p in due])}
    rest, finals, oldest = [], [], now() - by_number_after
    for one in due:
        if id(one.receipt) not in unmatched:
            continue
        receipt, unknown = one.receipt, None
        if one.parked_at <= oldest:
            unknown = await messages.take_unknown_by_number(connection, route_id, receipt.to, receipt.from_)
        if unknown is None:
            rest.append(one)
        else:
            finals.append(await settle_unknown(connection, unknown, receipt))
    await tell(connection, account_id, finals)
    await parked.repark(connection, rest)
