"""Our codec against jSMPP's server: what it answers and sends is what we read, and it understands what we write."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from volley_smpp import (
    BIND_TRANSCEIVER,
    DELIVER_SM,
    ENQUIRE_LINK,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    Bind,
    FrameSplitter,
    Header,
    Part,
    State,
    SubmitEncoder,
    address_of,
    decode_bind_resp,
    decode_message,
    decode_submit_resp,
    encode_bind,
    encode_deliver_resp,
    encode_pdu,
    header,
    receipt_of,
    udh,
)
from volley_sms import encode
from volley_tools import jsmpp
from volley_tools.stack.ports import Ports


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    taken = Ports(scattered=True).take(0)
    server = await asyncio.to_thread(jsmpp.start, taken, tmp_path / "jsmpp.log")
    yield taken
    await asyncio.to_thread(jsmpp.stop, server)


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._splitter = FrameSplitter()
        self._frames: list[bytes] = []

    def send(self, *pdus: bytes) -> None:
        self._writer.write(b"".join(pdus))

    async def read(self) -> tuple[Header, bytes]:
        async with asyncio.timeout(20):
            while not self._frames:
                data = await self._reader.read(65536)
                assert data, "the server has closed the connection"
                self._frames += self._splitter.feed(data)
        frame = self._frames.pop(0)
        return header(frame), frame

    def close(self) -> None:
        self._writer.transport.abort()


@pytest.fixture
async def connection(port: int) -> AsyncIterator[Connection]:
    opened = Connection(*await asyncio.open_connection("127.0.0.1", port))
    yield opened
    opened.close()


async def bind(connection: Connection, password: str = jsmpp.PASSWORD) -> int:
    connection.send(encode_bind(BIND_TRANSCEIVER, 1, Bind(jsmpp.SYSTEM_ID, password, "cp")))
    head, frame = await connection.read()
    assert (head.command, head.sequence) == (BIND_TRANSCEIVER | RESPONSE, 1)
    decode_bind_resp(frame)
    return head.status


async def test_a_wrong_password_is_refused(connection: Connection) -> None:
    assert await bind(connection, "wrong") != 0


async def test_a_session_from_bind_to_unbind(connection: Connection) -> None:
    assert await bind(connection) == 0
    plain = SubmitEncoder(address_of("VOLLEY"))
    wide = SubmitEncoder(address_of("+447700900999"), data_coding=8)
    split = SubmitEncoder(address_of("12345"), esm_class=0x40)
    first, second = encode("long " * 50)
    connection.send(
        plain.encode(2, "447700900001", encode("Hi {you} for 5 €")[0]),
        wide.encode(3, "447700900002", encode("привет 😀")[0]),
        split.encode(4, "447700900003", udh(Part(7, 2, 1)) + first),
        split.encode(5, "447700900003", udh(Part(7, 2, 2)) + second),
    )
    ids: dict[int, str] = {}
    receipts: dict[str, State] = {}
    while len(ids) < 4 or len(receipts) < 4:
        head, frame = await connection.read()
        if head.command == SUBMIT_SM | RESPONSE:
            assert head.status == 0
            ids[head.sequence] = decode_submit_resp(frame)
        elif head.command == DELIVER_SM:
            connection.send(encode_deliver_resp(head.sequence))
            if receipt := receipt_of(decode_message(frame)):  # it sends messages of its own too
                receipts[receipt.message_id] = receipt.state
    assert sorted(ids) == [2, 3, 4, 5]
    assert len(set(ids.values())) == 4
    assert set(receipts.values()) == {State.DELIVERED}
    for sequence, asked in ((6, ENQUIRE_LINK), (7, UNBIND)):  # one by one: it answers in any order
        connection.send(encode_pdu(asked, sequence))
        head, _ = await connection.read()
        assert (head.command, head.status) == (asked | RESPONSE, 0)
