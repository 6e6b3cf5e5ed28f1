"""Another service makes, submits and follows a campaign by the topics alone, with the examples of the documentation."""

import asyncio
import json
import os
import sys
import uuid
from typing import Any

from aiokafka import AIOKafkaProducer

from volley_tools.demo import people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.stack.prerequisites import ROOT
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 50, 500, 60.0
MISSPELT = {"ce_id": str(uuid.uuid4()), "ce_type": "volley.campaign.launch.v1", "ce_source": "/shop"}


async def submit(stack: Stack, account_id: str, campaign: dict[str, Any]) -> tuple[int | None, dict[str, Any]]:
    """What the example prints, and its exit status."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, ROOT / "docs/examples/submit_campaign.py", stack.addresses.kafka, account_id),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate(json.dumps(campaign).encode())
    return process.returncode, json.loads(printed)


async def send_misspelt(stack: Stack) -> None:
    async with AIOKafkaProducer(bootstrap_servers=stack.addresses.kafka) as producer:
        headers = [(name, text.encode()) for name, text in MISSPELT.items()]
        await producer.send_and_wait("campaign.commands", b"{}", headers=headers)


async def dead_letters(stack: Stack) -> list[dict[str, Any]]:
    """As the documentation lists them."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "volley_chassis.dead_letters", "list", "campaign.commands"),
        stdout=asyncio.subprocess.PIPE,
        env=os.environ | {"VOLLEY_KAFKA": stack.addresses.kafka},
    )
    printed, _ = await process.communicate()
    return [json.loads(line) for line in printed.splitlines()]


async def test_a_campaign_by_command(mine: Api, smpp_route: story.Json, provider: Provider, stack: Stack) -> None:
    await provider.behave(receipts=False)
    things = await story.prepare_plain(mine, "command", people.csv_file(RECIPIENTS), smpp_route, PACE)
    account_id = (await mine.get("/v1/me"))["account"]["id"]
    wish = {
        "name": "By command",
        "audience": {"include": [things.segment["id"]]},
        "sender_id": things.senders[0]["id"],
        "content": {"variants": [{"text": "Your order is on its way. Reply STOP to end.", "ratio": 100}]},
        "schedule": {"start": "now"},
    }
    await send_misspelt(stack)
    status, refused = await submit(stack, account_id, {**wish, "sender_id": str(uuid.uuid4())})
    assert (status, refused["problems"][0]["field"]) == (1, "sender_id")

    status, answer = await submit(stack, account_id, wish)
    assert (status, answer["accepted"]) == (0, True), answer
    campaign = await mine.get(f"/v1/campaigns/{answer['campaign_id']}")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    assert finished["counts"]["submitted"] == RECIPIENTS
    (letter,) = [one for one in await dead_letters(stack) if one["id"] == MISSPELT["ce_id"]]
    known = "volley.campaign.create.v1, volley.campaign.submit.v1"
    assert letter["reason"] == f"the header ce_type is 'volley.campaign.launch.v1': use one of {known}"
