"""A simulator in this process, and clients for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession

from volley_smpp import BIND_TRANSCEIVER, Bind, FrameSplitter, Header, encode_bind, header
from volley_tools.simulator import Options, Simulator


@pytest.fixture
async def start() -> AsyncIterator[Callable[..., Awaitable[Simulator]]]:
    """Starts simulators on free ports; they are stopped at the end."""
    running: list[Simulator] = []

    async def start_one(**options: Any) -> Simulator:
        simulator = Simulator(Options(**{"smpp_port": 0, "http_port": 0, "delivery_ms": 0, "phone_ms": 0, **options}))
        await simulator.start()
        running.append(simulator)
        return simulator

    yield start_one
    for simulator in running:
        await simulator.stop()


class SmppConnection:
    """Sends what it is given and reads PDU by PDU; every wait ends after 10 seconds."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._splitter = FrameSplitter()
        self._frames: list[bytes] = []

    async def bind(self, command: int = BIND_TRANSCEIVER, name: str = "volley", password: str = "secret") -> int:
        """The status of the answer."""
        self.send(encode_bind(command, 1, Bind(name, password)))
        return (await self.read())[0].status

    def send(self, *pdus: bytes) -> None:
        self._writer.write(b"".join(pdus))

    async def read(self) -> tuple[Header, bytes]:
        """The next PDU; EOFError once the server has closed the connection."""
        async with asyncio.timeout(10):
            while not self._frames:
                try:
                    data = await self._reader.read(1 << 16)
                except ConnectionError:
                    data = b""
                if not data:
                    raise EOFError
                self._frames += self._splitter.feed(data)
        frame = self._frames.pop(0)
        return header(frame), frame

    async def rest(self) -> list[Header]:
        """The headers of what comes until the server closes the connection."""
        headers = []
        try:
            while True:
                headers.append((await self.read())[0])
        except EOFError:
            return headers

    async def close(self) -> None:
        self._writer.transport.abort()


@pytest.fixture
async def connect() -> AsyncIterator[Callable[..., Awaitable[SmppConnection]]]:
    """Opens SMPP connections to a simulator."""
    opened: list[SmppConnection] = []

    async def connect_one(simulator: Simulator, **how: Any) -> SmppConnection:
        opened.append(SmppConnection(*await asyncio.open_connection("127.0.0.1", simulator.smpp_port, **how)))
        return opened[-1]

    yield connect_one
    for connection in opened:
        await connection.close()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session
