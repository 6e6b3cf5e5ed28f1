"""A campaign by SMPP, from its start until it is finished, through all five services; and a bare loop."""

import asyncio
import sys
from datetime import datetime
from typing import Any

from bench import people
from bench.meter import Usage, measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.api import until
from volley_tools.demo.provider import smpp_config

RECIPIENTS = 100_000
WARM_UP = 20_000
"""Recipients of a campaign before it: Kafka's Java compiles what runs hot, once after each start."""
PACE = 100_000
"""Parts per second of the sender: no limit here."""
WINDOW = 500
"""Unanswered submits of the bare loop: what a route has unless it is told otherwise."""


async def run() -> list[Result]:
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        await sent(platform, await prepared(platform, "warmup", WARM_UP))
        seconds, usage = await sent(platform, await prepared(platform, "bench", RECIPIENTS))
        bare = await bare_rate(platform)
        await platform.provider.behave(receipts=True)
        counted, receipts = await sent_and_delivered(platform, await prepared(platform, "receipts", RECIPIENTS))
    for name, used in usage.cpu.items():
        with_receipts = receipts.cpu[name] / RECIPIENTS * 1e6
        cpu = used / RECIPIENTS * 1e6
        print(f"   {name:<16} {cpu:6.1f} us/message, {with_receipts:6.1f} with receipts  {usage.memory[name]:6.0f} MB")
    return [
        row(
            "campaign by SMPP, start to finished",
            RECIPIENTS / seconds,
            "messages/s",
            "higher",
            mark=25_000,
            yardstick=bare,
        ),
        row("the same, CPU of all processes", per_message(usage), "us/message", "lower", mark=60),
        row("by SMPP with a receipt each, start to all counted", RECIPIENTS / counted, "messages/s", "higher"),
        row("the same, CPU of all processes, with receipts", per_message(receipts), "us/message", "lower"),
    ]


async def prepared(platform: Rig, name: str, count: int) -> story.Things:
    connection = smpp_config(platform.stack.simulator.smpp_port)
    return await story.prepare_plain(platform.api, name, people.csv_file(count), connection, PACE)


async def sent(platform: Rig, things: story.Things) -> tuple[float, Usage]:
    """Send a campaign to the segment of `things`: seconds from its start to *finished*, and what that used."""
    campaign = await ready(platform, things)
    async with measured(platform.pids()) as usage:
        await story.move(platform.api, campaign, "start")
        await story.wait_for_status(platform.api, campaign, "finished", seconds=300)
    return await took(platform, campaign), usage


async def sent_and_delivered(platform: Rig, things: story.Things) -> tuple[float, Usage]:
    """As `sent`, but until stats-svc has counted a receipt of every message."""
    campaign = await ready(platform, things)

    async def delivered() -> bool:
        stats = await platform.api.get(f"/v1/campaigns/{campaign['id']}/stats")
        return int(stats["totals"]["delivered"]) == RECIPIENTS

    async with measured(platform.pids()) as usage:
        await story.move(platform.api, campaign, "start")
        await story.wait_for_status(platform.api, campaign, "finished", seconds=300)
        await until(delivered, seconds=120, what="the receipts to be counted")
    return usage.seconds, usage


async def ready(platform: Rig, things: story.Things) -> dict[str, Any]:
    """A campaign to the segment of `things` that only waits to be started."""
    campaign = await story.write_plain(platform.api, things, "bench")
    await platform.api.patch(f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}})
    await story.move(platform.api, campaign, "submit")
    return await story.wait_for_status(platform.api, campaign, "ready", seconds=120)


async def took(platform: Rig, campaign: dict[str, Any]) -> float:
    """Seconds from *started* to *finished*, by the campaign's own history."""
    moves = {m["status_to"]: m["at"] async for m in platform.api.pages(f"/v1/campaigns/{campaign['id']}/history")}
    return (_time(moves["finished"]) - _time(moves["started"])).total_seconds()


async def bare_rate(platform: Rig) -> float:
    """Messages a second of a process that does nothing but submit to the same SMSC."""
    route = smpp_config(platform.stack.simulator.smpp_port)
    where = [str(route[name]) for name in ("host", "port", "system_id", "password")]
    command = [sys.executable, "-m", "bench.bare_smpp", *where, str(RECIPIENTS), str(WINDOW)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    told, _ = await process.communicate()
    assert process.returncode == 0, "the bare loop failed"
    rate, cpu = map(float, told.split())
    print(f"   bare loop {rate:,.0f} messages/s, {cpu:.1f} us/message")
    return rate


def per_message(usage: Usage) -> float:
    """Microseconds of CPU."""
    return usage.cpu_of_all() / RECIPIENTS * 1e6


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
