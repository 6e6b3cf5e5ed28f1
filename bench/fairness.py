"""Twenty campaigns on twenty senders through all services, one of which may send 1 part/s: what the others lose by it.

Nineteen senders at a pace that the machine can keep, by the SMSC's ledger, with and without the slow one; twice each in
turn, and the better run counts, for what the machine does besides only takes away.
"""

import asyncio
import time

from bench.many import Json, Order, furnish, move_all, ready
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.api import Api

FAST, SLOW = 250, 1
OTHERS = 19
WARM_UP, SECONDS = 3.0, 8.0
ROUNDS = 2
LOSS_MARK = 5.0


async def run() -> list[Result]:
    recipients = int(FAST * (WARM_UP + SECONDS + 4))
    orders = [Order(f"Fast{number}", FAST, recipients) for number in range(OTHERS)] + [Order("Slow", SLOW, 100)]
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        api, things = await furnish(platform, orders)
        without, beside = [], []
        for _ in range(ROUNDS):
            without.append(await _rate(platform, api, things[:OTHERS]))
            beside.append(await _rate(platform, api, things))
    print(f"   messages/s without the slow one: {without}; beside it: {beside}")
    rate, yardstick = max(beside), max(without)
    return [
        row("19 senders beside one at 1 part/s", rate, "messages/s", "higher", yardstick=yardstick),
        row("what they lose by it", max(0.0, 100 * (1 - rate / yardstick)), "%", "lower", mark=LOSS_MARK),
    ]


async def _rate(platform: Rig, api: Api, things: list[story.Things]) -> float:
    """Messages a second of the fast ones."""
    campaigns: list[Json] = await ready(api, things)
    await move_all(api, campaigns, "start")
    await asyncio.sleep(WARM_UP)
    begin = time.monotonic()
    await asyncio.sleep(SECONDS)
    end = time.monotonic()
    await move_all(api, campaigns, "abort")
    ledger = await platform.provider.ledger()
    fast = [m for m in ledger.messages if m["from"] != "Slow" and begin <= m["monotonic"] <= end]
    return round(len(fast) / SECONDS, 1)
