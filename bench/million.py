"""A campaign to 1,000,000 recipients by SMPP: as fast as one to 100,000 on the same platform, in the same memory."""

from typing import Any

from bench import people
from bench.meter import Usage, measured
from bench.results import Result, row
from bench.rig import SERVERS, Rig, rig
from bench.smpp_campaign import PACE, ready, sent, took
from bench.smpp_campaign import RECIPIENTS as FEWER
from volley_tools.demo import story
from volley_tools.demo.api import until
from volley_tools.demo.provider import smpp_config

RECIPIENTS = 1_000_000
WARM_UP = 20_000
LONGEST = 180.0


async def run() -> list[Result]:
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        await sent(platform, await prepared(platform, "warmup", WARM_UP))
        seconds, _ = await sent(platform, await prepared(platform, "fewer", FEWER))
        million, fifths = await sent_in_fifths(platform, await prepared(platform, "million", RECIPIENTS))
    first, last = fifths[0], fifths[-1]
    for name in services(first):
        highest = [usage.memory[name] for usage in fifths]
        print(f"   {name:<16} {' '.join(f'{megabytes:4.0f}' for megabytes in highest)} MB in each fifth")
    cpu = sum(usage.cpu_of_all() for usage in fifths) / RECIPIENTS * 1e6
    grown = max(last.memory[name] - first.memory[name] for name in services(first))
    largest = max(usage.memory[name] for usage in fifths for name in services(usage))
    return [
        row(
            "1,000,000 recipients by SMPP, start to finished",
            RECIPIENTS / million,
            "messages/s",
            "higher",
            mark=0.9 * FEWER / seconds,
            yardstick=FEWER / seconds,
        ),
        row("1,000,000 recipients, CPU of all processes", cpu, "us/message", "lower"),
        row("1,000,000 recipients, largest service", largest, "MB", "lower", mark=300),
        row("1,000,000 recipients, memory from first to last fifth", grown, "MB", "lower"),
    ]


async def prepared(platform: Rig, name: str, count: int) -> story.Things:
    await story.import_contacts(platform.api, people.csv_file(count), name, lambda _: None, LONGEST)
    connection = smpp_config(platform.stack.simulator.smpp_port)
    return await story.prepare_plain(platform.api, name, people.csv_file(1), connection, PACE)


async def sent_in_fifths(platform: Rig, things: story.Things) -> tuple[float, list[Usage]]:
    """Send a campaign: seconds from its start to *finished*, and what each fifth of it used."""
    campaign = await ready(platform, things)
    fifths = []
    for fifth in range(1, 6):
        async with measured(platform.pids()) as usage:
            if fifth == 1:
                await story.move(platform.api, campaign, "start")
            await until(
                lambda wanted=fifth * RECIPIENTS // 5: _settled(platform, campaign, wanted),
                seconds=LONGEST,
                what=f"fifth {fifth}",
            )
        fifths.append(usage)
    await story.wait_for_status(platform.api, campaign, "finished", seconds=10)
    return await took(platform, campaign), fifths


async def _settled(platform: Rig, campaign: dict[str, Any], wanted: int) -> bool:
    current = await platform.api.get(f"/v1/campaigns/{campaign['id']}")
    return int(current["counts"]["settled"]) >= wanted


def services(usage: Usage) -> list[str]:
    """The processes that are Volley's own."""
    return [name for name in usage.memory if name not in SERVERS]
