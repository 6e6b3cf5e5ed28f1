"""Clicks at the public redirect, and how long until the gateway's statistics count them."""

import asyncio
import re
import time
from bisect import bisect_left
from collections import deque
from itertools import cycle
from statistics import quantiles
from urllib.parse import urlsplit

import msgspec

from bench import people
from bench.meter import measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_tools.demo import story
from volley_tools.demo.provider import smpp_config

MESSAGES = 20_000
RATE = 5_000
SECONDS = 20
CONNECTIONS = 256
TICK_SECONDS = 0.002
POLL_SECONDS = 0.05
NO_LIMIT = {"VOLLEY_RATE_PER_SECOND": "1000000", "VOLLEY_RATE_BURST": "1000000"}
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
_ANSWER = re.compile(rb"HTTP/1\.1 (\d+)")


class Visitor(asyncio.Protocol):
    """One connection, among the `idle` ones while it waits for no answer; `answered` gets the time of each."""

    def __init__(self, idle: "deque[Visitor]", answered: list[float]) -> None:
        self.idle = idle
        self.answered = answered
        self.transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        at = time.monotonic()
        for status in _ANSWER.findall(data):
            assert status == b"302", data
            self.answered.append(at)
            self.idle.append(self)

    def click(self, request: bytes) -> None:
        assert self.transport is not None
        self.transport.write(request)


async def run() -> list[Result]:
    async with rig(settings=NO_LIMIT) as platform:
        await platform.provider.behave(receipts=False)
        campaign, requests = await sent(platform)
        answered: list[float] = []
        counted: list[tuple[float, int]] = []
        polling = asyncio.create_task(poll(platform, campaign, counted))
        async with measured(platform.pids()) as usage:
            await click(platform.stack.public_url(), requests, answered)
        await asyncio.wait_for(until_counted(counted, len(answered)), 60)
        polling.cancel()
    for name, used in usage.cpu.items():
        print(f"   {name:<16} {used / len(answered) * 1e6:6.1f} us/click  {usage.memory[name]:6.0f} MB")
    waits = seconds_to_visible(answered, counted)
    rate = len(answered) / (answered[-1] - answered[0])
    print(f"   {len(answered):,} clicks, {rate:,.0f}/s; visible after: median {waits[49]:.2f} s")
    return [
        row("clicks answered meanwhile", rate, "clicks/s", "higher", mark=0.99 * RATE, yardstick=RATE),
        row("click to visible in stats, p99", waits[98], "s", "lower", mark=2),
    ]


async def sent(platform: Rig) -> tuple[str, list[bytes]]:
    """A campaign that was sent, and a request for each of its short links."""
    connection = smpp_config(platform.stack.simulator.smpp_port)
    things = await story.prepare_plain(platform.api, "clicks", people.csv_file(MESSAGES), connection, 100_000)
    campaign = await story.write_plain(platform.api, things, "clicks")
    await story.move(platform.api, campaign, "submit")
    await story.wait_for_status(platform.api, campaign, "finished", seconds=120)
    ledger = await platform.provider.ledger()
    found = (re.search(r"https?://s\.\S+", message["text"]) for message in ledger.messages)
    return campaign["id"], [request(match[0]) for match in found if match]


def request(url: str) -> bytes:
    parts = urlsplit(url)
    return f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: {PHONE}\r\n\r\n".encode()


async def click(url: str, requests: list[bytes], answered: list[float]) -> None:
    """RATE clicks a second for SECONDS, later where no connection is idle; returns when all are answered."""
    parts = urlsplit(url)
    loop, host, port = asyncio.get_running_loop(), parts.hostname or "", parts.port or 80
    idle: deque[Visitor] = deque()
    for _ in range(CONNECTIONS):
        idle.append((await loop.create_connection(lambda: Visitor(idle, answered), host, port))[1])
    turns, wanted = cycle(requests), RATE * SECONDS
    began, made = time.monotonic(), 0
    while made < wanted:
        due = min(wanted, int((time.monotonic() - began) * RATE))
        while made < due and idle:
            idle.popleft().click(next(turns))
            made += 1
        await asyncio.sleep(TICK_SECONDS)
    async with asyncio.timeout(30):
        while len(answered) < wanted:  # noqa: ASYNC110 - the visitors have no bell
            await asyncio.sleep(TICK_SECONDS)


async def poll(platform: Rig, campaign: str, counted: list[tuple[float, int]]) -> None:
    """When the gateway's statistics said how many clicks."""
    decoder = msgspec.json.Decoder(dict[str, object])
    while True:
        url = f"{platform.api.url}/v1/campaigns/{campaign}/stats"
        async with platform.api.session.get(url, headers=platform.api.headers) as answer:
            totals = decoder.decode(await answer.read())["totals"]
        assert isinstance(totals, dict)
        counted.append((time.monotonic(), totals["clicks_raw"]))
        await asyncio.sleep(POLL_SECONDS)


async def until_counted(counted: list[tuple[float, int]], clicks: int) -> None:
    while not counted or counted[-1][1] < clicks:  # noqa: ASYNC110 - polled all the same
        await asyncio.sleep(POLL_SECONDS)


def seconds_to_visible(answered: list[float], counted: list[tuple[float, int]]) -> list[float]:
    """Percentiles (1 to 99) of the time from the n-th answered click to the first look that counted n."""
    counts = [count for _, count in counted]
    return quantiles(
        (counted[bisect_left(counts, n)][0] - at for n, at in enumerate(answered, 1)), n=100, method="inclusive"
    )
