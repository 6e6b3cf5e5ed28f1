"""One slice from lease to settlement: render, permits, the write before, hand-over in slots, the write after."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from dispatch_svc import metrics
from dispatch_svc.clients.permits import Permits
from dispatch_svc.domain import pacing
from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.handover import ROUTE_REFUSALS, Client, Handed
from dispatch_svc.domain.rendering import Approved, ContentChangedError, Piece, render
from dispatch_svc.domain.slices import Fate, Slice
from dispatch_svc.handlers.hand_over import Item, fate_of, hand_over
from dispatch_svc.handlers.mark_slice import Marked, mark_slice
from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.settle_slice import patiently, settle_slice
from dispatch_svc.store import suppressions
from volley_chassis.faults import fault_point
from volley_contracts import now

NO_ROUTE_WAIT = 1.0
# The piece is on its way with the texts that passed since.
NEW_TEXT_WAIT = 0.2
NO_CURRENCY = "XXX"  # ISO 4217: no currency
# The write before comes this long before the first slot.
_MARK_AHEAD = 0.1
# A slice whose slots were missed this often goes back into the queue for a while.
_ROUNDS = 20
_MISSED_WAIT = 0.5


class SenderPace:
    """What the slices of one sender share in this process; at most `most` of them are handed over at once."""

    def __init__(self, permits: Permits, rate: int, most: int) -> None:
        self.permits = permits
        self.window = pacing.Window(rate)
        self._turns = pacing.Turns(most)
        self._turn_free = asyncio.Condition()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Slots are asked for when their messages can leave: a provider that takes less than the pace allows gets its
        messages from few slices, and the others wait without missing slots.
        """
        async with self._turn_free:
            await self._turn_free.wait_for(self._turns.take)
        try:
            yield
        finally:
            self._turns.give_back()
            async with self._turn_free:
                self._turn_free.notify_all()

    def learn(self, *, missed: bool) -> None:
        """Whether a slice missed slots."""
        self._turns.learn(missed=missed)

    def set_rate(self, rate: int) -> None:
        faster = rate > self.window.rate
        self.window.rate = rate
        if faster:
            self.permits.start_anew()

    async def slots(self, items: Sequence[Item]) -> pacing.Slots:
        return await self.permits.take(sum(item.count for item in items), self.window)


class Sending:
    """A slice on its way, and the fates of its recipients as they become known."""

    def __init__(self, means: Means, pace: SenderPace, piece: Piece, leased: Slice) -> None:
        self.means, self.pace, self.piece, self.leased = means, pace, piece, leased
        self.fates: list[Fate] = []

    def may_send(self) -> bool:
        """Asked before every write to a provider. A slice leased before this process lost its proof never leaves."""
        ownership = self.means.ownership
        return (
            ownership.owner_id == self.leased.owner_id
            and ownership.may_send(self.leased.campaign_id, self.piece.batch.content)
            and not self.piece.expired(now())
        )

    def back(self, items: Sequence[Item], wait: float = 0.0) -> None:
        self.fates += [Fate(item.message.offset, None, wait=wait) for item in items]


async def send_slice(means: Means, pace: SenderPace, leased: Slice, permitted: asyncio.Event) -> list[Fate]:
    """Carry a leased slice to its settlement. `permitted` is set when it has its slots, or needs none."""
    async for attempt in patiently():
        with attempt:
            approved = means.ownership.approved(leased.campaign_id)
            piece = await means.pieces.get(leased.campaign_id, leased.first_seq, approved)
            card = await means.cards.get(piece.batch.account_id)
    if approved:
        piece = piece.begun(approved.since, now())
    sending = Sending(means, pace, piece, leased)
    fault_point("dispatch.leased")
    try:
        items = plan(sending, card, approved)
        if items:
            await _send(sending, items, permitted)
    finally:
        permitted.set()
    fault_point("dispatch.handed_over")
    assert len(sending.fates) == len(leased.offsets), "every recipient has a fate"
    currency = card.currency if card else NO_CURRENCY
    await settle_slice(means.pool, piece, leased, sending.fates, currency=currency)
    fault_point("dispatch.settled")
    return sending.fates


