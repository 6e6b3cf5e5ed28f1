"""Hands records to Kafka's client, a batch a partition: one by one, each with its own future, costs twice as much."""

import asyncio
from collections.abc import Collection
from functools import lru_cache
from typing import Any, TypeAlias

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2
from aiokafka.producer.message_accumulator import BatchBuilder

Headers: TypeAlias = list[tuple[str, bytes]]


async def send(
    producer: AIOKafkaProducer, records: Collection[tuple[str, bytes, bytes | None, Headers]]
) -> list[asyncio.Future[Any]]:
    """Send records (topic, key, value, headers), those of one key in their order. Gives what is to be acknowledged."""
    pending = []
    counts = {topic: len(await producer.partitions_for(topic)) for topic in {record[0] for record in records}}
    batches: dict[tuple[str, int], BatchBuilder] = {}
    for topic, key, value, headers in records:
        place = topic, _partition(key, counts[topic])
        batch = batches.get(place)
        if batch is not None and _took(batch, key, value, headers):
            continue
        if batch is not None:  # it is full
            pending.append(await producer.send_batch(batch, topic, partition=place[1]))
        batches[place] = producer.create_batch()
        took = _took(batches[place], key, value, headers)
        assert took, "an empty batch takes a record of any size"
    for (topic, partition), batch in batches.items():
        pending.append(await producer.send_batch(batch, topic, partition=partition))
    return pending


def _took(batch: BatchBuilder, key: bytes, value: bytes | None, headers: Headers) -> bool:
    return batch.append(timestamp=None, key=key, value=value, headers=headers) is not None


@lru_cache(maxsize=10_000)
def _partition(key: bytes, partitions: int) -> int:
    """Where every client of Kafka puts the key."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions
