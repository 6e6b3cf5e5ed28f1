"""Five senders at once, at paces from 1 to 10,000 parts/s, judged by the SMSC's ledger; with 1 and with 4 processes.

Used is what came between the first and the last arrival of the time that counts, against what the pace allows in it:
(parts - the first) / (seconds between them x pace), so that 20 arrivals at 1 part/s say as much as 200,000 at 10,000.

The busiest second is any sliding one. What the SMSC reads late, because the machine kept it waiting, seems to arrive at
one moment; so beside the count by the times of reading stands what was surely less than a second apart.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from bench.dispatching import Dispatching, dispatching
from bench.meter import measured
from bench.results import Result, row

PACES = (1, 10, 100, 1_000, 10_000)
PROCESSES = (1, 4)
WARM_UP, SECONDS = 3.0, 20.0
USED_MARK = 97.0


async def run() -> list[Result]:
    found = []
    for processes in PROCESSES:
        async with dispatching(processes) as platform:
            found += await _measured(platform, processes)
    return found


async def _measured(platform: Dispatching, processes: int) -> list[Result]:
    enough = WARM_UP + SECONDS + 2
    campaigns = [await platform.queued(number, pace, int(pace * enough) + 5) for number, pace in enumerate(PACES)]
    for campaign in campaigns:
        await platform.move(campaign, "started")
    await asyncio.sleep(WARM_UP)
    replicas = platform.stack.platform.replicas
    async with measured({r.name: pid for r in replicas if (pid := platform.stack.pid(r.name))}) as usage:
        begin = time.monotonic()
        await asyncio.sleep(SECONDS)
        end = time.monotonic()
    for campaign in campaigns:
        await platform.move(campaign, "aborted")
    ledger = await platform.provider.ledger()
    print(f"   dispatch-svc used {usage.cpu_of_all() / SECONDS:.2f} cores")
    print(f"   the SMSC's longest pause: {ledger.summary['longest_pause'] * 1000:.0f} ms")
    rows = []
    for campaign in campaigns:
        address, pace = campaign.sender.address, campaign.sender.parts_per_second
        counted = [m for m in ledger.of_sender(address) if begin <= m["monotonic"] <= end]
        rows += _rows(pace, processes, counted, ledger.summary["senders"][address])
    return rows


def _rows(pace: int, processes: int, messages: Sequence[dict[str, Any]], summary: dict[str, int]) -> list[Result]:
    what = f"throttle of {pace:,} parts/s, {processes} dispatch process{'es' if processes > 1 else ''}"
    peak, certain = summary["max_parts_per_second"], summary["certain_parts_per_second"]
    used = _used([m["monotonic"] for m in messages], [m["parts"] for m in messages], pace)
    print(f"   {what}: {used:.2f}% used; busiest second {peak:,} as read, {certain:,} for certain")
    return [
        row(f"{what}: used", used, "%", "higher", mark=USED_MARK),
        row(f"{what}: busiest second", certain, "parts", "lower", mark=pace),
    ]


def _used(times: Sequence[float], parts: Sequence[int], pace: int) -> float:
    """Percent of the pace between the first arrival and the last."""
    if len(times) < 2:
        return 0.0
    return 100 * (sum(parts) - parts[0]) / ((times[-1] - times[0]) * pace)
