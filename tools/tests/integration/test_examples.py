"""The examples of the documentation run as they stand there."""

import asyncio
import os
import sys
from datetime import UTC, datetime
from uuid import UUID

from volley_chassis.kafka import Stream
from volley_chassis.settings import ServiceSettings
from volley_chassis.topics import create_topics
from volley_contracts import CampaignMoved, Status, new_id
from volley_tools.stack.platform import Addresses
from volley_tools.stack.prerequisites import ROOT

AT = datetime(2031, 5, 1, 9, tzinfo=UTC)


def moved(campaign_id: UUID, version: int, move: str, status_from: Status, status_to: Status) -> CampaignMoved:
    return CampaignMoved(
        account_id=new_id(),
        campaign_id=campaign_id,
        campaign_name="Summer sale ☀",
        move=move,
        status_from=status_from,
        status_to=status_to,
        version=version,
        actor="key:vk_1",
        at=AT,
    )


async def test_another_service_follows_the_campaigns(infra: Addresses, topic_prefix: str) -> None:
    await create_topics(infra.kafka, topic_prefix)
    settings = ServiceSettings(
        database_url="", kafka=infra.kafka, internal_token="token", topic_prefix=topic_prefix, stop_within=5
    )
    campaign = new_id()
    submitted = moved(campaign, 1, "submit", "draft", "processing")
    stream = Stream(settings, "campaign-svc")
    async with stream.running():
        for event in (submitted, submitted, moved(campaign, 2, "prepared", "processing", "ready")):
            await stream.publish(event)
    follower = await asyncio.create_subprocess_exec(
        *(sys.executable, ROOT / "docs/examples/follow_campaigns.py", infra.kafka, f"{topic_prefix}follower"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"TOPIC_PREFIX": topic_prefix},
    )
    assert follower.stdout
    try:
        async with asyncio.timeout(60):
            lines = [(await follower.stdout.readline()).decode() for _ in range(2)]
    finally:
        follower.kill()
        await follower.wait()
    assert lines == [
        "2031-05-01T09:00:00Z Summer sale ☀: processing (submit)\n",
        "2031-05-01T09:00:00Z Summer sale ☀: ready (prepared)\n",
    ]
