"""Lists and replays dead letters: `python -m volley_chassis.dead_letters list|replay TOPIC`.

`list` prints one JSON object a letter: offset, type, id, who gave up, why. `replay` publishes letters to their topic
again (all services that read it see them; they are idempotent) and marks the place, so that none is replayed twice.
`--only OFFSET` picks single ones for a replay and marks nothing. Reads VOLLEY_KAFKA and VOLLEY_TOPIC_PREFIX.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from volley_contracts import TOPICS, Topic

_ADDED = {"dead_reason", "dead_service"}


class DeadLetter(msgspec.Struct, frozen=True):
    """`offset` names the letter within its topic."""

    offset: int
    type: str
    id: str
    service: str
    reason: str


def describe(record: ConsumerRecord[bytes, bytes]) -> DeadLetter:
    headers = {name: value.decode(errors="replace") for name, value in record.headers}
    return DeadLetter(
        record.offset,
        headers.get("ce_type", ""),
        headers.get("ce_id", ""),
        headers.get("dead_service", ""),
        headers.get("dead_reason", ""),
    )


async def letters(
    consumer: AIOKafkaConsumer, topic: str, *, all_of_them: bool
) -> AsyncIterator[ConsumerRecord[bytes, bytes]]:
    """What lies in the dead letters now: everything, or only what comes after the last replay."""
    partition = TopicPartition(topic, 0)  # dead letters have one partition
    consumer.assign([partition])
    if all_of_them:
        await consumer.seek_to_beginning(partition)
    end = (await consumer.end_offsets([partition]))[partition]
    while await consumer.position(partition) < end:
        yield await consumer.getone(partition)


async def list_letters(kafka: str, prefix: str, topic: Topic) -> list[DeadLetter]:
    """All dead letters of the topic that Kafka still keeps, replayed or not."""
    async with _consumer(kafka, prefix, topic) as consumer:
        name = prefix + topic.dead_letters
        return [describe(record) async for record in letters(consumer, name, all_of_them=True)]


async def replay(kafka: str, prefix: str, topic: Topic, only: set[int] | None = None) -> int:
    """Publish dead letters to their topic again; how many. A crash in between replays some again, and loses none."""
    replayed = 0
    name = prefix + topic.dead_letters
    async with _consumer(kafka, prefix, topic) as consumer, AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        async for record in letters(consumer, name, all_of_them=only is not None):
            if only is None or record.offset in only:
                headers = [(key, value) for key, value in record.headers if key not in _ADDED]
                await producer.send_and_wait(prefix + topic.name, record.value, key=record.key, headers=headers)
                replayed += 1
            if only is None:
                await consumer.commit({TopicPartition(name, 0): record.offset + 1})
    return replayed


def _consumer(kafka: str, prefix: str, topic: Topic) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=f"{prefix}dead-letters.{topic.name}",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )


async def _main(options: argparse.Namespace) -> None:
    kafka, prefix = os.environ["VOLLEY_KAFKA"], os.environ.get("VOLLEY_TOPIC_PREFIX", "")
    topic = next(topic for topic in TOPICS if topic.name == options.topic)
    if options.command == "list":
        for letter in await list_letters(kafka, prefix, topic):
            sys.stdout.write(msgspec.json.encode(letter).decode() + "\n")
    else:
        count = await replay(kafka, prefix, topic, set(options.only) if options.only else None)
        sys.stdout.write(f"{count} dead letters replayed to {topic.name}\n")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m volley_chassis.dead_letters", description=__doc__)
    parser.add_argument("command", choices=["list", "replay"])
    parser.add_argument("topic", choices=[topic.name for topic in TOPICS])
    parser.add_argument("--only", type=int, nargs="*", metavar="OFFSET", help="replay only these")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
