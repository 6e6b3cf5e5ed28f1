"""The pacer of one sender ID in one process: leases slices as its pace needs them, fairly over its campaigns."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc import metrics
from dispatch_svc.clients.permits import Permits
from dispatch_svc.domain import pacing
from dispatch_svc.domain.slices import Fate, Slice
from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.send_slice import SenderPace, send_slice
from dispatch_svc.store import slices
from dispatch_svc.store.pieces import Work

log = structlog.get_logger()
# Slices that are leased and wait for their slots.
_AHEAD = 3
_LOOK_AGAIN = 0.02
_LOOK_SELDOM = 0.5
_BROKEN_WAIT = 1.0
_LONGEST_HOLD = 1.0
_LENGTHS_KEPT = 1000


class Pacer:
    """Runs until stopped. What there is to do comes by `set_work`."""

    def __init__(self, means: Means, sender_id: UUID, rate: int) -> None:
        self._means = means
        self._sender_id = sender_id
        self._pace = SenderPace(
            Permits(means.redis, sender_id, means.settings.instance), rate, means.settings.slices_in_flight
        )
        self._fair = pacing.Fair()
        self._came_back: set[UUID] = set()
        self._lengths: dict[UUID, float] = {}
        self._held: dict[UUID, float] = {}
        self._waiting = 0
        self._stopping = False
        self._on_their_way: set[asyncio.Task[None]] = set()
        self._bell = asyncio.Event()
        self._busy_at = time.monotonic()
        self._task = asyncio.create_task(self._run())

    def set_pace(self, rate: int) -> None:
        """In parts a second: for what leaves from now on, and so also for what is on its way."""
        self._pace.set_rate(rate)

    def set_work(self, works: Sequence[Work]) -> None:
        """The sender's campaigns that have something to send."""
        if works:
            self._busy_at = time.monotonic()
        self._came_back = {work.campaign_id for work in works if work.came_back}
        self._fair.set_campaigns([work.campaign_id for work in works])
        self._bell.set()

    def idle_for(self, now: float) -> float:
        """Seconds without work."""
        return 0.0 if len(self._fair) or self._on_their_way else now - self._busy_at

    async def stop(self, within: float) -> None:
        """Lease nothing more; wait for what is on its way, then leave it to be recovered."""
        ends = time.monotonic() + within
        self._stopping = True
        self._bell.set()
        # A lease that is under way is waited for: cancelled, it might be made and never be carried.
        await asyncio.wait([self._task], timeout=within)
        self._task.cancel()
        await self._pace.permits.release()
        if self._on_their_way:
            _, late = await asyncio.wait(self._on_their_way, timeout=max(0.0, ends - time.monotonic()))
            for task in late:
                task.cancel()

    async def _run(self) -> None:
        while not self._stopping:
            try:
                leased = await self._next_slice()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("nothing could be leased", sender_id=str(self._sender_id), error=repr(error))
                await asyncio.sleep(_BROKEN_WAIT)
                continue
            except Exception:
                log.exception("leasing failed; trying again", sender_id=str(self._sender_id))
                await asyncio.sleep(_BROKEN_WAIT)
                continue
            if leased:
                self._waiting += 1
                task = asyncio.create_task(self._carry(leased))
                self._on_their_way.add(task)
                task.add_done_callback(self._arrived)

    async def _next_slice(self) -> Slice | None:
        """Waits a little where there is nothing to do now, or no room for more on its way."""
        ownership, now = self._means.ownership, time.monotonic()
        full = self._waiting >= _AHEAD or len(self._on_their_way) >= self._means.settings.slices_in_flight
        self._held = {campaign: until for campaign, until in self._held.items() if until > now}
        campaign_id = None if full else self._fair.next(but=set(self._held))
        owner_id = ownership.owner_id
        # Asked even when there is no room, so that a slow sender stays with its process.
        ours = len(self._fair) > 0 and await self._pace.permits.hold(self._pace.window.rate)
        if campaign_id is None or owner_id is None or not ours or not ownership.alive():
            await self._rung(_LOOK_AGAIN if self._held else _LOOK_SELDOM)
            return None
        leased = await self._lease(campaign_id, owner_id)
        if leased:
            self._fair.served(campaign_id, len(leased.offsets) * self._lengths.get(campaign_id, 1.0))
        else:
            # Nothing is left of it, or another replica is leasing from its only piece: the next look tells.
            self._fair.remove(campaign_id)
            ownership.look_again(self._sender_id)
        return leased

    async def _lease(self, campaign_id: UUID, owner_id: int) -> Slice | None:
        room, leased = self._means.room, None
        most = pacing.slice_size(self._pace.window.rate, self._lengths.get(campaign_id, 1.0))
        await room.take(most)
        try:
            async with self._means.pool.acquire() as connection:
                if campaign_id in self._came_back:
                    leased = await slices.lease_returned(connection, self._sender_id, campaign_id, most, owner_id)
                    if leased is None:
                        self._came_back.discard(campaign_id)
                if leased is None:
                    leased = await slices.lease_fresh(connection, self._sender_id, campaign_id, most, owner_id)
        finally:
            room.give(most - (len(leased.offsets) if leased else 0))
        return leased

    async def _carry(self, leased: Slice) -> None:
        permitted = asyncio.Event()
        watch = asyncio.create_task(self._count_down(permitted))
        try:
            self._learn(leased, await send_slice(self._means, self._pace, leased, permitted))
        except Exception:
            # It stays this owner's: nothing is sent twice, and it is recovered when the process was restarted.
            log.exception("a slice could not be carried", slice_no=leased.slice_no)
            metrics.BROKEN_SLICES.inc()
            self._held[leased.campaign_id] = time.monotonic() + _BROKEN_WAIT
        finally:
            permitted.set()
            await watch
            self._means.room.give(len(leased.offsets))

    async def _count_down(self, permitted: asyncio.Event) -> None:
        await permitted.wait()
        self._waiting -= 1
        self._bell.set()

    def _learn(self, leased: Slice, fates: Sequence[Fate]) -> None:
        """How long the campaign's messages are, and whether it had better wait a little."""
        campaign_id = leased.campaign_id
        parts = [fate.parts for fate in fates if fate.parts]
        if parts:
            if len(self._lengths) > _LENGTHS_KEPT:
                self._lengths.clear()
            self._lengths[campaign_id] = sum(parts) / len(parts)
        hold = max((fate.wait for fate in fates if fate.outcome is None), default=0.0)
        if hold:
            self._held[campaign_id] = time.monotonic() + min(hold, _LONGEST_HOLD)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._on_their_way.discard(task)
        self._busy_at = time.monotonic()
        self._bell.set()

    async def _rung(self, seconds: float) -> None:
        """Wait for a ring, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bell.wait()
        self._bell.clear()
