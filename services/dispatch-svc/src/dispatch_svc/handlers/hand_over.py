"""Messages leave for their routes in the slots that they were given, in chunks of a few milliseconds.

A client is only handed what may leave at once, and asks again before it writes: what is written late counts from then
on, or comes back and asks for other slots, so that late messages never bunch with those that are on time.
"""

import asyncio
import math
import time
from collections import deque
from decimal import Decimal

import structlog

from dispatch_svc.domain import pacing
from dispatch_svc.domain.handover import Client, Handed, MaySend, Outbound
from dispatch_svc.domain.rendering import Message, Piece
from dispatch_svc.domain.slices import Fate
from volley_chassis.faults import fault_point
from volley_contracts import now as utc_now

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
    """What may leave at once, until `closes`. `sent` has it counted; a message longer than a second is spread."""

    def __init__(self, items: list[Item], closes: float, sent: pacing.Sent | None, part_due: list[float]) -> None:
        self.items, self.closes, self.sent, self.part_due = items, closes, sent, part_due

    def may_leave(self, window: pacing.Window) -> bool:
        """Asked before it is written: it counts from when it really leaves."""
        now = time.monotonic()
        if now > self.closes:
            return False
        if self.sent is None:
            return True
        sent = window.leave(self.sent, now)
        if sent is None:
            return False
        self.sent = sent
        # The loop gives to the network what was written before it turns to what was asked of it meanwhile.
        asyncio.get_running_loop().call_soon(_left, window, sent)
        return True


def _left(window: pacing.Window, sent: pacing.Sent) -> None:
    window.left(sent, time.monotonic())


class _Schedule:
    """Items in the order of their slots. `wake`: when there may be more to take."""

    def __init__(self, items: list[Item], slots: pacing.Slots, window: pacing.Window) -> None:
        self.waiting = deque(items)
        self.missed: list[Item] = []
        self.wake = 0.0
        self._slots, self._window = slots, window
        self._used = 0

    def due(self, now: float) -> list[_Chunk]:
        """Take what may leave now, by client; what missed its slots goes to `missed`."""
        groups: dict[Client, list[Item]] = {}
        waiting, window, room = self.waiting, self._window, self._window.room(now)
        closes = float("inf")
        while waiting:
            item = waiting[0]
            if item.count > window.rate:
                return self._chunks(groups, closes, now) or self._spread(item, room, now)
            # A message leaves whole, in the last of its slots.
            after = (self._used + item.count - 1) * self._slots.step
            if now > self._slots.closes + after:
                self._skip(self.missed)
                continue
            self.wake = self._slots.opens + after
            if self.wake <= now and item.count > room:
                self.wake = now if groups else window.earliest(item.count, now)
                break
            if self.wake > now:
                break
            room -= item.count
            closes = min(closes, self._slots.closes + after)
            self._skip(groups.setdefault(item.client, []))
        return self._chunks(groups, closes, now)

    def _skip(self, into: list[Item]) -> None:
        item = self.waiting.popleft()
        self._used += item.count
        into.append(item)

    def _chunks(self, groups: dict[Client, list[Item]], closes: float, now: float) -> list[_Chunk]:
        return [
            _Chunk(items, closes, self._window.add(sum(item.count for item in items), now), [])
            for items in groups.values()
        ]

    def _spread(self, item: Item, room: int, now: float) -> list[_Chunk]:
        """The parts of a message that is longer than a second leave one by one."""
        step, window = self._slots.step, self._window
        self.wake = self._slots.opens + self._used * step
        if self.wake <= now and room <= 0:
            self.wake = window.earliest(1, now)
        if self.wake > now:
            return []
        taken: list[Item] = []
        self._skip(taken)
        times = [now + number * step for number in range(item.count)]
        for at in times:
            window.add(1, at)
        return [_Chunk(taken, times[-1] + 1.0, None, times[1:])]


async def hand_over(
    piece: Piece, items: list[Item], slots: pacing.Slots, window: pacing.Window, may_send: MaySend
) -> tuple[list[tuple[Item, Handed]], list[Item], list[Item]]:
    """What was handed over with what became of it, what missed its slots, and what was held back by `may_send`."""
    schedule = _Schedule(items, slots, window)
    calls = []
    while schedule.waiting and may_send():
        chunks = schedule.due(time.monotonic())
        calls += [asyncio.create_task(_call(piece, chunk, window, may_send)) for chunk in chunks]
        fault_point("dispatch.between_chunks")
        if schedule.waiting:
            await asyncio.sleep(max(schedule.wake - time.monotonic(), _TICK))
    done = [pair for call in calls for pair in await call]
    return done, schedule.missed, list(schedule.waiting)


async def _call(piece: Piece, chunk: _Chunk, window: pacing.Window, may_send: MaySend) -> list[tuple[Item, Handed]]:
    now, client = time.monotonic(), chunk.items[0].client
    valid_for = piece.valid_for(utc_now())
    seconds = None if valid_for is None else max(1, math.ceil(valid_for))
    outbounds = [_outbound(piece, item.message, now, chunk.part_due, seconds) for item in chunk.items]
    try:
        answers = await client.hand_over(outbounds, lambda: may_send() and chunk.may_leave(window))
    except Exception:
        log.exception("a route failed", route_id=str(client.route_id))
        answers = []
    fault_point("dispatch.chunk_answered")
    by_ref = {handed.ref: handed for handed in answers}
    return [
        (item, by_ref.get(item.message.ref) or Handed(item.message.ref, "unknown", error="route_failed"))
        for item in chunk.items
    ]


def _outbound(piece: Piece, message: Message, due: float, part_due: list[float], valid_for: int | None) -> Outbound:
    sender = piece.batch.sender
    return Outbound(
        ref=message.ref,
        to=message.number,
        sender=sender.address,
        sender_kind=sender.kind,
        parts=message.parts,
        data_coding=message.data_coding,
        text=message.text,
        due=due,
        part_due=part_due or [due] * (len(message.parts) - 1),
        valid_for=valid_for,
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
