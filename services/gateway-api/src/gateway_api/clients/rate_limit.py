"""How many requests a key may send: a token bucket in Redis, the same for every replica."""

import time
from contextlib import suppress

import msgspec
import redis.exceptions
import structlog
from redis.asyncio import Redis

from gateway_api import metrics

log = structlog.get_logger()

# The bucket is what it held, plus what trickled in since. Redis's own clock: the replicas' clocks may differ.
_TAKE = """
local rate, burst, most = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + (now - (tonumber(kept[2]) or now)) * rate)
local taken, wait = math.min(most, math.floor(tokens)), 0
if taken > 0 then tokens = tokens - taken else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return {taken, tostring(tokens), tostring(wait)}
"""
_PREFIX = "volley:gateway:rate:"
_GIVE_BACK = """
local kept = redis.call('HGET', KEYS[1], 'tokens')
if kept then redis.call('HSET', KEYS[1], 'tokens', tostring(math.min(tonumber(ARGV[1]), tonumber(kept) + 1))) end
"""
_LEAVE_ALONE_SECONDS = 1.0
_AHEAD_SECONDS = 0.05
_KEEP_MOST = 10_000


class Allowance(msgspec.Struct):
    """What a key may still send: `left` at once, of `burst`; `wait` seconds until the next where that is none."""

    rate: float
    burst: int
    left: int
    wait: float


class _Taken(msgspec.Struct):
    """Requests that Redis granted and nobody sent yet; they lapse after a second."""

    left: int
    behind: int
    until: float


class RateLimiter:
    """`rate` requests a second for each key, `burst` at once. Without Redis every request passes, and is counted.

    A key that may send much is granted a twentieth of a second's worth at a time: Redis is asked that often then.
    """

    def __init__(self, redis_: Redis, rate: float, burst: int) -> None:
        self._take = redis_.register_script(_TAKE)
        self._give_back = redis_.register_script(_GIVE_BACK)
        self._rate = rate
        self._burst = burst
        self._taken: dict[str, _Taken] = {}
        self._away_until = 0.0

    async def take(self, key: str, rate: float | None = None, burst: int | None = None) -> Allowance | None:
        """Take one request from the key's allowance (`rate` of its own, with `burst` or two seconds of it at once).

        None where it could not be checked.
        """
        if burst is None:
            burst = self._burst if rate is None else max(1, round(2 * rate))
        rate = self._rate if rate is None else rate
        now = time.monotonic()
        taken = self._taken.get(key)
        if taken and taken.left and now < taken.until:
            taken.left -= 1
            return Allowance(rate, burst, taken.left + taken.behind, 0.0)
        if now < self._away_until:
            metrics.UNLIMITED.inc()
            return None
        return await self._ask(key, rate, burst, now)

    async def give_back(self, key: str, burst: int) -> None:
        """One that was taken with `burst`, and shall not count. It does where Redis is away."""
        with suppress(redis.exceptions.RedisError, OSError):
            await self._give_back(keys=[f"{_PREFIX}{key}"], args=[burst])

    async def _ask(self, key: str, rate: float, burst: int, now: float) -> Allowance | None:
        ahead = max(1, int(rate * _AHEAD_SECONDS))
        try:
            granted, behind, wait = await self._take(keys=[f"{_PREFIX}{key}"], args=[rate, burst, ahead])
        except (redis.exceptions.RedisError, OSError) as error:
            # A Redis that hangs must not slow every request down: it is asked again in a while.
            self._away_until = now + _LEAVE_ALONE_SECONDS
            metrics.UNLIMITED.inc()
            log.warning("rate limits are not checked", error=repr(error))
            return None
        left = max(0, granted - 1)
        if left:
            if len(self._taken) >= _KEEP_MOST:
                self._taken.clear()
            self._taken[key] = _Taken(left, int(float(behind)), now + 1.0)
        return Allowance(rate, burst, left + int(float(behind)), float(wait))


def open_redis(url: str) -> Redis:
    """A client that gives up quickly: a request waits for it."""
    return Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)
