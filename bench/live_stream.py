"""The live stream: 500 browsers follow a campaign at one gateway process while it is sent."""

import asyncio
import time
from bisect import bisect_right
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from statistics import quantiles
from urllib.parse import urlsplit

import msgspec

from bench import people
from bench.meter import measured
from bench.results import Result, row
from bench.rig import Rig, rig
from volley_contracts import LiveFigures
from volley_tools.demo import story
from volley_tools.demo.provider import smpp_config

BROWSERS = 500
PACE = 2_000
SECONDS = 20
LOOK_SECONDS = 0.02
NO_LIMIT = {"VOLLEY_RATE_PER_SECOND": "1000000", "VOLLEY_RATE_BURST": "1000000"}


class Browser(asyncio.Protocol):
    """One open stream. `heard` gets, for every event with figures, when it came, when they were published, and how
    many messages they count.
    """

    def __init__(self, request: bytes, heard: list[tuple[float, float, int]]) -> None:
        self._request = request
        self._heard = heard
        self._rest = b""
        self.open = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.time()
        *lines, self._rest = (self._rest + data).splitlines(keepends=True) or [b""]
        if self._rest.endswith(b"\n"):
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            if line.startswith(b": welcome"):
                self.open.set()
            if line.startswith(b'data: {"account_id"') and b'"clicks_raw"' in line:
                figures = msgspec.json.decode(line[6:], type=LiveFigures)
                self._heard.append((now, figures.at.timestamp(), figures.submitted))


async def run() -> list[Result]:
    async with rig(settings=NO_LIMIT) as platform:
        await platform.provider.behave(receipts=False)
        connection = smpp_config(platform.stack.simulator.smpp_port)
        count = PACE * SECONDS
        things = await story.prepare_plain(platform.api, "live", people.csv_file(count), connection, PACE)
        campaign = await story.write_plain(platform.api, things, "live")
        await platform.api.patch(f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}})
        await story.move(platform.api, campaign, "submit")
        await story.wait_for_status(platform.api, campaign, "ready", seconds=120)
        heard: list[list[tuple[float, float, int]]] = [[] for _ in range(BROWSERS)]
        await connect(platform, heard)
        accepted: list[tuple[float, int]] = []
        looking = asyncio.create_task(look(platform, accepted))
        async with measured(platform.pids()) as usage:
            await story.move(platform.api, campaign, "start")
            await story.wait_for_status(platform.api, campaign, "finished", seconds=120)
        await asyncio.wait_for(until_heard(heard, count), 30)
        looking.cancel()
    return judged(heard, accepted, usage.cpu["gateway-api-0"], usage.seconds)


def judged(
    heard: list[list[tuple[float, float, int]]], accepted: list[tuple[float, int]], cpu: float, seconds: float
) -> list[Result]:
    on_the_way = quantiles([came - at for each in heard for came, at, _ in each], n=100)
    shown = quantiles([age for each in heard for age in ages(each, accepted)], n=100)
    events = sum(map(len, heard))
    print(f"   {BROWSERS} browsers, {events:,} events, gateway at {100 * cpu / seconds:.0f}% of a core")
    print(f"   from publication to browser: median {on_the_way[49] * 1e3:.0f} ms, p99 {on_the_way[98] * 1e3:.0f} ms")
    print(f"   age of what is shown: median {shown[49]:.2f} s, p99 {shown[98]:.2f} s")
    return [
        row("live figures, published to browser, p99", on_the_way[98], "s", "lower", mark=1),
        row("live figures, age of what a browser shows, p99", shown[98], "s", "lower", mark=1),
        row("the gateway's CPU for 500 browsers", 100 * cpu / seconds, "% of a core", "lower"),
    ]


def ages(heard: list[tuple[float, float, int]], accepted: list[tuple[float, int]]) -> list[float]:
    """How old what a browser shows is, every 20 ms: since when the provider had taken more messages than that."""
    times, counts = [at for at, _ in accepted], [count for _, count in accepted]
    found = []
    for (came, _, shown), (until, _, _) in pairwise(heard):
        place = bisect_right(counts, shown)
        outdated = times[place] if place < len(times) else until
        looks = int((until - came) / LOOK_SECONDS)
        found += [max(0.0, came + n * LOOK_SECONDS - outdated) for n in range(looks)]
    return found


async def connect(platform: Rig, heard: list[list[tuple[float, float, int]]]) -> None:
    """Open all streams, and wait until each was welcomed."""
    parts = urlsplit(platform.api.url)
    fields = "".join(f"{name}: {value}\r\n" for name, value in platform.api.headers.items())
    request = f"GET /v1/live HTTP/1.1\r\nhost: {parts.netloc}\r\n{fields}\r\n".encode()
    loop = asyncio.get_running_loop()
    for each in heard:
        made = partial(Browser, request, each)
        _, browser = await loop.create_connection(made, parts.hostname or "", parts.port or 80)
        await asyncio.wait_for(browser.open.wait(), 10)


async def look(platform: Rig, accepted: list[tuple[float, int]]) -> None:
    """How many messages the provider has accepted, and when."""
    while True:
        asked = datetime.now(UTC).timestamp()
        accepted.append((asked, await platform.provider.count()))
        await asyncio.sleep(LOOK_SECONDS)


async def until_heard(heard: list[list[tuple[float, float, int]]], count: int) -> None:
    while not all(each and each[-1][2] == count for each in heard):  # noqa: ASYNC110 - the browsers have no bell
        await asyncio.sleep(0.1)
