"""Prints every move of every campaign: how another service reads Volley's topics.

    pip install aiokafka
    python follow_campaigns.py HOST:PORT [GROUP]

Each line is one move, told at least once: a crash between print and commit tells it again. What must happen once
goes by `ce_id`, or, as here, by the version that each campaign's moves are counted with.
"""

import asyncio
import json
import os
import sys

from aiokafka import AIOKafkaConsumer

TOPIC = os.environ.get("TOPIC_PREFIX", "") + "campaign.lifecycle"
MOVED = b"volley.campaign.moved.v1"


async def follow(kafka: str, group: str) -> None:
    """Read until the process is stopped. Records of one campaign come in order: they have one key."""
    consumer = AIOKafkaConsumer(
        TOPIC, bootstrap_servers=kafka, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    newest: dict[str, int] = {}
    await consumer.start()
    try:
        async for record in consumer:
            if dict(record.headers)["ce_type"] == MOVED:  # others may come one day: skip what you do not know
                move = json.loads(record.value)
                if move["version"] > newest.get(move["campaign_id"], 0):
                    newest[move["campaign_id"]] = move["version"]
                    print(f"{move['at']} {move['campaign_name']}: {move['status_to']} ({move['move']})", flush=True)
            await consumer.commit()
    finally:
        await consumer.stop()


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("usage: python follow_campaigns.py HOST:PORT [GROUP]")
    asyncio.run(follow(sys.argv[1], sys.argv[2] if len(sys.argv) == 3 else "follow-campaigns"))
