"""What binds quickly: pause, suspension, abort, a slower pace and STOP, at full speed through all services.

Of a move it is the time from its acknowledgement to the last message that the SMSC got of the campaign while it held,
by the SMSC's ledger; of STOP, from the phone's message to the last one that came to it. A suspension is acknowledged
when the campaign's history says.
"""

import asyncio
import time
from datetime import datetime

from bench import people
from bench.many import Json, Order, furnish, ready
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.api import Api, until
from volley_tools.demo.evidence import Ledger
from volley_tools.demo.provider import smpp_config

RECIPIENTS = 250_000
NO_PACE, SLOWER = 100_000, 500
UNDER_WAY, STANDING = 1.0, 2.5
"""Seconds of sending before a move, and of watching after it."""
EARLIER = 3_000
"""People who are texted before by another sender, and some of whom answer STOP while the campaign runs."""
STOP_PER_MILLE, STOP_AFTER_MS = 20, 2_500
MARK = 1.0


async def run() -> list[Result]:
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        api, things = await furnish(platform, [Order("Binding", NO_PACE, RECIPIENTS)])
        moved = await _moves(platform, api, things[0])
        stopped, reached = await _stops(platform, api, things[0])
        slower = await _slower(platform, api, things[0])
    print(f"   {reached} phones answered STOP before their turn")
    rows = [
        row(f"{name} at full speed: the last message after it", late, "s", "lower", mark=MARK)
        for name, late in [*moved, ("STOP", stopped)]
    ]
    rows.append(
        row("a slower pace at full speed: the last fuller second begins after it", slower, "s", "lower", mark=MARK)
    )
    return [*rows, row("phones that answered STOP before their turn", reached, "phones", "higher", mark=1)]


async def _moves(platform: Rig, api: Api, things: story.Things) -> list[tuple[str, float]]:
    (campaign,) = await ready(api, [things])
    path = f"/v1/campaigns/{campaign['id']}"
    await story.move(api, campaign, "start")
    await _under_way(platform, 0)
    await story.move(api, campaign, "pause")
    paused = await _last_after(platform, time.time())

    sent = await _resumed(platform, api, campaign)
    await _under_way(platform, sent)
    await api.patch(path, {"budget": {"amount": "0.01", "currency": "EUR"}})
    await story.wait_for_status(api, campaign, "suspended", seconds=10)
    history = [m async for m in api.pages(f"{path}/history") if m["status_to"] == "suspended"]
    suspended = await _last_after(platform, datetime.fromisoformat(history[-1]["at"]).timestamp())

    await api.patch(path, {"budget": None})
    sent = await _resumed(platform, api, campaign)
    await _under_way(platform, sent)
    await story.move(api, campaign, "abort")
    aborted = await _last_after(platform, time.time())
    return [("pause", paused), ("suspension", suspended), ("abort", aborted)]


async def _resumed(platform: Rig, api: Api, campaign: Json) -> int:
    """How many messages there were before."""
    sent = len((await platform.provider.ledger()).messages)
    await story.move(api, campaign, "resume")
    return sent


async def _under_way(platform: Rig, before: int) -> None:
    """Wait until the campaign sends, and a little more."""
    await platform.provider.accepted(before + 500, seconds=30)
    await asyncio.sleep(UNDER_WAY)


async def _last_after(platform: Rig, acknowledged: float) -> float:
    """Seconds from the acknowledgement to the last message (0: none came later), which is then well over."""
    await asyncio.sleep(STANDING)
    messages = (await platform.provider.ledger()).messages
    assert messages, "it was sending"
    return max(0.0, float(messages[-1]["at"]) - acknowledged)


async def _stops(platform: Rig, api: Api, things: story.Things) -> tuple[float, int]:
    """How long after a STOP the last message came to its phone, and how many answered before their turn came."""
    rows = [
        people.csv_file(EARLIER // 30, first).split(b"\n", 1)[1] for first in range(0, RECIPIENTS, RECIPIENTS // 30)
    ]
    some = b"number,first_name,city\n" + b"".join(rows)
    earlier = await story.prepare_plain(api, "Earlier", some, smpp_config(platform.stack.simulator.smpp_port), NO_PACE)
    first, second = await ready(api, [earlier, things])
    before = len((await platform.provider.ledger()).messages)
    await platform.provider.behave(stop=STOP_PER_MILLE, delivery_ms=STOP_AFTER_MS)
    await story.move(api, first, "start")
    await platform.provider.accepted(before + EARLIER, seconds=30)
    await story.move(api, second, "start")
    await story.wait_for_status(api, second, "finished", seconds=90)
    totals = await until(lambda: _totals(api, second), seconds=30, what="the figures of the second campaign")
    return _last_after_stop(await platform.provider.ledger(), before), totals["suppressed"]


async def _totals(api: Api, campaign: Json) -> Json | None:
    totals: Json = (await api.get(f"/v1/campaigns/{campaign['id']}/stats"))["totals"]
    return totals if totals["submitted"] + totals["suppressed"] + totals["failed"] >= RECIPIENTS else None


def _last_after_stop(ledger: Ledger, before: int) -> float:
    stopped = {event["number"]: event["monotonic"] for event in ledger.events if event["kind"] == "stop"}
    after = [m["monotonic"] - stopped[m["to"]] for m in ledger.messages[before:] if m["to"] in stopped]
    return float(max([0.0, *after]))


async def _slower(platform: Rig, api: Api, things: story.Things) -> float:
    """Seconds from the acknowledgement of a slower pace to the begin of the last second that was fuller than it."""
    await platform.provider.behave(stop=0)
    (campaign,) = await ready(api, [things])
    before = len((await platform.provider.ledger()).messages)
    await story.move(api, campaign, "start")
    await _under_way(platform, before)
    await api.patch(f"/v1/senders/{things.senders[0]['id']}", {"parts_per_second": SLOWER})
    acknowledged = time.monotonic()
    await asyncio.sleep(2 * STANDING)
    await story.move(api, campaign, "abort")
    times = [m["monotonic"] for m in (await platform.provider.ledger()).messages[before:]]
    fuller = [first for first, over in zip(times, times[SLOWER:], strict=False) if over < first + 1]
    return max(0.0, fuller[-1] - acknowledged) if fuller else 0.0
