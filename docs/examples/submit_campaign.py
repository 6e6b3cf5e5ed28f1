"""Makes and submits a campaign by Volley's command topic: how another service sends without the REST API.

    pip install aiokafka uuid-utils
    python submit_campaign.py HOST:PORT ACCOUNT_ID < campaign.json

The file holds what PATCH /v1/campaigns/{id} takes. The campaign's id is chosen here, so a command that is sent again,
because nobody knows whether it arrived, makes no second campaign.
"""

import asyncio
import json
import os
import sys
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from uuid_utils import uuid7

PREFIX = os.environ.get("TOPIC_PREFIX", "")
ANSWER_SECONDS = 30


async def submit(kafka: str, account_id: str, campaign: dict[str, object]) -> dict[str, object]:
    """The answer: accepted or not, the campaign's status, and what is wrong with which field."""
    command_id, campaign_id = str(uuid7()), str(uuid7())
    command = {
        "account_id": account_id,
        "campaign_id": campaign_id,
        "actor": "example",
        "campaign": campaign,
        "submit": True,
    }
    headers = {
        "ce_specversion": "1.0",
        "ce_id": command_id,
        "ce_type": "volley.campaign.create.v1",
        "ce_source": "/example",
        "ce_time": datetime.now(UTC).isoformat(),
        "content-type": "application/json",
    }
    answers = AIOKafkaConsumer(PREFIX + "campaign.answers", bootstrap_servers=kafka, auto_offset_reset="latest")
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all")
    await asyncio.gather(answers.start(), producer.start())
    try:
        await answers.seek_to_end()
        await producer.send_and_wait(
            PREFIX + "campaign.commands",
            json.dumps(command).encode(),
            key=campaign_id.encode(),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
        async with asyncio.timeout(ANSWER_SECONDS):
            async for record in answers:
                answer: dict[str, object] = json.loads(record.value)
                if answer["command_id"] == command_id:
                    return answer
        raise AssertionError("the stream of answers ended")
    finally:
        await asyncio.gather(answers.stop(), producer.stop())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python submit_campaign.py HOST:PORT ACCOUNT_ID < campaign.json")
    found = asyncio.run(submit(sys.argv[1], sys.argv[2], json.load(sys.stdin)))
    print(json.dumps(found, indent=2))
    sys.exit(0 if found["accepted"] else 1)
