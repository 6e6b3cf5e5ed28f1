"""A campaign by a generic HTTP provider, one message a POST and a hundred, from its start until it is finished.

The yardstick is the plainest client that there can be, against the same provider: as many connections, each of which
writes the next POST when its answer is there.
"""

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import cast

import msgspec
import uvloop

from bench import people
from bench.results import Result, row
from bench.rig import Rig, rig
from bench.smpp_campaign import PACE, RECIPIENTS, WARM_UP, sent
from volley_tools.demo import story

CONNECTIONS = 64
"""POSTs at once: the default of a route."""
BARE = 40_000
"""Messages of the yardstick."""


async def run() -> list[Result]:
    found: list[Result] = []
    async with rig() as platform:
        await platform.provider.behave(receipts=False)
        for batch, name, mark in ((1, "one message a POST", 14_000), (100, "100 messages a POST", 40_000)):
            bare = await asyncio.to_thread(uvloop.run, _bare(platform.stack.simulator.http_port, batch))
            rate = await _campaign(platform, batch)
            found.append(
                row(
                    f"campaign by HTTP, {name}, start to finished",
                    rate,
                    "messages/s",
                    "higher",
                    mark=mark,
                    yardstick=bare,
                )
            )
    return found


async def _campaign(platform: Rig, batch: int) -> float:
    """Messages a second."""
    api = await platform.connect()
    config = {"url": platform.provider.url, "token": "secret", "batch_size": batch, "concurrency": CONNECTIONS}
    made = {"name": "http", "protocol": "http", "config": {**config, "receipts": False}}
    route = await api.post("/v1/routes", made)
    account = msgspec.structs.replace(platform, api=api)
    for kind, count in (("warmup", WARM_UP), ("bench", RECIPIENTS)):
        things = await story.prepare_plain(api, f"{kind}{batch}", people.csv_file(count), route, PACE)
        seconds, usage = await sent(account, things)
    for name, used in usage.cpu.items():
        print(f"   {name:<16} {used / RECIPIENTS * 1e6:6.1f} us/message  {usage.memory[name]:6.0f} MB")
    return RECIPIENTS / seconds


async def _bare(port: int, batch: int) -> float:
    """Messages a second of the yardstick."""
    loop = asyncio.get_running_loop()
    posts = _posts(port, batch)
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    began = loop.time()
    for one in done:
        await loop.create_connection(partial(_Poster, posts, batch, one), "127.0.0.1", port)
    await asyncio.gather(*done)
    return BARE / (loop.time() - began)


def _posts(port: int, batch: int) -> Iterator[bytes]:
    text = "Hi Mia, the sale in Springfield is on: s.bench1.example/a1b2c3d4 Opt out: o.bench1.example/a1b2c3d4"
    head = f"POST /messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer secret\r\nContent-Length: "
    for first in range(0, BARE, batch):
        messages = [
            {"ref": f"bare-{batch}-{i}", "to": people.number(i), "from": "bare", "text": text, "encoding": "gsm7"}
            for i in range(first, first + batch)
        ]
        body = msgspec.json.encode({"messages": messages})
        yield b"%b%d\r\n\r\n%b" % (head.encode(), len(body), body)


class _Poster(asyncio.Protocol):
    """Writes one POST after the other and looks no further than whether all messages of it were accepted."""

    def __init__(self, posts: Iterator[bytes], batch: int, done: asyncio.Future[None]) -> None:
        self._posts, self._batch, self._done = posts, batch, done
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._answer.count(b'"accepted"') == self._batch and self._answer.endswith(b"]}"):
            self._answer = b""
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(error or ConnectionResetError("the provider has closed the connection"))

    def _next(self) -> None:
        post = next(self._posts, None)
        if post is not None:
            self._transport.write(post)
        else:
            self._done.set_result(None)
            self._transport.close()