def plan(sending: Sending, card: RateCard | None, approved: Approved | None) -> list[Item]:
    """What can be handed over, and to which route; the fates of all others are decided."""
    account_id, fates, items = sending.piece.batch.account_id, sending.fates, []
    avoid = sending.leased.avoid
    clients: dict[str, Client | None] = {}
    if approved and sending.piece.expired(now()):
        fates += [Fate(offset, "failed", "expired") for offset in sending.leased.offsets]
        return []
    try:
        if approved and approved.replaces(sending.piece.batch.content):
            fates += [Fate(offset, None, wait=NEW_TEXT_WAIT) for offset in sending.leased.offsets]
            return []
        messages = render(sending.piece, sending.leased.offsets)
    except (ContentChangedError, IndexError, ValueError) as error:
        reason = "content_changed" if isinstance(error, ContentChangedError) else "not_renderable"
        fates += [Fate(offset, "failed", reason) for offset in sending.leased.offsets]
        return []
    for message in messages:
        country = message.country
        if country not in clients:
            clients[country] = sending.means.routes.choose(account_id, country, avoid)
        client = clients[country]
        cost = card.cost(country, len(message.parts)) if card else None
        if cost is None:
            fates.append(Fate(message.offset, "failed", "no_price"))
        elif client is None and avoid:
            fates.append(Fate(message.offset, "failed", "refused_by_every_route"))
        elif client is None:
            fates.append(Fate(message.offset, None, wait=NO_ROUTE_WAIT))
        else:
            items.append(Item(message, client, cost))
    return items


async def _send(sending: Sending, items: list[Item], permitted: asyncio.Event) -> None:
    pace, items = sending.pace, _cut(sending, items)
    async with pace.turn():
        slots = await pace.slots(items)
        permitted.set()
        await asyncio.sleep(slots.opens - time.monotonic() - _MARK_AHEAD)
        items = await _mark(sending, items)
        fault_point("dispatch.marked")
        missed = await _round(sending, items, slots)
    for _ in range(_ROUNDS - 1):
        if not missed:
            return
        metrics.MISSED.inc(sum(item.count for item in missed))
        missed = _cut(sending, missed)
        async with pace.turn():
            slots = await pace.slots(missed)
            items = _left_out(sending, missed, await _suppressed(sending, missed))
            missed = await _round(sending, items, slots)
    sending.back(missed, _MISSED_WAIT)


def _cut(sending: Sending, items: list[Item]) -> list[Item]:
    """What a second of the pace holds; the rest goes back. A sender was slowed down since the slice was leased."""
    fits = pacing.fitting([item.count for item in items], sending.pace.window.rate)
    sending.back(items[fits:])
    return items[:fits]


async def _mark(sending: Sending, items: list[Item]) -> list[Item]:
    """The write before the first hand-over. Left out is what is suppressed, may not be sent after all, or is more than
    the budget pays for.
    """
    marked = Marked([], set())
    if sending.may_send():
        async for attempt in patiently():
            with attempt:
                async with sending.means.pool.acquire() as connection:
                    marked = await mark_slice(connection, sending.piece, sending.leased, items)
    if len(marked.items) < len(items):
        leaving = set(marked.items)
        sending.back([item for item in items if item not in leaving], marked.wait)
    return _left_out(sending, marked.items, marked.suppressed)


async def _suppressed(sending: Sending, items: list[Item]) -> set[str]:
    """Those of the numbers that must not be texted by now."""
    if not sending.piece.heeds_optouts:
        return set()
    numbers = [item.message.number for item in items]
    async for attempt in patiently():
        with attempt:
            async with sending.means.pool.acquire() as connection:
                found = await suppressions.among(connection, sending.piece.batch.account_id, numbers)
    return found


def _left_out(sending: Sending, items: list[Item], suppressed: set[str]) -> list[Item]:
    """The others; the fates of the suppressed ones are decided."""
    if not suppressed:
        return items
    out = [item for item in items if item.message.number in suppressed]
    sending.fates += [Fate(item.message.offset, "suppressed") for item in out]
    return [item for item in items if item.message.number not in suppressed]


async def _round(sending: Sending, items: list[Item], slots: pacing.Slots) -> list[Item]:
    """Hand over what can leave in these slots; gives those that missed theirs and may have others."""
    done, missed, held = await hand_over(sending.piece, items, slots, sending.pace.window, sending.may_send)
    for item, handed in done:
        fate = _elsewhere(sending, item, handed) or fate_of(item, handed)
        if fate is not None:
            sending.fates.append(fate)
        elif sending.may_send() and item.client.healthy:
            missed.append(item)
        else:
            held.append(item)
    sending.pace.learn(missed=bool(missed))
    sending.back(held, NO_ROUTE_WAIT if sending.may_send() else 0.0)
    return missed


def _elsewhere(sending: Sending, item: Item, handed: Handed) -> Fate | None:
    """Back into the queue for another route, if the message was refused for what this one may carry."""
    if handed.result != "refused" or handed.error not in ROUTE_REFUSALS:
        return None
    refused_by = item.client.route_id
    account_id, avoid = sending.piece.batch.account_id, [*sending.leased.avoid, refused_by]
    other = sending.means.routes.choose(account_id, item.message.country, avoid)
    return Fate(item.message.offset, None, avoid=refused_by) if other else None
