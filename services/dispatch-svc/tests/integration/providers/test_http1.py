"""The HTTP/1.1 client against servers that answer byte by byte as they are told, and against libraries' servers."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from dispatch_svc.clients import http1
from dispatch_svc.clients.http1 import Answer, Endpoint, HeldError, NoAnswerError, NotSentError
from volley_chassis.outside import EVERYWHERE, Outside, networks_in
from volley_tools.pytest_stack import Until
from volley_tools.stack.ports import Ports

CERTIFICATE = Path(__file__).with_name("localhost.pem")
ANYWHERE = Outside(EVERYWHERE)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers request number n with the nth of `script`: bytes to write, or what is to be done with the writer."""

    def __init__(self, script: list[bytes | Write]) -> None:
        self.script = script
        self.requests: list[bytes] = []
        self.asked_by: list[asyncio.StreamWriter] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.connections = 0
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"Length" in line), 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked_by.append(writer)
                answer = self.script[len(self.requests) - 1]
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(writer)
        writer.close()


Start = Callable[..., Awaitable[tuple[Server, Endpoint]]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts servers, each with a client of its own; `endpoint` says what is special about that."""
    servers: list[asyncio.Server] = []
    made: list[tuple[Server, Endpoint]] = []

    async def start_one(*script: bytes | Write, tls: bool = False, **endpoint: str) -> tuple[Server, Endpoint]:
        one = Server(list(script))
        context = None
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(CERTIFICATE)
        server = await asyncio.start_server(one.serve, "127.0.0.1", 0, ssl=context)
        one.port = server.sockets[0].getsockname()[1]
        scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
        client = Endpoint(f"{scheme}://{host}:{one.port}/v1/", {"Authorization": "Bearer x"}, ANYWHERE, **endpoint)
        servers.append(server)
        made.append((one, client))
        return one, client

    yield start_one
    for server, (one, client) in zip(servers, made, strict=True):
        client.close()
        for writer in one.writers:
            writer.transport.abort()
        server.close()


async def post(endpoint: Endpoint, body: bytes = b"{}", seconds: float = 5.0) -> Answer:
    return await endpoint.request(endpoint.head("POST", "/messages"), body, seconds)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


async def say_nothing(_: asyncio.StreamWriter) -> None:
    """The request is never answered."""


def slowly(answer: bytes) -> Write:
    """Every byte is a packet of its own."""

    async def write(writer: asyncio.StreamWriter) -> None:
        for number in range(len(answer)):
            writer.write(answer[number : number + 1])
            await writer.drain()
            await asyncio.sleep(0)

    return write


def then_hang_up(answer: bytes) -> Write:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    return write


async def test_what_is_asked(start: Start) -> None:
    server, endpoint = await start(OK, OK)
    await endpoint.request(endpoint.head("POST", "/messages"), b'{"a": 1}', 5.0)
    await endpoint.request(endpoint.head("GET", "/messages/a%3A1"), None, 5.0)
    fields = f"Host: 127.0.0.1:{server.port}\r\nAuthorization: Bearer x\r\n"
    assert [request.decode() for request in server.requests] == [
        f'POST /v1/messages HTTP/1.1\r\n{fields}Content-Length: 8\r\n\r\n{{"a": 1}}',
        f"GET /v1/messages/a%3A1 HTTP/1.1\r\n{fields}\r\n",
    ]
    assert server.connections == 1


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n1\r\nd\r\n0\r\nDigest: none\r\n\r\n"
CONTINUED = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK


@pytest.mark.parametrize("how", [bytes, slowly])
@pytest.mark.parametrize(
    ("answer", "content"),
    [(OK, b"hi"), (CHUNKED, b"abcd"), (CONTINUED, b"hi"), (b"HTTP/1.1 204 No Content\r\n\r\n", b"")],
)
async def test_answers_of_every_form_leave_the_connection_to_the_next(
    start: Start, how: Callable[[bytes], bytes], answer: bytes, content: bytes
) -> None:
    server, endpoint = await start(how(answer), OK)
    assert (await post(endpoint)).content == content
    assert (await post(endpoint)).content == b"hi"
    assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
async def test_an_answer_may_end_with_its_connection(start: Start, answer: bytes) -> None:
    server, endpoint = await start(then_hang_up(answer), OK)
    assert (await post(endpoint)).content == b"hi"
    assert (await post(endpoint)).content == b"hi"
    assert server.connections == 2


@pytest.mark.parametrize("status", [201, 302, 307, 429, 503])
async def test_a_status_is_told_and_no_redirect_is_followed(start: Start, status: int) -> None:
    head = f"HTTP/1.1 {status} X\r\nLocation: /v1/messages\r\nRETRY-after: 7\r\nContent-Length: 0\r\n\r\n"
    server, endpoint = await start(head.encode())
    answer = await post(endpoint)
    assert (answer.status, answer.headers["retry-after"], len(server.requests)) == (status, "7", 1)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (hang_up, "connection_lost"),
        (then_hang_up(OK[:20]), "connection_lost"),
        (then_hang_up(OK[:-1]), "connection_lost"),
        (then_hang_up(CHUNKED[:-3]), "connection_lost"),
        (b"220 mail.example.com ESMTP\r\n", "no_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi", "no_http"),
        (b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "no_http"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000, "answer_too_long"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 300, "answer_too_long"),
        (say_nothing, "no_answer_in_time"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "no_answer_in_time"),
    ],
)
async def test_without_a_whole_answer_it_may_have_arrived(
    start: Start,
    monkeypatch: pytest.MonkeyPatch,
    answer: bytes | Write,
    reason: str,
) -> None:
    monkeypatch.setattr(http1, "LARGEST_ANSWER", 1000)
    server, endpoint = await start(answer, OK)
    with pytest.raises(NoAnswerError, match=reason):
        await post(endpoint, seconds=0.1 if reason == "no_answer_in_time" else 5.0)
    assert len(server.requests) == 1
    assert (await post(endpoint)).content == b"hi"
    assert (len(server.requests), server.connections) == (2, 2)


async def test_a_connection_that_the_server_closed_is_not_used_again(start: Start, until: Until) -> None:
    server, endpoint = await start(OK, OK)
    await post(endpoint)
    server.writers[0].close()
    await until(lambda: not endpoint._open)
    assert (await post(endpoint)).content == b"hi"
    assert server.connections == 2


async def test_a_connection_that_was_idle_for_long_is_not_used_again(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, endpoint = await start(OK, OK)
    await post(endpoint)
    monkeypatch.setattr(http1, "IDLE_SECONDS", -1.0)
    await post(endpoint)
    assert server.connections == 2


@pytest.mark.parametrize("surplus", [OK, b"\r\nmore"])
async def test_a_connection_with_more_than_the_answer_is_not_used_again(
    start: Start, until: Until, surplus: bytes
) -> None:
    server, endpoint = await start(OK + surplus, OK, OK)
    assert (await post(endpoint)).content == b"hi"
    assert (await post(endpoint)).content == b"hi"
    assert server.connections == 2
    server.writers[1].write(surplus)
    await until(lambda: not endpoint._open)
    await post(endpoint)
    assert server.connections == 3


async def test_what_may_not_leave_leaves_the_connection_to_the_next(
    start: Start,
) -> None:
    server, endpoint = await start(OK)
    with pytest.raises(HeldError):
        await endpoint.request(endpoint.head("POST", "/messages"), b"", 5.0, lambda: False)
    assert server.requests == []
    await post(endpoint)
    assert server.connections == 1


async def test_without_a_connection_nothing_was_sent(
    start: Start,
) -> None:
    nobody = Endpoint(f"http://127.0.0.1:{Ports(scattered=True).take(0)}", {}, ANYWHERE)
    with pytest.raises(NotSentError):
        await post(nobody)
    with pytest.raises(NotSentError):
        await post(Endpoint(f"http://{'x' * 64}.example", {}, ANYWHERE))
    plain, _ = await start(say_nothing)
    with pytest.raises(NotSentError, match="too long"):
        await post(Endpoint(f"https://127.0.0.1:{plain.port}", {}, ANYWHERE), seconds=0.1)


async def test_a_private_address_is_reached_only_where_that_is_set_whatever_a_name_says_next(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, _ = await start(OK)
    for host in ("localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1"):
        with pytest.raises(NotSentError, match="leads to a private address"):
            await post(Endpoint(f"http://{host}:{server.port}", {}, Outside()))
    answers = ["127.0.0.1", "127.0.0.2"]  # a name whose owner changes where it leads between look-ups

    async def rebinding(_host: str, port: int, **_: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", rebinding)
    only = Outside(networks_in("", "127.0.0.1/32"))
    assert (await post(Endpoint(f"http://rebinding.example:{server.port}", {}, only))).content == b"hi"
    with pytest.raises(NotSentError, match="leads to a private address"):
        await post(Endpoint(f"http://rebinding.example:{server.port}", {}, only))
    assert (len(server.requests), answers) == (1, [])


async def test_tls_only_to_a_server_that_is_trusted(
    start: Start,
) -> None:
    pem = CERTIFICATE.read_text()[CERTIFICATE.read_text().index("-----BEGIN CERTIFICATE-----") :]
    server, trusting = await start(OK, slowly(CHUNKED), then_hang_up(OK[:-1]), tls=True, trust=pem)
    assert [(await post(trusting)).content for _ in range(2)] == [b"hi", b"abcd"]
    with pytest.raises(NoAnswerError, match="connection_lost"):
        await post(trusting)
    stranger = Endpoint(f"https://localhost:{server.port}", {}, ANYWHERE)
    with pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED"):
        await post(stranger)
    misnamed = Endpoint(f"https://127.1:{server.port}", {}, ANYWHERE, pem)
    with pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED"):
        await post(misnamed)
    assert len(server.requests) == 3


async def test_who_gives_up_leaves_no_connection_behind(start: Start, until: Until) -> None:
    server, endpoint = await start(say_nothing, say_nothing)
    asking = asyncio.create_task(post(endpoint))
    await until(lambda: server.requests)
    asking.cancel()
    await until(lambda: not endpoint._open)
    assert asking.cancelled()
    waiting = asyncio.create_task(post(endpoint))
    await until(lambda: len(server.requests) == 2)
    endpoint.close()
    with pytest.raises(NoAnswerError, match="closed"):
        await waiting


async def test_each_request_has_a_connection_of_its_own_and_its_own_answer(start: Start, until: Until) -> None:
    server, endpoint = await start(*[say_nothing] * 10)
    asking = [asyncio.create_task(post(endpoint, b"%d" % number)) for number in range(10)]
    await until(lambda: len(server.requests) == 10)
    for writer, request in zip(server.asked_by, server.requests, strict=True):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + request[-1:])
    assert [(await one).content for one in asking] == [b"%d" % number for number in range(10)]


async def test_a_server_of_aiohttp() -> None:
    async def chunked(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(status=int(request.query["status"]))
        response.enable_chunked_encoding()
        await response.prepare(request)
        content = await request.read()
        await response.write(content[:10])
        await response.write(content[10:])
        return response

    app = web.Application()
    app.router.add_post("/messages", chunked)
    async with TestServer(app) as server:
        endpoint = Endpoint(str(server.make_url("")), {"Content-Type": "text/plain"}, ANYWHERE)
        for status in (200, 422):
            head = endpoint.head("POST", f"/messages?status={status}")
            answer = await endpoint.request(head, b"x" * 1_000_000, 5.0)
            assert (answer.status, len(answer.content)) == (status, 1_000_000)
        endpoint.close()


class _Old(BaseHTTPRequestHandler):
    """Answers by HTTP/1.0: without a length, and closes the connection."""

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def old_server() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Old) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server.server_port
        server.shutdown()


async def test_a_server_of_the_last_century(old_server: int) -> None:
    endpoint = Endpoint(f"http://127.0.0.1:{old_server}", {}, ANYWHERE)
    assert [(await post(endpoint, b"%d" % number)).content for number in range(3)] == [b"0", b"1", b"2"]
    endpoint.close()
