"""How many requests a key may send, at every replica together."""

import asyncio

import pytest

from gateway_api.clients import rate_limit
from gateway_api.clients.rate_limit import RateLimiter, open_redis

from .conftest import CLOSED_PORT, Gateway, Start


async def test_a_key_has_its_burst_and_then_waits(start: Start) -> None:
    async with start(rate_per_second=0.01, rate_burst=5) as gateway, start(rate_per_second=0.01, rate_burst=5) as other:
        key = await gateway.account("limited")  # by the platform's key: not this one's
        asked = [(gateway, other)[number % 2].ask("GET", "/v1/things", key) for number in range(8)]
        answers = await asyncio.gather(*asked)
        statuses = sorted(answer.status for answer, _ in answers)
        assert statuses == [200] * 5 + [429] * 3
        refused, problem = next((answer, body) for answer, body in answers if answer.status == 429)
        assert problem["code"] == "too_many_requests"
        assert 0 < int(refused.headers["retry-after"]) <= 100
        second = await gateway.ask("GET", "/v1/things", await _key(gateway))
        assert second[0].status == 200


async def _key(gateway: Gateway) -> str:
    return await gateway.account("not-limited")


async def test_tokens_come_back_with_time(redis_url: str) -> None:
    async with open_redis(redis_url) as redis:
        limiter = RateLimiter(redis, 10.0, 2)
        assert [await _take(limiter) for _ in range(2)] == [(0.0, 1), (0.0, 0)]
        wait, left = await _take(limiter)
        assert 0 < wait <= 0.1
        assert left == 0
        await redis.hincrbyfloat("volley:gateway:rate:k", "at", -0.2)  # as if 0.2 s had passed
        assert (await _take(limiter))[0] == 0.0
        assert await redis.ttl("volley:gateway:rate:k") > 0


async def test_without_redis_requests_pass(start: Start) -> None:
    async with start(redis_url=f"redis://127.0.0.1:{CLOSED_PORT}/0", rate_burst=1) as gateway:
        answers = await asyncio.gather(*(gateway.ask("GET", "/v1/things") for _ in range(5)))
        assert [answer.status for answer, _ in answers] == [200] * 5
        assert not any("ratelimit" in answer.headers for answer, _ in answers)


async def _take(limiter: RateLimiter) -> tuple[float, int]:
    """Seconds to wait, and how many are left."""
    allowance = await limiter.take("k")
    assert allowance
    return allowance.wait, allowance.left


async def test_a_fast_key_is_granted_many_at_once_and_no_more(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limit, "_AHEAD_SECONDS", 1000)  # ten requests at this rate
    async with open_redis(redis_url) as redis:
        limiters = [RateLimiter(redis, 0.01, 95), RateLimiter(redis, 0.01, 95)]
        taken = [await _take(limiters[number % 2]) for number in range(120)]
        assert sum(wait == 0.0 for wait, _ in taken) == 95
        assert taken[-1][1] == 0


async def test_answers_say_how_much_is_left(start: Start) -> None:
    async with start(rate_per_second=0.01, rate_burst=3) as gateway:
        key = await gateway.account("told")
        for left in (2, 1, 0):
            answer, _ = await gateway.ask("GET", "/v1/things", key)
            assert answer.headers["ratelimit"].startswith(f'"key";r={left};t=')
            assert answer.headers["ratelimit-policy"] == '"key";q=3;w=300'
        refused, _ = await gateway.ask("GET", "/v1/things", key)
        assert (refused.status, refused.headers["ratelimit"][:9]) == (429, '"key";r=0')


async def test_a_key_has_a_rate_of_its_own(start: Start) -> None:
    async with start() as gateway:
        body = {"name": "slow", "role": "viewer", "rate_per_second": 1.5}
        _, made = await gateway.ask("POST", "/v1/api-keys", json=body)
        assert made["rate_per_second"] == 1.5
        answers = await asyncio.gather(*(gateway.ask("GET", "/v1/things", made["key"]) for _ in range(20)))
        assert {answer.headers["ratelimit-policy"] for answer, _ in answers} == {'"key";q=3;w=2'}
        assert 429 in {answer.status for answer, _ in answers}
        assert (await gateway.ask("GET", "/v1/things"))[0].status == 200
