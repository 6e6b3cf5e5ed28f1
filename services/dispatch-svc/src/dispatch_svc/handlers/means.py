"""What sending needs, made once in app.py: connections, open routes, and the memory of what is read again and again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import redis.asyncio

from dispatch_svc import metrics
from dispatch_svc.config import Settings
from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.handover import Routes
from dispatch_svc.domain.rendering import Approved, Piece, open_piece
from dispatch_svc.handlers.ownership import Ownership
from dispatch_svc.store import pieces
from volley_chassis.database import Connection, Pool
from volley_contracts import LinkedBatch

# Large pieces are bound by their recipients, those of one recipient by what a piece itself takes.
_PIECES_KEPT, _RECIPIENTS_KEPT = 100, 60_000
_CARD_SECONDS = 5.0
ReadCard = Callable[[Connection, UUID], Awaitable[RateCard | None]]


class Pieces:
    """The pieces that slices are being cut from, decoded and compiled once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._kept: OrderedDict[tuple[UUID, int], Piece] = OrderedDict()
        self._recipients = 0

    async def get(self, campaign_id: UUID, first_seq: int, approved: Approved | None = None) -> Piece:
        """Read anew where the piece in memory does not have the approved texts: it may have come again with them."""
        key = (campaign_id, first_seq)
        piece = self._kept.get(key)
        if piece is None or (approved and not approved.passes(piece.batch.content)):
            async with self._pool.acquire() as connection:
                piece = open_piece(await pieces.batch_of(connection, campaign_id, first_seq))
            self._keep(piece)
        else:
            self._kept.move_to_end(key)
        return piece

    def keep(self, batch: LinkedBatch) -> None:
        """What was just put into the queue: its slices are leased soon, and mostly by the process that took it."""
        self._keep(open_piece(batch))

    def _keep(self, piece: Piece) -> None:
        key = (piece.campaign_id, piece.batch.first_seq)
        self._drop(self._kept.pop(key, None))
        self._kept[key] = piece
        self._recipients += piece.size
        while len(self._kept) > _PIECES_KEPT or (self._recipients > _RECIPIENTS_KEPT and len(self._kept) > 1):
            self._drop(self._kept.popitem(last=False)[1])

    def _drop(self, piece: Piece | None) -> None:
        self._recipients -= piece.size if piece else 0


class RateCards:
    """The accounts' rate cards; a change is seen within seconds."""

    def __init__(self, pool: Pool, read: ReadCard) -> None:
        self._pool = pool
        self._read = read
        self._kept: dict[UUID, tuple[float, RateCard | None]] = {}

    async def get(self, account_id: UUID) -> RateCard | None:
        now = time.monotonic()
        at, card = self._kept.get(account_id, (0.0, None))
        if now - at > _CARD_SECONDS:
            async with self._pool.acquire() as connection:
                card = await self._read(connection, account_id)
            self._kept[account_id] = (now, card)
        return card


class Room:
    """Bounds the messages on their way, and so the memory of the process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._given = asyncio.Event()

    async def take(self, count: int) -> None:
        while self._used and self._used + count > self._most:
            self._given.clear()
            await self._given.wait()
        self._add(count)

    def give(self, count: int) -> None:
        self._add(-count)
        self._given.set()

    def _add(self, count: int) -> None:
        self._used += count
        metrics.IN_FLIGHT.set(self._used)


@dataclass(frozen=True, slots=True)
class Means:
    settings: Settings
    pool: Pool
    redis: "redis.asyncio.Redis"
    routes: Routes
    ownership: Ownership
    pieces: Pieces
    cards: RateCards
    room: Room
