"""Hands records to Kafka's client, a batch a partition: one by one, each with its own future, costs twice as much."""

import asyncio
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

WAIT_SECONDS = 40.0  # what aiokafka means to wait

Headers: TypeAlias = list[tuple[str, bytes]]


class Publisher:
    """All that send by one producer send by one of these: it lets them take turns."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._turns: defaultdict[tuple[str, int], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def send(self, records: Collection[tuple[str, bytes, bytes | None, Headers]]) -> list[asyncio.Future[Any]]:
        """Send records (topic, key, value, headers), those of one key in their order. Gives what is to be acknowledged.

        TimeoutError if a partition has no room within WAIT_SECONDS.
        """
        pending = []
        counts = {topic: len(await self._producer.partitions_for(topic)) for topic in {record[0] for record in records}}
        batches: dict[tuple[str, int], BatchBuilder] = {}
        for topic, key, value, headers in records:
            place = topic, _partition(key, counts[topic])
            batch = batches.get(place)
            if batch is not None and _took(batch, key, value, headers):
                continue
            if batch is not None:  # it is full
                pending.append(await self._hand_over(batch, *place))
            batches[place] = self._producer.create_batch()
            took = _took(batches[place], key, value, headers)
            assert took, "an empty batch takes a record of any size"
        for place, batch in batches.items():
            pending.append(await self._hand_over(batch, *place))
        return pending

    async def _hand_over(self, batch: BatchBuilder, topic: str, partition: int) -> asyncio.Future[Any]:
        """Wait in turn for the partition's place: aiokafka holds one batch, and wakes all that wait when it leaves.

        In that race, who has lost some sixty times is told of a timeout after a second or so: at each waking,
        MessageAccumulator.add_batch (0.14) takes the whole wait so far off the rest.
        """
        async with asyncio.timeout(WAIT_SECONDS), self._turns[topic, partition]:
            acknowledged: asyncio.Future[Any] = await self._producer.send_batch(batch, topic, partition=partition)
        return acknowledged


def _took(batch: BatchBuilder, key: bytes, value: bytes | None, headers: Headers) -> bool:
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None


@lru_cache(maxsize=10_000)
def _partition(key: bytes, partitions: int) -> int:
    """Where every client of Kafka puts the key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
