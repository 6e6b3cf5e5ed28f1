"""Creates the topics of the table: `python -m volley_chassis.topics`. Existing topics stay as they are.

Reads VOLLEY_KAFKA, VOLLEY_TOPIC_PREFIX and VOLLEY_KAFKA_REPLICATION (default 1).
"""

import asyncio
import os
import sys

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from volley_chassis.kafka import MAX_RECORD_BYTES
from volley_contracts import TOPICS, Topic

_DEAD_LETTER_RETENTION_S = 30 * 24 * 3600


def new_topics(topic: Topic, prefix: str, replication: int) -> list[NewTopic]:
    """The topic itself and its dead letters."""
    kept_ms = str(topic.retention_s * 1000)
    # Without the lag, a consumer that was away would miss what a later record of the key replaced meanwhile.
    compacted = {"cleanup.policy": "compact", "min.compaction.lag.ms": kept_ms}
    config = compacted if topic.compacted else {"retention.ms": kept_ms}
    config["max.message.bytes"] = str(MAX_RECORD_BYTES)
    dead = {"retention.ms": str(_DEAD_LETTER_RETENTION_S * 1000), "max.message.bytes": str(MAX_RECORD_BYTES)}
    return [
        NewTopic(prefix + topic.name, topic.partitions, replication, topic_configs=config),
        NewTopic(prefix + topic.dead_letters, 1, replication, topic_configs=dead),
    ]


async def create_topics(kafka: str, prefix: str = "", replication: int = 1) -> list[str]:
    """Create what is missing and give the names of what was created."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        wanted = [new for topic in TOPICS for new in new_topics(topic, prefix, replication)]
        existing = set(await admin.list_topics())
        missing = [new for new in wanted if new.name not in existing]
        if not missing:
            return []
        answer = await admin.create_topics(missing)
        for name, code, *rest in answer.topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise for_code(code)(f"{name}: {rest}")
        return [new.name for new in missing]
    finally:
        await admin.close()


def main() -> None:
    created = asyncio.run(
        create_topics(
            os.environ["VOLLEY_KAFKA"],
            os.environ.get("VOLLEY_TOPIC_PREFIX", ""),
            int(os.environ.get("VOLLEY_KAFKA_REPLICATION", "1")),
        )
    )
    sys.stdout.write(f"{len(created)} topics created\n")


if __name__ == "__main__":
    main()
