"""A CSV file of 1,000,000 contacts: uploaded through the gateway, imported into a segment, then imported again."""

import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from bench import people
from bench.meter import Usage, measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story

ROWS = 1_000_000
WARM_UP = 20_000
PIECE = 1_000_000
LONGEST = 180.0
"""Seconds that an import may take."""


async def run() -> list[Result]:
    content = people.csv_file(ROWS)
    async with rig() as platform:
        await import_file(platform, people.csv_file(WARM_UP, ROWS), "warm-up")
        added, usage = await import_file(platform, content, "everybody")
        updated, _ = await import_file(platform, content, "everybody")
        plain = await copy(platform, content)
    for name, used in usage.cpu.items():
        print(f"   {name:<16} {used / ROWS * 1e6:6.1f} us/row  {usage.memory[name]:6.0f} MB")
    memory = usage.memory["campaign-svc-0"]
    return [
        row("contacts import, upload to finished", ROWS / added, "rows/s", "higher", mark=50_000, yardstick=plain),
        row("the same file again, all known", ROWS / updated, "rows/s", "higher", yardstick=plain),
        row("contacts import, memory of campaign-svc", memory, "MB", "lower", mark=300),
    ]


async def import_file(platform: Rig, content: bytes, segment: str) -> tuple[float, Usage]:
    """Seconds from the first byte of the upload until the import is finished, and what that used."""
    async with measured(platform.pids()) as usage:
        began = time.monotonic()
        done: dict[str, Any] = await story.import_contacts(platform.api, content, segment, lambda _: None, LONGEST)
        seconds = time.monotonic() - began
    assert done["status"] == "finished", done
    return seconds, usage


async def copy(platform: Rig, content: bytes) -> float:
    """Rows per second of COPY of the same file into a table of three texts without an index."""
    connection = await asyncpg.connect(f"{platform.stack.addresses.postgres}/volley_campaign")
    try:
        await connection.execute("CREATE TABLE bench_plain (number text, first_name text, city text)")
        began = time.monotonic()
        await connection.copy_to_table("bench_plain", source=_pieces(content), format="csv", header=True)
        seconds = time.monotonic() - began
        await connection.execute("DROP TABLE bench_plain")
    finally:
        await connection.close()
    return ROWS / seconds


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), PIECE):
        yield content[at : at + PIECE]
