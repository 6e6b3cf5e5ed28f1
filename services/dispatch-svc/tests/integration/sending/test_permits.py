"""Permits of the real Redis: one after the other, whoever asks."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from dispatch_svc.clients.permits import Permits, connect
from dispatch_svc.domain import pacing
from dispatch_svc.domain.pacing import Window
from dispatch_svc.metrics import PERMITS_UNREACHABLE
from volley_contracts import new_id
from volley_tools.pytest_stack import Until


@pytest.fixture
async def client(redis_url: str) -> AsyncIterator[Any]:
    async with connect(redis_url) as client:
        yield client


async def test_slots_follow_one_another(client: Any) -> None:
    sender = new_id()
    permits = Permits(client, sender, "a")
    await permits.take(50, Window(1000))
    free = float(await client.hget(f"volley:pace:{sender}", "tat"))
    await permits.take(50, Window(1000))
    assert float(await client.hget(f"volley:pace:{sender}", "tat")) >= free + 50 * pacing.interval(1000, 1.0) * 1e6 - 1


async def test_who_joins_comes_after_all_that_the_first_may_still_use(client: Any) -> None:
    sender = new_id()
    first = await Permits(client, sender, "a").take(10, Window(100))
    second = await Permits(client, sender, "b").take(10, Window(100))
    assert second.opens >= first.closes + 9 * first.step
    assert second.closes - second.opens <= pacing.LATE_SHARED


async def test_a_redis_that_lost_its_memory_gives_no_slot_twice(client: Any) -> None:
    permits = Permits(client, new_id(), "a")
    first = await permits.take(20, Window(100))
    await client.flushdb()
    second = await permits.take(20, Window(100))
    assert second.opens >= first.opens + 19 * first.step


async def test_an_emptied_redis_gives_nobody_slots_that_another_may_still_use(client: Any) -> None:
    sender = new_id()
    first = await Permits(client, sender, "a").take(20, Window(100))
    await client.flushdb()
    second = await Permits(client, sender, "b").take(20, Window(100))
    assert second.opens >= first.closes + 19 * first.step


async def test_a_redis_that_went_back_in_time_gives_nobody_slots_that_another_may_still_use(client: Any) -> None:
    """As after a restart from a snapshot, or when a replica took over that had not heard of all."""
    sender = new_id()
    permits = Permits(client, sender, "a")
    await permits.take(1, Window(100))
    before = await client.hgetall(f"volley:pace:{sender}")
    last = await permits.take(20, Window(100))
    await client.hset(f"volley:pace:{sender}", mapping=before)
    await client.hset("volley:pace-server", "run", "0")
    second = await Permits(client, sender, "b").take(20, Window(100))
    assert second.opens >= last.closes + 19 * last.step


async def test_a_faster_sender_does_not_wait_for_the_slots_of_the_slower_pace(client: Any) -> None:
    permits, window = Permits(client, new_id(), "a"), Window(1)
    slow = await permits.take(10, window)
    waiting = asyncio.create_task(permits.take(1, window))
    window.rate = 100
    permits.start_anew()
    assert (await waiting).opens < slow.opens + 9 * slow.step


async def test_a_shared_sender_waits_for_slots_that_another_process_has(client: Any) -> None:
    sender, window = new_id(), Window(1000)
    await Permits(client, sender, "a").take(1, window)
    second = Permits(client, sender, "b")
    await second.take(100, window)
    free = float(await client.hget(f"volley:pace:{sender}", "tat"))
    second.start_anew()
    await second.take(1, window)
    assert float(await client.hget(f"volley:pace:{sender}", "tat")) > free


async def test_one_process_at_a_time_has_a_sender(client: Any) -> None:
    sender = new_id()
    first, second = Permits(client, sender, "a"), Permits(client, sender, "b")
    assert await first.hold(100)
    assert not await second.hold(100)
    assert await second.hold(pacing.ALONE_UP_TO + 1)
    await client.delete(f"volley:sends:{sender}")
    assert await second.hold(100)


async def test_without_redis_there_are_no_permits(until: Until) -> None:
    async with connect("redis://127.0.0.1:1") as nowhere:
        permits = Permits(nowhere, new_id(), "a")
        before = PERMITS_UNREACHABLE._value.get()
        asking = asyncio.create_task(permits.take(1, Window(100)))

        async def has_tried() -> bool:
            return PERMITS_UNREACHABLE._value.get() > before + 2

        await until(has_tried)
        assert not asking.done()
        assert not await permits.hold(100)
        asking.cancel()
