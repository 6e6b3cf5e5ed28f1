"""Events leave with their transaction, and only with it; none is lost, and its id stays the same."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer
from prometheus_client import REGISTRY

from volley_chassis import database, inbox, outbox
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_chassis.settings import ServiceSettings
from volley_contracts import AlertResolved, SuppressionChanged, key_of, new_id, now, topics
from volley_tools.pytest_stack import Until

WITHIN = 30


def event() -> AlertResolved:
    return AlertResolved(account_id=new_id(), alert_id=new_id(), at=now())


@asynccontextmanager
async def relaying(settings: ServiceSettings, stream: Stream) -> AsyncIterator[None]:
    async with stream.running():
        task = asyncio.create_task(outbox.relay(settings.database_url, stream))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def pool(settings: ServiceSettings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        yield opened


async def test_committed_events_arrive_in_order_and_others_never(
    settings: ServiceSettings, pool: Pool, until: Until
) -> None:
    stream = Stream(settings, "outbox-reader")
    got: asyncio.Queue[Received[AlertResolved]] = asyncio.Queue()
    stream.subscribe(topics.ALERTS, {AlertResolved: got.put})
    first = event()
    second = AlertResolved(account_id=first.account_id, alert_id=first.alert_id, at=now())
    async with pool.acquire() as connection:
        async with connection.transaction():
            await outbox.put(connection, first, source="test", id="one")  # before any relay runs
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                await outbox.put(connection, event(), source="test")
                raise ZeroDivisionError
        async with relaying(settings, stream):
            assert (await asyncio.wait_for(got.get(), WITHIN)).id == "one"
            async with connection.transaction():
                await outbox.put(connection, second, source="test", id="two")
            assert (await asyncio.wait_for(got.get(), WITHIN)).id == "two"
            await until(lambda: connection.fetchval("SELECT count(*) = 0 FROM outbox"))
    assert got.empty()


async def test_a_tombstone_has_a_key_alone_and_consumers_pass_it_over(settings: ServiceSettings, pool: Pool) -> None:
    stream = Stream(settings, "outbox-reader")
    got: asyncio.Queue[Received[SuppressionChanged]] = asyncio.Queue()
    stream.subscribe(topics.SUPPRESSION_CHANGES, {SuppressionChanged: got.put})
    told = SuppressionChanged(account_id=new_id(), number="+12025550143", suppressed=True, reason="manual", at=now())
    async with pool.acquire() as connection, connection.transaction():
        await outbox.put_tombstone(connection, told)
        await outbox.put(connection, told, source="test", id="behind it")
    name = settings.topic_prefix + topics.SUPPRESSION_CHANGES.name
    consumer = AIOKafkaConsumer(name, bootstrap_servers=settings.kafka, auto_offset_reset="earliest")
    async with relaying(settings, stream), consumer, asyncio.timeout(WITHIN):
        assert (await got.get()).id == "behind it"
        records = [await consumer.getone() for _ in range(2)]
    assert [record.key for record in records] == [key_of(told)] * 2
    assert records[0].value is None


async def test_the_age_of_what_waits_shows_while_kafka_is_away(
    settings: ServiceSettings, pool: Pool, until: Until
) -> None:
    async with pool.acquire() as connection:
        await outbox.put(connection, event(), source="test")
    outbox.OLDEST.set(0)
    unreachable = asyncio.create_task(outbox.relay(settings.database_url, Stream(settings, "never-started")))
    await until(lambda: REGISTRY.get_sample_value("volley_outbox_oldest_seconds") != 0)
    unreachable.cancel()
    await asyncio.gather(unreachable, return_exceptions=True)
    async with relaying(settings, Stream(settings, "outbox-reader")):
        await until(lambda: REGISTRY.get_sample_value("volley_outbox_oldest_seconds") == 0)


async def test_who_has_a_great_many_waits_until_others_had_their_turn(settings: ServiceSettings, pool: Pool) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await outbox.put_all(connection, [event() for _ in range(3)], source="test")
    async with asyncio.timeout(WITHIN):
        await outbox.leave_room(pool, 3)
        waits = asyncio.create_task(outbox.leave_room(pool, 2))
        for _ in range(3):
            await pool.fetchval("SELECT count(*) FROM outbox")
        assert not waits.done()
        async with relaying(settings, Stream(settings, "outbox-reader")):
            await waits


async def test_an_event_is_new_once_a_consumer(pool: Pool) -> None:
    async with pool.acquire() as connection:
        assert await inbox.first_time(connection, "counter", "e1")
        assert not await inbox.first_time(connection, "counter", "e1")
        assert await inbox.first_time(connection, "other", "e1")


async def test_a_rolled_back_transaction_leaves_the_event_new(pool: Pool) -> None:
    async with pool.acquire() as connection:
        with pytest.raises(ZeroDivisionError):
            async with connection.transaction():
                assert await inbox.first_time(connection, "c", "e")
                raise ZeroDivisionError
        assert await inbox.first_time(connection, "c", "e")
