"""Finds the senders that have work and keeps one pacer for each."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc import metrics
from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.pace_sender import Pacer
from dispatch_svc.store import pieces
from dispatch_svc.store.pieces import Work
from dispatch_svc.store.senders import paces as sender_paces

log = structlog.get_logger()
_SWEEP_SECONDS = 1.0
# Rings of many pieces that come at once are answered together.
_GATHER_SECONDS = 0.005
_IDLE_SECONDS = 30.0


class Bell:
    """Which senders may have work. Rung by notifications; `None` means any."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()
        self._senders: set[UUID] = set()
        self._all = True

    def ring(self, sender_id: UUID | None) -> None:
        if sender_id is None:
            self._all = True
        else:
            self._senders.add(sender_id)
        self._rung.set()

    async def wait(self) -> list[UUID] | None:
        """The senders rung for, or None for all: asked for, or nobody rang for a while."""
        try:
            async with asyncio.timeout(_SWEEP_SECONDS):
                await self._rung.wait()
        except TimeoutError:
            self._all = True
        else:
            await asyncio.sleep(_GATHER_SECONDS)
        senders = None if self._all else list(self._senders)
        self._rung.clear()
        self._senders, self._all = set(), False
        return senders


class Pacers:
    """The pacers of this process by sender."""

    def __init__(self, means: Means, bell: Bell) -> None:
        self._means = means
        self._bell = bell
        self._pacers: dict[UUID, Pacer] = {}

    async def run(self) -> None:
        """Until cancelled; then what has left is settled, and what has not goes back, within `stop_within`."""
        try:
            while True:
                senders = await self._bell.wait()
                try:
                    await self._look(senders)
                except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    log.warning("no look at the queue", error=repr(error))
                    await asyncio.sleep(_SWEEP_SECONDS)
        finally:
            await self._stop()

    async def _look(self, senders: Sequence[UUID] | None) -> None:
        async with self._means.pool.acquire() as connection:
            work = await pieces.work(connection, senders)
            concerned = {one.sender_id for one in work} | (set(self._pacers) if senders is None else set(senders))
            paces = await sender_paces(connection, concerned)
        by_sender: dict[UUID, list[Work]] = {sender_id: [] for sender_id in concerned}
        for one in work:
            by_sender[one.sender_id].append(one)
        for sender_id, works in by_sender.items():
            rate = paces.get(sender_id)
            if rate and works and sender_id not in self._pacers:
                self._pacers[sender_id] = Pacer(self._means, sender_id, rate)
            if rate and sender_id in self._pacers:
                self._pacers[sender_id].set_pace(rate)
                self._pacers[sender_id].set_work(works)
        await self._dismiss()
        metrics.SENDERS.set(sum(map(bool, by_sender.values())) if senders is None else len(self._pacers))

    async def _dismiss(self) -> None:
        now = time.monotonic()
        for sender_id, pacer in list(self._pacers.items()):
            if pacer.idle_for(now) > _IDLE_SECONDS:
                del self._pacers[sender_id]
                await pacer.stop(0)

    async def _stop(self) -> None:
        self._means.ownership.stop()
        within = self._means.settings.stop_within * 0.8
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*(pacer.stop(within) for pacer in self._pacers.values()))
