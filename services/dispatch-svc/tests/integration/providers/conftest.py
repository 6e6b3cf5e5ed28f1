"""A provider to hand messages to: the simulator, in this process, and clients for it."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from dispatch_svc.clients.http import HttpClient
from dispatch_svc.clients.smpp import SmppClient
from dispatch_svc.domain.handover import Inbound, Outbound, Receipt
from dispatch_svc.domain.routes import Route, read_config
from volley_chassis.outside import EVERYWHERE, Outside
from volley_contracts import new_id
from volley_smpp import BIND_TRANSCEIVER, FrameSplitter, encode_bind_resp, header
from volley_sms import DATA_CODING, encode, parts
from volley_tools.pytest_stack import Until
from volley_tools.simulator import Options, Simulator

CAMPAIGN = new_id()
_seqs = itertools.count()


@pytest.fixture
def outbound() -> Callable[..., Outbound]:
    return _outbound


def _outbound(text: str = "Hello", to: str | None = None, due: float = 0.0, step: float = 0.0) -> Outbound:
    """A message to a number of its own."""
    seq = next(_seqs)
    payloads = encode(text)
    return Outbound(
        ref=f"{CAMPAIGN}:{seq}",
        to=to or f"+4477009{seq:05d}",
        sender="VOLLEY",
        sender_kind="alphanumeric",
        parts=payloads,
        data_coding=DATA_CODING[parts(text).encoding],
        text=text,
        due=due,
        part_due=[due + step * part for part in range(1, len(payloads))],
    )


class Heard:
    """What a client passed on, in which order. `fail`: so many times recording it fails first."""

    def __init__(self) -> None:
        self.receipts: list[Receipt] = []
        self.inbound: list[Inbound] = []
        self.order: list[str] = []
        self.may_record = asyncio.Event()
        self.may_record.set()
        self.fail = 0

    async def on_receipts(self, _account_id: UUID, _route_id: UUID, receipts: list[Receipt]) -> None:
        await self._record("receipts")
        self.receipts += receipts

    async def on_inbound(self, _account_id: UUID, _route_id: UUID, inbound: list[Inbound]) -> None:
        await self._record("words")
        self.inbound += inbound

    async def _record(self, what: str) -> None:
        self.order.append(what)
        await self.may_record.wait()
        if self.fail:
            self.fail -= 1
            raise ConnectionError("the database is away")


@pytest.fixture
def heard() -> Heard:
    return Heard()


StartSimulator = Callable[..., Awaitable[Simulator]]
OpenSmpp = Callable[..., Awaitable[SmppClient]]
OpenHttp = Callable[..., Awaitable[HttpClient]]


@pytest.fixture
async def simulate() -> AsyncIterator[StartSimulator]:
    """Starts simulators on free ports."""
    running: list[Simulator] = []

    async def start(**options: Any) -> Simulator:
        simulator = Simulator(Options(**{"smpp_port": 0, "http_port": 0, "delivery_ms": 0, "phone_ms": 0, **options}))
        await simulator.start()
        running.append(simulator)
        return simulator

    yield start
    for simulator in running:
        await simulator.stop()


def route(protocol: Any, **config: Any) -> Route:
    return Route(
        id=new_id(), account_id=new_id(), name=protocol, protocol=protocol, config=read_config(protocol, config)
    )


@pytest.fixture
async def smpp(heard: Heard, until: Until) -> AsyncIterator[OpenSmpp]:
    """Opens SMPP clients; waits until they are bound unless `wait=False`."""
    opened: list[SmppClient] = []

    async def open_one(port: int, *, wait: bool = True, **config: Any) -> SmppClient:
        given = {"host": "127.0.0.1", "port": port, "system_id": "volley", "password": "secret", **config}
        client = SmppClient(route("smpp", **given), heard.on_receipts, heard.on_inbound, Outside(EVERYWHERE))
        client.open()
        opened.append(client)
        if wait:
            await until(lambda: client.healthy)
        return client

    yield open_one
    await asyncio.gather(*(client.close(0.1) for client in opened))


@pytest.fixture
async def http() -> AsyncIterator[OpenHttp]:
    """Opens HTTP clients."""
    opened: list[HttpClient] = []

    async def open_one(port: int, **config: Any) -> HttpClient:
        given = {"url": f"http://127.0.0.1:{port}", "token": "secret", **config}
        client = HttpClient(route("http", **given), Outside(EVERYWHERE))
        client.open()
        opened.append(client)
        return client

    yield open_one
    await asyncio.gather(*(client.close(0.1) for client in opened))


@pytest.fixture
def ledger() -> Callable[[Simulator], list[dict[str, Any]]]:
    """Every message that a simulator took."""
    return lambda simulator: list(simulator.provider.ledger.messages(0, 1_000_000))


class Scripted:
    """An SMPP server that binds everybody and otherwise does what `answer` says (command, sequence -> bytes)."""

    def __init__(self, answer: Callable[[int, int], bytes]) -> None:
        self.answer = answer
        self.received: list[tuple[int, int, int]] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        splitter = FrameSplitter()
        while data := await reader.read(1 << 16):
            for frame in splitter.feed(data):
                _, command, status, sequence = header(frame)
                if command == BIND_TRANSCEIVER:
                    writer.write(encode_bind_resp(command, sequence, "scripted"))
                else:
                    self.received.append((command, status, sequence))
                    writer.write(self.answer(command, sequence))
        writer.close()

    def commands(self) -> list[int]:
        return [command for command, _, _ in self.received]


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[Scripted]]]:
    """Starts SMPP servers that do what they are told."""
    servers: list[tuple[asyncio.Server, Scripted]] = []

    async def start(answer: Callable[[int, int], bytes]) -> Scripted:
        one = Scripted(answer)
        server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
        one.port = server.sockets[0].getsockname()[1]
        servers.append((server, one))
        return one

    yield start
    for server, one in servers:
        server.close()
        for writer in one.writers:
            writer.transport.abort()
        await server.wait_closed()


class ScriptedHttp:
    """An HTTP provider that answers POSTs by `answer` (the number of the POST, its refs -> a response)."""

    def __init__(self, answer: Callable[[int, list[str]], web.Response | None]) -> None:
        self.answer = answer
        self.posts: list[list[str]] = []
        self.asked: list[str] = []
        self.runner: web.AppRunner | None = None
        self.port = 0

    @property
    def connections(self) -> int:
        """That are open."""
        assert self.runner
        assert self.runner.server
        return len(self.runner.server.connections)

    async def post(self, request: web.Request) -> web.Response:
        refs = [message["ref"] for message in (await request.json())["messages"]]
        self.posts.append(refs)
        response = self.answer(len(self.posts), refs)
        if response is None:
            assert request.transport
            request.transport.abort()
            return web.Response()
        return response

    async def get(self, request: web.Request) -> web.Response:
        self.asked.append(request.match_info["ref"])
        return web.Response(status=404)


def accept(refs: list[str]) -> web.Response:
    return web.json_response({"messages": [{"ref": ref, "id": f"i{ref}", "status": "accepted"} for ref in refs]})


@pytest.fixture
async def scripted_http() -> AsyncIterator[Callable[..., Awaitable[ScriptedHttp]]]:
    """Starts HTTP providers; `answer` may give the number of a status, or None to break the connection."""
    runners: list[web.AppRunner] = []

    async def start(answer: Callable[[int, list[str]], web.Response | int | None]) -> ScriptedHttp:
        def full(number: int, refs: list[str]) -> web.Response | None:
            given = answer(number, refs)
            if given == HTTPStatus.OK:
                return accept(refs)
            return web.Response(status=given) if isinstance(given, int) else given

        one = ScriptedHttp(full)
        app = web.Application()
        app.add_routes([web.post("/messages", one.post), web.get("/messages/{ref}", one.get)])
        runner = web.AppRunner(app, shutdown_timeout=0)
        one.runner = runner
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        one.port = runner.addresses[0][1]
        runners.append(runner)
        return one

    yield start
    for runner in runners:
        await runner.cleanup()
