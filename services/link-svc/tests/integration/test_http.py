"""The public server's HTTP over real sockets: whole answers, one at a time, time limits, and a graceful stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from link_svc.public import http
from link_svc.public.http import Reply, Request, answer, serving

WITHIN = 30
FOUND = answer(302, [(b"location", b"https://shop.example/")], b"Look there.")
GET = b"GET /abc?x=1 HTTP/1.1\r\nHost: go.example\r\n\r\n"


class Visits:
    """Keeps the requests, and answers them at once or when `answer_all` is called."""

    def __init__(self, *, at_once: bool = True) -> None:
        self.at_once = at_once
        self.seen: list[Request] = []
        self.replies: list[Reply] = []
        self.came = asyncio.Event()

    def __call__(self, request: Request, reply: Reply) -> None:
        self.seen.append(request)
        self.came.set()
        if self.at_once:
            reply(FOUND)
        else:
            self.replies.append(reply)

    def answer_all(self) -> None:
        for reply in self.replies:
            reply(FOUND)


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(WITHIN):
            yield reader, writer
    finally:
        writer.close()


async def head_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


async def rest_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the server ends the connection, in whichever way."""
    try:
        return await reader.read()
    except ConnectionError:
        return b""


async def test_a_connection_serves_one_request_after_the_other_however_they_are_cut() -> None:
    visits = Visits()
    async with serving(visits, "127.0.0.1", 0) as port, connected(port) as (reader, writer):
        for _ in range(2):
            for at in range(len(GET)):
                writer.write(GET[at : at + 1])
                await writer.drain()
            head = await head_of(reader)
            assert head.startswith(
                b"HTTP/1.1 302 Found\r\nlocation: https://shop.example/\r\ncontent-length: 11\r\ndate: "
            )
            assert b"connection" not in head
            assert await reader.readexactly(11) == b"Look there."
    assert [(each.method, each.path, each.headers) for each in visits.seen] == [
        (b"GET", b"/abc", {b"host": b"go.example"})
    ] * 2


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", b"Look there."),
        (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", b"Look there."),
        (b"HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n", b""),
        (b"GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", b"Look there."),
        (b"POST / HTTP/1.1\r\nContent-Length: 3\r\nConnection: close\r\n\r\na=b", b"Look there."),
    ],
)
async def test_a_connection_that_ends_ends_with_a_whole_answer(sent: bytes, body: bytes) -> None:
    async with serving(Visits(), "127.0.0.1", 0) as port, connected(port) as (reader, writer):
        writer.write(sent)
        assert b"\r\nconnection: close\r\n" in await head_of(reader)
        assert await rest_of(reader) == body


async def test_a_second_request_before_the_first_is_answered_ends_the_connection_with_the_first() -> None:
    visits = Visits(at_once=False)
    async with serving(visits, "127.0.0.1", 0) as port, connected(port) as (reader, writer):
        writer.write(GET + GET)
        await visits.came.wait()
        visits.answer_all()
        assert b"\r\nconnection: close\r\n" in await head_of(reader)
        assert await rest_of(reader) == b"Look there."
    assert len(visits.seen) == 1


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nX-Slow:", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\na"])
async def test_who_takes_too_long_to_ask_is_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> None:
    monkeypatch.setattr(http, "REQUEST_SECONDS", 0.05)
    monkeypatch.setattr(http, "_SWEEP_SECONDS", 0.01)
    visits = Visits()
    async with serving(visits, "127.0.0.1", 0) as port, connected(port) as (reader, writer):
        writer.write(sent)
        assert await rest_of(reader) == b""
    assert visits.seen == []


async def test_who_asks_nothing_more_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(http, "_SWEEP_SECONDS", 0.01)
    async with serving(Visits(), "127.0.0.1", 0) as port, connected(port) as (reader, writer):
        writer.write(GET)
        await head_of(reader)
        assert await rest_of(reader) == b"Look there."


async def test_who_does_not_read_what_was_asked_for_is_let_go() -> None:
    """A page of ours fits the kernel's buffers; a heap of unread ones does not, and is not kept."""
    heap = answer(200, [], b"x" * 50_000_000)
    async with (
        serving(lambda _, reply: reply(heap), "127.0.0.1", 0) as port,
        connected(port) as (reader, writer),
    ):
        writer.write(GET)
        assert len(await rest_of(reader)) < len(heap.body)


async def test_a_stop_answers_what_was_asked_and_takes_nothing_new() -> None:
    visits = Visits(at_once=False)
    stopping = asyncio.Event()

    async def serve(port: "asyncio.Future[int]") -> None:
        async with serving(visits, "127.0.0.1", 0) as taken:
            port.set_result(taken)
            await stopping.wait()

    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    server = asyncio.create_task(serve(found))
    port = await found
    async with connected(port) as (asked, asking), connected(port) as (idle, _):
        asking.write(GET)
        await visits.came.wait()
        stopping.set()
        assert await rest_of(idle) == b""
        with pytest.raises(ConnectionError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not server.done()
        visits.answer_all()
        assert b"\r\nconnection: close\r\n" in await head_of(asked)
        assert await rest_of(asked) == b"Look there."
        await server
