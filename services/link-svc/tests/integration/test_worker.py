"""The worker on real Kafka: every event twice, a crash between commit and publish, refilling by itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from link_svc import consumers
from link_svc.config import LinkSettings, keys_of
from link_svc.domain.domains import Terms
from link_svc.handlers.edit_pools import add_domain_to_pool
from link_svc.loops import refill
from volley_chassis import outbox
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_contracts import Event, LinkedBatch, PoolExhausted, PoolRefilled, new_id, topics

from .builders import a_batch, a_pool, moved, outcomes, used

pytestmark = pytest.mark.usefixtures("kafka_topics")
WITHIN = 30
Arrived = asyncio.Queue[Received[Any]]


@asynccontextmanager
async def observing(settings: LinkSettings) -> AsyncIterator[tuple[Stream, Arrived]]:
    """Another service's connection: publishes, and keeps what link-svc publishes."""
    stream = Stream(settings, "observer")
    arrived: Arrived = asyncio.Queue()
    stream.subscribe(topics.LINK_BATCHES, {LinkedBatch: arrived.put})
    stream.subscribe(topics.LINK_POOLS, {PoolExhausted: arrived.put, PoolRefilled: arrived.put})
    async with stream.running():
        yield stream, arrived


@asynccontextmanager
async def working(settings: LinkSettings, pool: Pool, stream: Stream | None = None) -> AsyncIterator[None]:
    """The worker's part of the service."""
    stream = stream or Stream(settings, "link-svc")
    keys = keys_of(settings)
    consumers.subscribe(stream, pool, settings, keys)
    async with stream.running():
        loops = [
            asyncio.create_task(outbox.relay(settings.database_url, stream)),
            asyncio.create_task(refill(settings, pool, keys)),
        ]
        try:
            yield
        finally:
            for loop in loops:
                loop.cancel()
            await asyncio.gather(*loops, return_exceptions=True)


async def arrival(arrived: Arrived) -> Received[Any]:
    return await asyncio.wait_for(arrived.get(), WITHIN)


async def test_every_event_twice_changes_nothing(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [6, 100])
    optout = await a_pool(pool, account, [100], "optout")
    batch = a_batch(account, count=10, short=short, optout=optout)
    async with observing(settings) as (stream, arrived), working(settings, pool):
        for _ in range(2):
            await stream.publish(batch, id="batch")
        first, second, *again = [await arrival(arrived) for _ in range(4)]
        assert [first.id, second.id] == [f"{batch.campaign_id}:0", f"{batch.campaign_id}:6"]
        assert [(each.id, each.data) for each in again] == [(each.id, each.data) for each in (first, second)]
        assert await used(pool, short) == [6, 4]

        unsent = outcomes(batch, ["failed"] * 4, second.data.short.domain_id, second.data.optout.domain_id)
        for event, name in ((unsent, "outcomes"), (moved(batch, "aborted"), "moved")) * 2:
            await stream.publish(event, id=name)
        later = a_batch(account, short=short)
        async with asyncio.timeout(WITHIN):
            while await used(pool, optout) != [6]:
                await asyncio.sleep(0.01)
        await stream.publish(later)
        await arrival(arrived)
        assert await used(pool, optout) == [6]
        assert sum(await used(pool, short)) == 6 + 10


async def test_a_crash_between_commit_and_publish_loses_nothing(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [None])
    batch = a_batch(account, short=short)
    dying, reached = Stream(settings, "link-svc"), asyncio.Event()

    async def hang(*_events: Event, **_named: object) -> None:
        reached.set()
        await asyncio.Event().wait()

    async with observing(settings) as (stream, arrived):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dying, "publish", hang)
            async with working(settings, pool, dying):
                await stream.publish(batch)
                await asyncio.wait_for(reached.wait(), WITHIN)
                assert await used(pool, short) == [10]
        assert arrived.empty()
        async with working(settings, pool):
            received = await arrival(arrived)
    assert received.data.recipients == batch.recipients
    assert await used(pool, short) == [10]


async def test_exhaustion_and_refilling_are_told_and_what_waited_arrives(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [3])
    batch = a_batch(account, short=short)
    async with observing(settings) as (stream, arrived), working(settings, pool):
        await stream.publish(batch)
        both = [await arrival(arrived) for _ in range(2)]
        assert {type(each.data) for each in both} == {LinkedBatch, PoolExhausted}
        assert await add_domain_to_pool(pool, account, short, (f"{new_id().hex}.example", Terms("active", 100)))
        events = {type(each.data): each for each in [await arrival(arrived) for _ in range(2)]}
    assert events[LinkedBatch].id == f"{batch.campaign_id}:3"
    assert events[LinkedBatch].data.recipients.numbers == batch.recipients.numbers[3:]
    assert events[PoolRefilled].data.remaining == 93
