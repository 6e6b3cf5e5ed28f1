"""From Submit to the first message handed over, with 1,000,000 recipients: processing, then the start.

Some of the contacts are suppressed and some are in a country without a price: they are counted and dropped.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from bench import people
from bench.meter import measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.provider import smpp_config

RECIPIENTS = 1_000_000
SUPPRESSED = 10_000
UNROUTABLE = 10_000
PACE = 100_000
LONGEST = 180.0
POLL_S = 0.02


async def run() -> list[Result]:
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        campaign = await written(platform)
        async with measured(platform.pids()) as processing:
            began = time.monotonic()
            await story.move(platform.api, campaign, "submit")
            ready = await story.wait_for_status(platform.api, campaign, "ready", seconds=LONGEST)
            prepared = time.monotonic() - began
        assert ready["counts"]["recipients"] == RECIPIENTS, ready["counts"]
        assert ready["counts"]["audience_dropped"] == {"suppressed": SUPPRESSED, "unroutable": UNROUTABLE}
        copied = await copy(platform, campaign)
        async with measured(platform.pids()) as starting:
            first = await first_message(platform, campaign)
        await story.move(platform.api, campaign, "abort")
    cpu = {name: processing.cpu[name] + used for name, used in starting.cpu.items()}
    print("   " + ", ".join(f"{name} {used:.1f} s" for name, used in cpu.items() if used > 0.1))
    memory = max(usage.memory["campaign-svc-0"] for usage in (processing, starting))
    return [
        row("processing of 1,000,000 recipients", prepared, "s", "lower", mark=30, yardstick=copied),
        row("start to first message, 1,000,000 recipients", first, "s", "lower", mark=3),
        row("processing and start, memory of campaign-svc", memory, "MB", "lower", mark=300),
    ]


async def written(platform: Rig) -> dict[str, Any]:
    """The campaign, a draft that lacks nothing."""
    content = people.csv_file(RECIPIENTS + SUPPRESSED) + b"".join(_german(i) for i in range(UNROUTABLE))
    await story.import_contacts(platform.api, content, "million", lambda _: None, LONGEST)
    connection = smpp_config(platform.stack.simulator.smpp_port)
    things = await story.prepare_plain(platform.api, "million", people.csv_file(1), connection, PACE)
    async with campaign_database(platform) as database:
        await database.execute(
            "INSERT INTO suppressions (account_id, number, reason, created_at)"
            " SELECT account_id, number, 'manual', now() FROM contacts WHERE country = 'US' ORDER BY id LIMIT $1",
            SUPPRESSED,
        )
    campaign = await story.write_plain(platform.api, things, "million")
    patched: dict[str, Any] = await platform.api.patch(
        f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}}
    )
    return patched


def _german(index: int) -> bytes:
    """A row with a number in a country that the rate card lacks."""
    return f"+4915110{index:06},Anna,Musterstadt\n".encode()


async def first_message(platform: Rig, campaign: dict[str, Any]) -> float:
    """Seconds from the request to start until the provider has a message."""
    began = time.monotonic()
    await story.move(platform.api, campaign, "start")
    async with asyncio.timeout(LONGEST):
        while not await platform.provider.count():  # noqa: ASYNC110 - the provider is polled
            await asyncio.sleep(POLL_S)
    return time.monotonic() - began


async def copy(platform: Rig, campaign: dict[str, Any]) -> float:
    """Seconds of COPY of the same recipients from a file into a table without an index."""
    async with campaign_database(platform) as database:
        with tempfile.TemporaryFile() as file:
            await database.copy_from_query(
                "SELECT * FROM recipients WHERE campaign_id = $1", UUID(campaign["id"]), output=file, format="binary"
            )
            file.seek(0)
            await database.execute("CREATE TABLE bench_recipients (LIKE recipients)")
            began = time.monotonic()
            await database.copy_to_table("bench_recipients", source=file, format="binary")
            seconds = time.monotonic() - began
        await database.execute("DROP TABLE bench_recipients")
    return seconds


@asynccontextmanager
async def campaign_database(platform: Rig) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(f"{platform.stack.addresses.postgres}/volley_campaign")
    try:
        yield connection
    finally:
        await connection.close()
