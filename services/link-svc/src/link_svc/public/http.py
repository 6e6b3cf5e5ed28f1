"""The public HTTP/1.1 server: httptools parses, this answers.

What a framework does for each request costs more than a redirect itself; see docs/adr/0010-own-public-server.md.
Nothing that anybody sends, or fails to send, holds much memory, or a connection for long: one request at a time a
connection, none above MAX_REQUEST bytes, none that takes longer than REQUEST_SECONDS to arrive.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from email.utils import formatdate
from http import HTTPStatus
from typing import TypeAlias, cast

import httptools
import msgspec

MAX_REQUEST = 64 * 1024
"""Bytes of request line, headers and body together. No honest request of this server comes near."""

MAX_CONNECTIONS = 20_000
REQUEST_SECONDS = 10.0
"""From a request's first byte (a connection's begin) to its last."""

ANSWER_SECONDS = 30.0
IDLE_SECONDS = 75.0
STOP_SECONDS = 5.0
_SWEEP_SECONDS = 1.0


class Request(msgspec.Struct, gc=False):
    """Header names are in lower case; of a repeated header the last one counts. `path` is without the query, `body` of
    MAX_REQUEST bytes at most.
    """

    method: bytes
    path: bytes
    headers: dict[bytes, bytes]
    body: bytes = b""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """`head` is the status line and the header lines, without `date` and `connection`."""

    head: bytes
    body: bytes


Reply: TypeAlias = Callable[[Answer], None]
Visit: TypeAlias = Callable[[Request, Reply], None]
"""Answers a request by calling the Reply once, at once or later. Must not raise."""


def answer(status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes = b"") -> Answer:
    """An answer with its content-length."""
    lines = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    lines += [name + b": " + value for name, value in (*headers, (b"content-length", b"%d" % len(body)))]
    return Answer(b"\r\n".join(lines) + b"\r\n", body)


_BAD_REQUEST = answer(400, [(b"content-type", b"text/plain; charset=utf-8")], b"This is no HTTP request, or too long.")


@asynccontextmanager
async def serving(visit: Visit, host: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port. Its end refuses new requests and waits until all are answered."""
    house = _House(visit)
    server = await house.loop.create_server(lambda: _Connection(house), host, port, backlog=2048)
    sweeping = house.loop.create_task(house.sweep())
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await house.empty()
        sweeping.cancel()


class _House:
    """What all connections share."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.loop = asyncio.get_running_loop()
        self.connections: set[_Connection] = set()
        self.date = b""
        self.closing = False
        self.left = asyncio.Event()

    async def sweep(self) -> None:
        """Keep the time, and end the connections whose time is over."""
        while True:
            self.date = b"date: " + formatdate(usegmt=True).encode() + b"\r\n"
            now = self.loop.time()
            for connection in [each for each in self.connections if each.deadline < now]:
                connection.transport.abort()
            await asyncio.sleep(_SWEEP_SECONDS)

    async def empty(self) -> None:
        """Let every request that has begun have its answer, and the others go; for STOP_SECONDS at most."""
        self.closing = True
        for connection in list(self.connections):
            connection.leave_if_idle()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while self.connections:
                    self.left.clear()
                    await self.left.wait()
        for connection in list(self.connections):
            connection.transport.abort()


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, house: _House) -> None:
        self._house = house
        self._parser = httptools.HttpRequestParser(self)
        self._received = 0
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = b""
        self._begun = False
        self._asked: Request | None = None
        self._last = False
        self.deadline = house.loop.time() + REQUEST_SECONDS

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none, but has all of it
        if self._house.closing or len(self._house.connections) >= MAX_CONNECTIONS:
            self.transport.abort()
        else:
            self._house.connections.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._house.connections.discard(self)
        self._house.left.set()

    def pause_writing(self) -> None:
        self.transport.abort()  # who asks again and again and never reads

    def leave_if_idle(self) -> None:
        if not self._begun and self._asked is None:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._received > MAX_REQUEST:
            self._refuse()
            return
        waiting = self._asked is not None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._last = True  # it is answered in HTTP/1.1, whatever it would rather speak
        except httptools.HttpParserError:
            self._refuse()
            return
        if self._asked is not None and not waiting:
            self.deadline = self._house.loop.time() + ANSWER_SECONDS
            self._house.visit(self._asked, self._reply)

    def on_message_begin(self) -> None:
        self._begun = True
        if self._asked is None:
            self.deadline = self._house.loop.time() + REQUEST_SECONDS

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, piece: bytes) -> None:
        self._body += piece

    def on_message_complete(self) -> None:
        if self._asked is not None or self._last:
            self._last = True  # a second request before the first was answered: the client may ask anew
            return
        self._asked = Request(self._parser.get_method(), self._url.partition(b"?")[0], self._headers, self._body)
        self._last = not self._parser.should_keep_alive()
        self._url, self._headers, self._body, self._begun, self._received = b"", {}, b"", False, 0

    def _refuse(self) -> None:
        if self._asked is not None:
            self._last = True  # nothing more is read; what was asked before is answered
            self.transport.pause_reading()
        else:
            self._last = True
            self._asked = Request(b"GET", b"", {})
            self._reply(_BAD_REQUEST)

    def _reply(self, reply: Answer) -> None:
        asked, self._asked = self._asked, None
        if asked is None or self.transport.is_closing():
            return
        last = self._last or self._house.closing
        end = b"connection: close\r\n\r\n" if last else b"\r\n"
        body = b"" if asked.method == b"HEAD" else reply.body
        self.transport.write(reply.head + self._house.date + end + body)
        self.deadline = self._house.loop.time() + IDLE_SECONDS
        if last:
            self.transport.close()
