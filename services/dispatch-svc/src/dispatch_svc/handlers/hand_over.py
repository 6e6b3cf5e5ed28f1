"""Messages leave for their routes in the slots that they were given, in chunks of a few milliseconds.

A client is only handed what may leave at once, and may take no longer than a few milliseconds to write it: what is late
comes back and asks for other slots, so that late messages never bunch with those that are on time.
"""

import asyncio
import time
from collections import deque
from decimal import Decimal

import structlog

from dispatch_svc.domain import pacing
from dispatch_svc.domain.handover import Client, Handed, MaySend, Outbound
from dispatch_svc.domain.refs import ref_of
from dispatch_svc.domain.rendering import Message, Piece
from dispatch_svc.domain.slices import Fate

log = structlog.get_logger()
# Chunks are at least this far apart, in seconds.
_TICK = 0.004
_LONGEST_ERROR = 200


class Item:
    """A message that is to be handed over, to whom, and what it costs."""

    __slots__ = ("client", "cost", "count", "message")

    def __init__(self, message: Message, client: Client, cost: Decimal) -> None:
        self.message, self.client, self.cost = message, client, cost
        self.count = len(message.parts)


class _Chunk:
    """What may leave now. `closes`: until when it must be written. `wake`: when there may be more."""

    def __init__(self, now: float) -> None:
        self.items: list[Item] = []
        self.closes = now + pacing.LATE_WRITE
        self.wake = now
        self.part_due: list[float] = []


class _Schedule:
    """Items in the order of their slots."""

    def __init__(self, items: list[Item], slots: pacing.Slots, window: pacing.Window) -> None:
        self.waiting = deque(items)
        self.missed: list[Item] = []
        self._slots, self._window = slots, window
        self._used = 0

    def due(self, now: float) -> _Chunk:
        """Take what may leave now; what missed its slots goes to `missed`."""
        chunk = _Chunk(now)
        slots, window, waiting = self._slots, self._window, self.waiting
        while waiting:
            item = waiting[0]
            long = item.count > window.rate
            # A message leaves whole, in the last of its slots, unless it has more parts than a second holds.
            after = (self._used if long else self._used + item.count - 1) * slots.step
            if now > slots.closes + after:
                self._used += item.count
                self.missed.append(waiting.popleft())
                continue
            chunk.wake = max(slots.opens + after, window.earliest(item.count, now))
            if chunk.wake > now or (long and chunk.items):
                break
            self._used += item.count
            chunk.items.append(waiting.popleft())
            chunk.closes = min(chunk.closes, slots.closes + after)
            if long:
                self._spread(item, chunk, now)
                break
            window.add(item.count, now)
        return chunk

    def _spread(self, item: Item, chunk: _Chunk, now: float) -> None:
        """The parts of a message that is longer than a second leave one by one."""
        for number in range(item.count):
            self._window.add(1, now + number * self._slots.step)
        chunk.part_due = [now + number * self._slots.step for number in range(1, item.count)]
        chunk.closes = now + item.count * self._slots.step + 1.0


async def hand_over(
    piece: Piece, items: list[Item], slots: pacing.Slots, window: pacing.Window, may_send: MaySend
) -> tuple[list[tuple[Item, Handed]], list[Item], list[Item]]:
    """What was handed over with what became of it, what missed its slots, and what was held back by `may_send`."""
    schedule = _Schedule(items, slots, window)
    calls = []
    while schedule.waiting and may_send():
        chunk = schedule.due(time.monotonic())
        calls += [
            asyncio.create_task(_call(piece, client, group, chunk, may_send))
            for client, group in _by_client(chunk.items).items()
        ]
        if schedule.waiting:
            await asyncio.sleep(max(chunk.wake - time.monotonic(), _TICK))
    done = [pair for call in calls for pair in await call]
    return done, schedule.missed, list(schedule.waiting)


def _by_client(items: list[Item]) -> dict[Client, list[Item]]:
    groups: dict[Client, list[Item]] = {}
    for item in items:
        groups.setdefault(item.client, []).append(item)
    return groups


async def _call(
    piece: Piece, client: Client, items: list[Item], chunk: _Chunk, may_send: MaySend
) -> list[tuple[Item, Handed]]:
    closes, monotonic = chunk.closes, time.monotonic
    now = monotonic()
    outbounds = [_outbound(piece, item.message, now, chunk.part_due) for item in items]
    try:
        answers = await client.hand_over(outbounds, lambda: monotonic() < closes and may_send())
    except Exception:
        log.exception("a route failed", route_id=str(client.route_id))
        answers = []
    by_ref = {handed.ref: handed for handed in answers}
    return [
        (item, by_ref.get(outbound.ref) or Handed(outbound.ref, "unknown", error="route_failed"))
        for item, outbound in zip(items, outbounds, strict=True)
    ]


def _outbound(piece: Piece, message: Message, due: float, part_due: list[float]) -> Outbound:
    sender = piece.batch.sender
    return Outbound(
        ref=ref_of(piece.campaign_id, message.seq),
        to=message.number,
        sender=sender.address,
        sender_kind=sender.kind,
        parts=message.parts,
        data_coding=message.data_coding,
        text=message.text,
        due=due,
        part_due=part_due or [due] * (len(message.parts) - 1),
    )


def fate_of(item: Item, handed: Handed) -> Fate | None:
    """The fate that an answer means, or None: it never left."""
    if handed.result == "not_sent":
        return None
    error = handed.error[:_LONGEST_ERROR] if handed.error else None
    fate = Fate(item.message.offset, None, error, item.count, item.cost, item.client.route_id)
    fate.receipts = item.client.gives_receipts
    if handed.result == "retry":
        fate.refused_now, fate.wait = True, handed.retry_after
    elif handed.result == "submitted":
        fate.outcome, fate.provider_ids, fate.error = "submitted", handed.provider_ids, None
    else:
        fate.outcome = "failed" if handed.result == "refused" else "unknown"
    return fate
