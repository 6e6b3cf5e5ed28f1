"""A campaign by SMPP, from its start until it is finished, through all five services."""

from datetime import datetime
from typing import Any

from bench import people
from bench.meter import Usage, measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.provider import smpp_config

RECIPIENTS = 100_000
WARM_UP = 20_000
"""Recipients of a campaign before it: Kafka's Java compiles what runs hot, once after each start."""
PACE = 100_000
"""Parts per second of the sender: no limit here."""


async def run() -> list[Result]:
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        connection = smpp_config(platform.stack.simulator.smpp_port)
        for name, count in (("warmup", WARM_UP), ("bench", RECIPIENTS)):
            things = await story.prepare_plain(platform.api, name, people.csv_file(count), connection, PACE)
            seconds, usage = await sent(platform, things)
    rate = RECIPIENTS / seconds
    for name, used in usage.cpu.items():
        print(f"   {name:<16} {used / RECIPIENTS * 1e6:6.1f} us/message  {usage.memory[name]:6.0f} MB")
    return [
        row("campaign by SMPP, start to finished", rate, "messages/s", "higher", mark=25_000),
        row(
            "the same, CPU of all processes",
            usage.cpu_of_all() / RECIPIENTS * 1e6,
            "us/message",
            "lower",
            mark=60,
        ),
    ]


async def sent(platform: Rig, things: story.Things) -> tuple[float, Usage]:
    """Send a campaign to the segment of `things`: seconds from its start to *finished*, and what that used."""
    campaign = await story.write_plain(platform.api, things, "bench")
    await platform.api.patch(f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}})
    await story.move(platform.api, campaign, "submit")
    await story.wait_for_status(platform.api, campaign, "ready", seconds=120)
    async with measured(platform.pids()) as usage:
        await story.move(platform.api, campaign, "start")
        await story.wait_for_status(platform.api, campaign, "finished", seconds=300)
    return await took(platform, campaign), usage


async def took(platform: Rig, campaign: dict[str, Any]) -> float:
    """Seconds from *started* to *finished*, by the campaign's own history."""
    moves = {m["status_to"]: m["at"] async for m in platform.api.pages(f"/v1/campaigns/{campaign['id']}/history")}
    return (_time(moves["finished"]) - _time(moves["started"])).total_seconds()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)
