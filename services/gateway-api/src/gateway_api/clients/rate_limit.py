"""How many requests a key may send: a token bucket in Redis, the same for every replica."""

import time

import redis.exceptions
import structlog
from redis.asyncio import Redis

from gateway_api import metrics

log = structlog.get_logger()

# The bucket is what it held, plus what trickled in since. Redis's own clock: the replicas' clocks may differ.
_TAKE = """
local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + (now - (tonumber(kept[2]) or now)) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil(burst / rate) + 1)
return tostring(wait)
"""
_LEAVE_ALONE_SECONDS = 1.0


class RateLimiter:
    """`rate` requests a second for each key, `burst` at once. Without Redis every request passes, and is counted."""

    def __init__(self, redis_: Redis, rate: float, burst: int) -> None:
        self._take = redis_.register_script(_TAKE)
        self._rate = rate
        self._burst = burst
        self._away_until = 0.0

    async def wait_of(self, key: str) -> float:
        """0 lets the request pass; else in how many seconds the next one may."""
        if time.monotonic() < self._away_until:
            metrics.UNLIMITED.inc()
            return 0.0
        try:
            return float(await self._take(keys=[f"volley:gateway:rate:{key}"], args=[self._rate, self._burst]))
        except (redis.exceptions.RedisError, OSError) as error:
            # A Redis that hangs must not slow every request down: it is asked again in a while.
            self._away_until = time.monotonic() + _LEAVE_ALONE_SECONDS
            metrics.UNLIMITED.inc()
            log.warning("rate limits are not checked", error=repr(error))
            return 0.0


def open_redis(url: str) -> Redis:
    """A client that gives up quickly: a request waits for it."""
    return Redis.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)
