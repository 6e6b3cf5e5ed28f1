"""Permits to send, from Redis: slots in time that are given out once, whatever the number of processes that ask."""

import asyncio
import contextlib
import time
from uuid import UUID

import redis.asyncio
import redis.exceptions
import structlog
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from dispatch_svc.domain import pacing
from dispatch_svc.metrics import PERMITS_UNREACHABLE
from volley_contracts import new_id

log = structlog.get_logger()

# KEYS: the state of the sender, of the server. ARGV, spans in microseconds: parts wanted; how far ahead slots are given
# out; how long a slot may be used by a process that is alone; how far ahead the asker's own last slot is; its name; how
# far apart slots are while the sender is the asker's alone; while it is shared; how long a grant may last; anew 0 or 1.
# tat: the first free slot. asker: who asked last. shared: until when the sender counts as shared by several.
# A process that joins is given slots after those that the one which was alone may still use.
# anew: the pace is higher than it was. Who is alone does not wait until the slots of the lower one are over: its own
# window is exact.
# run, since: which server this is, and when its memory began. A server that was restarted, replaced or emptied may have
# forgotten slots, so it gives none before all are over that may have been given; an asker's own it is told.
# Answer: granted 0 or 1, microseconds to the first slot (or to wait), shared 0 or 1.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local server = redis.call('HMGET', KEYS[2], 'run', 'since')
if server[1] ~= run then
    server[2] = now
    redis.call('HSET', KEYS[2], 'run', run, 'since', string.format('%.0f', now))
end
local state = redis.call('HMGET', KEYS[1], 'tat', 'asker', 'shared')
local tat = math.max(tonumber(state[1]) or 0, now + tonumber(ARGV[4]), server[2] + ARGV[2] + ARGV[3] + ARGV[8])
local shared = tonumber(state[3]) or 0
if ARGV[9] == '1' and state[2] == ARGV[5] and now >= shared then
    tat = math.max(now, server[2] + ARGV[2] + ARGV[3] + ARGV[8])
end
if state[2] and state[2] ~= ARGV[5] then
    if now >= shared then tat = tat + tonumber(ARGV[3]) end
    shared = now + 10000000
end
local start = math.max(now, tat)
local granted = start <= now + tonumber(ARGV[2])
local step = tonumber(shared > now and ARGV[7] or ARGV[6])
if granted then tat = start + tonumber(ARGV[1]) * step end
redis.call('HSET', KEYS[1], 'tat', string.format('%.1f', tat), 'asker', ARGV[5],
    'shared', string.format('%.0f', shared))
redis.call('PEXPIRE', KEYS[1], 3600000 + math.ceil(math.max(0, tat - now) / 1000))
local wait = granted and start - now or start - now - tonumber(ARGV[2])
return {granted and 1 or 0, math.ceil(wait), shared > now and 1 or 0}
"""
# One process at a time is the sender's, unless it is silent for a while. It is a matter of efficiency alone.
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
_SERVER = "volley:pace-server"
_HOLD_MILLISECONDS = 3000
_RENEW_SECONDS = 0.5
_PROCESS = new_id()
_MICRO = 1_000_000
_LOST = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, redis.exceptions.ResponseError, OSError)
_RETRY_SECONDS = 0.2


def connect(url: str) -> "redis.asyncio.Redis":
    """A client that fails at once when Redis is away: `Permits` try again themselves, and sooner."""
    retry = Retry(NoBackoff(), 0)
    return redis.asyncio.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, retry=retry)


class Permits:
    """The permits of one sender ID, asked for by one process, in the order of the asking."""

    def __init__(self, client: "redis.asyncio.Redis", sender_id: UUID, instance: str) -> None:
        """`instance` is the replica's name; what asks for slots is this process, of which a restart makes another."""
        self._take, self._hold = client.register_script(_TAKE), client.register_script(_HOLD)
        self._release = client.register_script(_RELEASE)
        self._key = f"volley:pace:{sender_id}"
        self._holder = f"volley:sends:{sender_id}"
        self._held_at = 0.0
        self._instance, self._asker = instance, f"{instance}:{_PROCESS}"
        self._order = asyncio.Lock()
        self._last_slot_ends = 0.0
        self._anew = False
        self._changed = asyncio.Event()

    async def hold(self, rate: int) -> bool:
        """Whether this process is the one to send for the sender now."""
        now = time.monotonic()
        if rate > pacing.ALONE_UP_TO or now - self._held_at < _RENEW_SECONDS:
            return True
        try:
            held = await self._hold(keys=[self._holder], args=[self._instance, _HOLD_MILLISECONDS])
        except _LOST:
            return False
        if held:
            self._held_at = now
        return bool(held)

    async def release(self) -> None:
        """Let another process have the sender at once."""
        self._held_at = 0.0
        with contextlib.suppress(*_LOST):
            await self._release(keys=[self._holder], args=[self._instance])

    def start_anew(self) -> None:
        """The sender is faster now: nothing waits any more until the slots of the slower pace are over."""
        self._anew = True
        self._changed.set()

    async def take(self, parts: int, window: pacing.Window) -> pacing.Slots:
        """Slots for so many parts at the window's rate; waits until they are at most `pacing.AHEAD` away.

        Without Redis it waits: nothing is ever sent unthrottled.
        """
        async with self._order:
            while True:
                self._changed.clear()
                taken, wait = await self._ask(parts, window)
                if taken:
                    return taken
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._changed.wait()

    async def _ask(self, parts: int, window: pacing.Window) -> tuple[pacing.Slots | None, float]:
        asked_at, anew, self._anew = time.monotonic(), self._anew, False
        step_alone = pacing.interval(window.rate, pacing.SECOND_ALONE)
        step_shared = pacing.interval(window.rate, pacing.STRETCH_SHARED)
        longest = pacing.longest_grant(window.rate)
        own = 0.0 if anew else max(0.0, self._last_slot_ends - asked_at)
        spans = [span * _MICRO for span in (pacing.AHEAD, pacing.LATE_ALONE, own)]
        steps = [step * _MICRO for step in (step_alone, step_shared, longest)]
        args: list[str | float] = [parts, *spans, self._asker, *steps, int(anew)]
        try:
            granted, micro, shared = await self._take(keys=[self._key, _SERVER], args=args)
        except _LOST as error:
            PERMITS_UNREACHABLE.inc()
            log.warning("no permits while Redis is away", error=str(error))
            self._anew = self._anew or anew
            return None, _RETRY_SECONDS
        offset = micro / _MICRO
        if not granted:
            return None, max(offset, 0.001)
        slots = pacing.slots(
            count=parts,
            asked_at=asked_at,
            answered_at=time.monotonic(),
            offset=offset,
            step=step_shared if shared else step_alone,
            shared=bool(shared),
        )
        self._last_slot_ends = asked_at + offset + parts * slots.step
        return slots, 0.0
