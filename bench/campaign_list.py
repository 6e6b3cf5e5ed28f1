"""The campaigns page: 10,000 campaigns of one account, listed through the gateway, any page, filtered and sorted."""

import asyncio
import os
import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from bench.meter import measured
from bench.results import Result, row
from bench.rig import Rig, rig
from bench.wrk import Load, wrk
from volley_contracts import new_id
from volley_tools.demo.api import Api
from volley_tools.stack.prerequisites import find_postgres

CAMPAIGNS = 10_000
PAGE = 25
CONNECTIONS = 16
SECONDS = 8
WORDS = ("Spring", "Summer", "Autumn", "Winter", "Sale", "Launch", "Reminder", "Welcome", "Survey", "Loyalty")
TAGS = ("retail", "vip", "newsletter", "winback", "region-north", "region-south", "test", "partner")
STATUSES = ("draft", "finished", "finished", "finished", "sending", "scheduled", "paused", "aborted")
NO_LIMIT = {"VOLLEY_RATE_PER_SECOND": "1000000", "VOLLEY_RATE_BURST": "1000000"}


async def run() -> list[Result]:
    async with rig(settings=NO_LIMIT) as platform:
        api = await platform.connect()
        account = UUID((await api.get("/v1/me"))["account"]["id"])
        await seed(platform, account)
        pages = [path async for path in walk(api)]
        found = {name: await load(platform, api, paths) for name, paths in shapes(pages).items()}
        yardstick = await pgbench(platform)
    rows = []
    for name, (seen, cpu) in found.items():
        print(f"   {name:<22} {seen.rate:7.0f} req/s  p50 {seen.p50_ms:5.1f} ms  p99 {seen.p99_ms:5.1f} ms")
        print("     " + ", ".join(f"{process} {used:.0f} us" for process, used in cpu.items() if used >= 1))
        rows += [
            row(f"campaigns list, {name}", seen.rate, "requests/s", "higher", mark=1000, yardstick=yardstick),
            row(f"campaigns list, {name}, p99", seen.p99_ms, "ms", "lower", mark=50),
        ]
    return rows


def shapes(pages: list[str]) -> dict[str, list[str]]:
    """What people ask for: `pages` are all pages of the whole list, the newest first."""
    draw = random.Random(1)
    filtered = [
        f"/v1/campaigns?limit={PAGE}&name={word}%20{n}&tag={tag}" for word in WORDS for n in range(20) for tag in TAGS
    ]
    draw.shuffle(pages)
    draw.shuffle(filtered)
    return {"any page": pages, "by name and tag": filtered, "first page": [f"/v1/campaigns?limit={PAGE}"]}


async def walk(api: Api) -> Any:
    """The path of every page."""
    path = f"/v1/campaigns?limit={PAGE}"
    found = await api.get(path)
    assert found["total"] == CAMPAIGNS, found["total"]
    yield path
    while found["next"]:
        after = f"{path}&after={found['next']}"
        found = await api.get(after)
        yield after


async def load(platform: Rig, api: Api, paths: list[str]) -> tuple[Load, dict[str, float]]:
    """What wrk saw, and microseconds of CPU a request by process."""
    headers = api.headers
    await wrk(api.url, paths, connections=CONNECTIONS, seconds=2, headers=headers)
    async with measured(platform.pids()) as usage:
        seen = await wrk(api.url, paths, connections=CONNECTIONS, seconds=SECONDS, headers=headers)
    return seen, {name: used / seen.requests * 1e6 for name, used in usage.cpu.items()}


async def seed(platform: Rig, account: UUID) -> None:
    """Campaigns with names, tags, statuses, progress and figures, as a year of work would leave them."""
    draw = random.Random(0)
    start = datetime.now(UTC) - timedelta(days=365)
    campaigns, progress = [], []
    for i in range(CAMPAIGNS):
        at = start + timedelta(minutes=50 * i)
        recipients = draw.randrange(100, 200_000)
        tags = draw.sample(TAGS, draw.randrange(4))
        name = f"{draw.choice(WORDS)} {draw.choice(WORDS)} {i}"
        status = draw.choice(STATUSES)
        known = None if status == "draft" else recipients
        campaigns.append((new_id(), account, name, tags, status, at, "key:bench", at, known))
        if status in {"finished", "sending", "paused", "aborted"}:
            progress.append((campaigns[-1][0], recipients // 2, recipients, Decimal(recipients) / 100, "EUR", at))
    connection = await asyncpg.connect(database_url(platform))
    try:
        columns = ["id", "account_id", "name", "tags", "status", "created_at", "created_by", "updated_at", "recipients"]
        await connection.copy_records_to_table("campaigns", records=campaigns, columns=columns)
        columns = ["campaign_id", "submitted", "parts", "cost", "currency", "last_at"]
        await connection.copy_records_to_table("campaign_progress", records=progress, columns=columns)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def database_url(platform: Rig) -> str:
    replica = platform.stack.platform.replica("campaign-svc")
    return platform.stack.platform.environment(replica)["VOLLEY_DATABASE_URL"]


async def pgbench(platform: Rig) -> float:
    """Transactions a second of `pgbench -S` at as many connections, on the same Postgres."""
    folder = find_postgres()
    assert folder is not None
    program, url = _program(folder), database_url(platform)
    await _quiet(program, "-i", "-q", "-s", "1", url)
    told = await _quiet(program, "-S", "-n", f"-c{CONNECTIONS}", "-j1", f"-T{SECONDS}", url)
    found = re.search(r"tps = ([\d.]+)", told)
    assert found, told
    return float(found[1])


def _program(folder: Path) -> str:
    return str(folder / "pgbench") if (folder / "pgbench").exists() else "pgbench"


async def _quiet(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=dict(os.environ)
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output
    return output.decode()
