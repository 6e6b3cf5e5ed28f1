"""Delivery receipts: each message's last word once, whatever providers repeat, and whenever they send it."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec
import stamina

from dispatch_svc import metrics
from dispatch_svc.domain.handover import Receipt
from dispatch_svc.domain.receipts import Final, joined, receipt_events
from dispatch_svc.domain.refs import message_of
from dispatch_svc.domain.unknown import Unknown, revised_events
from dispatch_svc.handlers.settle_slice import SOURCE
from dispatch_svc.store import messages, parked
from dispatch_svc.store.messages import FinishedPart
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.faults import fault_point
from volley_contracts import now


class Unmatched(msgspec.Struct, frozen=True):
    """A receipt that matches nothing yet. `taken`: its id is that of a part with another receipt, for a provider that
    counts its ids anew may mean a message that is not settled yet.
    """

    receipt: Receipt
    taken: bool


@stamina.retry(on=asyncpg.TransactionRollbackError, attempts=5, wait_initial=0.01)
async def record_receipts(pool: Pool, account_id: UUID, route_id: UUID, receipts: Sequence[Receipt]) -> None:
    """When it returns they are committed. What matches nothing yet is parked: it may be early."""
    async with pool.acquire() as connection, connection.transaction():
        unmatched = await match(connection, account_id, route_id, receipts)
        await parked.park(connection, account_id, route_id, [one.receipt for one in unmatched])
    fault_point("dispatch.receipts_recorded")
    metrics.RECEIPTS.labels("parked").inc(len(unmatched))


async def match(
    connection: Connection, account_id: UUID, route_id: UUID, receipts: Sequence[Receipt]
) -> list[Unmatched]:
    """Record what matches a part by the provider's id, or an unknown message by our reference; gives the rest."""
    finished = await messages.finish_parts(connection, route_id, receipts)
    finals = await _whole(connection, finished)
    matched = {part.provider_id for part in finished}
    rest = [receipt for receipt in receipts if receipt.provider_id not in matched]
    before = await messages.finished_parts(connection, route_id, [r.provider_id for r in rest]) if rest else {}
    unmatched, known = [], []
    for receipt in rest:
        if before.get(receipt.provider_id) == (receipt.status, receipt.at):
            metrics.RECEIPTS.labels("repeated").inc()
        elif unknown := await _named_by(connection, account_id, receipt):
            known.append((unknown, [receipt]))
        else:
            unmatched.append(Unmatched(receipt, receipt.provider_id in before))
    finals += await settle_unknown(connection, known)
    await tell(connection, account_id, finals)
    return unmatched


async def tell(connection: Connection, account_id: UUID, finals: Sequence[Final]) -> None:
    for event in receipt_events(account_id, finals):
        await outbox.put(connection, event, source=SOURCE)
    metrics.RECEIPTS.labels("final").inc(len(finals))


async def _whole(connection: Connection, finished: Sequence[FinishedPart]) -> list[Final]:
    """The last words on messages all of whose parts have a receipt now."""
    finals = [part.final for part in finished if part.part_count == 1]
    long = {(part.final.campaign_id, part.final.seq) for part in finished if part.part_count > 1}
    if long:
        finals += map(joined, await messages.finals_of_long(connection, long))
    return finals


async def _named_by(connection: Connection, account_id: UUID, receipt: Receipt) -> Unknown | None:
    """The unknown message, if there is one, that the receipt names by our reference."""
    named = message_of(receipt.ref) if receipt.ref else None
    return None if named is None else await messages.take_unknown(connection, account_id, *named)


async def settle_unknown(connection: Connection, known: Sequence[tuple[Unknown, Sequence[Receipt]]]) -> list[Final]:
    """The messages are known to have been submitted; the receipts are their last words."""
    for event in revised_events((unknown for unknown, _ in known), now()):
        await outbox.put(connection, event, source=SOURCE)
    return [await messages.add_finished(connection, unknown, receipts) for unknown, receipts in known]
