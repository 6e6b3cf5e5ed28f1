"""A slice of a dead process is judged: what never left goes back, what may have left is asked for, or is unknown."""

import asyncio

from dispatch_svc import metrics
from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.handover import Client, Handed
from dispatch_svc.domain.rendering import ContentChangedError, Message, Piece, render
from dispatch_svc.domain.slices import Fate
from dispatch_svc.handlers.hand_over import Item, fate_of
from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.send_slice import NO_CURRENCY
from dispatch_svc.handlers.settle_slice import settle_slice
from dispatch_svc.store.slices import Orphan
from volley_chassis.faults import fault_point

_ASKED_AT_ONCE = 50


class NoAnswerError(Exception):
    """The provider cannot be asked at the moment; the slice stays as it is."""


async def reconcile_slice(means: Means, orphan: Orphan, *, give_up: bool) -> bool:
    """Settle a dead owner's slice. False: its provider did not answer, try again; with `give_up` it is unknown then."""
    leased = orphan.slice
    piece = await means.pieces.get(leased.campaign_id, leased.first_seq)
    card = await means.cards.get(piece.batch.account_id)
    if orphan.state == "leased":
        fates = [Fate(offset, None) for offset in leased.offsets]
    else:
        try:
            fates = await _judge(means, orphan, piece, card, give_up=give_up)
        except NoAnswerError:
            return False
    fault_point("dispatch.judged")
    currency = card.currency if card else NO_CURRENCY
    if await settle_slice(means.pool, piece, leased, fates, currency=currency, state=orphan.state):
        for fate in fates:
            metrics.RECOVERED.labels(fate.outcome or "back").inc()
    return True


async def _judge(means: Means, orphan: Orphan, piece: Piece, card: RateCard | None, *, give_up: bool) -> list[Fate]:
    try:
        messages = render(piece, orphan.slice.offsets)
    except (ContentChangedError, IndexError, ValueError):  # nothing of it was ever handed over
        return [Fate(offset, "failed", "content_changed") for offset in orphan.slice.offsets]
    suppressed = set(orphan.suppressed)
    asking = asyncio.Semaphore(_ASKED_AT_ONCE)

    async def judge(message: Message) -> Fate:
        route_id = orphan.routes.get(message.country)
        if message.number in suppressed:
            return Fate(message.offset, "suppressed")
        if route_id is None:
            return Fate(message.offset, None)
        cost = card.cost(message.country, len(message.parts)) if card else None
        if cost is None:
            return Fate(message.offset, "failed", "no_price")
        client = means.routes.get(route_id)
        if client is None or not client.can_be_asked:
            receipts = client is not None and client.gives_receipts
            parts = len(message.parts)
            return Fate(message.offset, "unknown", "process_died", parts, cost, route_id, receipts=receipts)
        async with asking:
            handed = await _ask(client, message.ref, give_up=give_up)
        return fate_of(Item(message, client, cost), handed) or Fate(message.offset, None)

    return await asyncio.gather(*(judge(message) for message in messages))


async def _ask(client: Client, ref: str, *, give_up: bool) -> Handed:
    try:
        return await client.find(ref) or Handed(ref, "not_sent")
    except (OSError, TimeoutError) as error:
        if give_up:
            return Handed(ref, "unknown", error="process_died")
        raise NoAnswerError from error
