"""The SMPP door octet by octet: what is refused, what goes on after a reconnect, every misbehaviour."""

import asyncio
import shutil
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from volley_smpp import (
    BIND_RECEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    QUERY_SM,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    Part,
    Query,
    State,
    Status,
    SubmitEncoder,
    address_of,
    decode_message,
    decode_submit_resp,
    encode_deliver_resp,
    encode_pdu,
    encode_query,
    receipt_of,
    udh,
)
from volley_sms import encode
from volley_tools.pytest_stack import Until
from volley_tools.simulator import Simulator
from volley_tools.simulator.options import changed

Start = Callable[..., Awaitable[Simulator]]
Connect = Callable[..., Awaitable[Any]]

SENDER = address_of("VOLLEY")
ENCODER = SubmitEncoder(SENDER)
ENQUIRE = encode_pdu(ENQUIRE_LINK, 99)


def submits(count: int, first: int = 1) -> list[bytes]:
    """To numbers that differ, with sequences from `first`."""
    return [ENCODER.encode(first + i, f"4477009{first + i:05}", b"Hi") for i in range(count)]


async def statuses(connection: Any, count: int) -> list[int]:
    """Of the next answers to submits, in order of their sequence."""
    found: dict[int, int] = {}
    while len(found) < count:
        head, _ = await connection.read()
        if head.command == SUBMIT_SM | RESPONSE:
            found[head.sequence] = head.status
    return [found[sequence] for sequence in sorted(found)]


async def test_states_of_a_session(start: Start, connect: Connect) -> None:
    connection = await connect(await start(receipts=False))
    connection.send(*submits(1))
    assert await statuses(connection, 1) == [Status.ESME_RINVBNDSTS]
    assert await connection.bind(BIND_RECEIVER) == 0
    assert await connection.bind(BIND_TRANSMITTER) == Status.ESME_RALYBND
    connection.send(*submits(1))
    assert await statuses(connection, 1) == [Status.ESME_RINVBNDSTS]
    connection.send(ENQUIRE, encode_pdu(0x0103, 5), encode_pdu(UNBIND, 6))
    assert [(head.command, head.status, head.sequence) for head in await connection.rest()] == [
        (ENQUIRE_LINK | RESPONSE, 0, 99),
        (GENERIC_NACK, Status.ESME_RINVCMDID, 5),
        (UNBIND | RESPONSE, 0, 6),
    ]


async def test_a_bad_length_ends_the_connection_after_the_good_pdus(start: Start, connect: Connect) -> None:
    simulator = await start()
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(2), (80_000).to_bytes(4), b"\0" * 100)
    heads = await connection.rest()
    assert [head.command for head in heads if head.command != DELIVER_SM] == [
        GENERIC_NACK, SUBMIT_SM | RESPONSE, SUBMIT_SM | RESPONSE,
    ]  # fmt: skip
    assert len(simulator.provider.ledger) == 2


@pytest.mark.parametrize(
    ("pdu", "status"),
    [
        (ENCODER.encode(1, "44770x", b"Hi"), Status.ESME_RINVDSTADR),
        (ENCODER.encode(1, "", b"Hi"), Status.ESME_RINVDSTADR),
        (SubmitEncoder(address_of("")).encode(1, "447700900001", b"Hi"), Status.ESME_RINVSRCADR),
        (ENCODER.encode(1, "447700900001", b"x" * 161), Status.ESME_RINVMSGLEN),
        (SubmitEncoder(SENDER, data_coding=8).encode(1, "447700900001", b"x" * 142), Status.ESME_RINVMSGLEN),
        (SubmitEncoder(SENDER, esm_class=0x40).encode(1, "1", udh(Part(1, 2, 1)) + b"x" * 154), Status.ESME_RINVMSGLEN),
        (encode_pdu(SUBMIT_SM, 1, b"short"), Status.ESME_RINVMSGLEN),
    ],
)
async def test_bad_submits_are_refused(start: Start, connect: Connect, pdu: bytes, status: Status) -> None:
    simulator = await start()
    connection = await connect(simulator)
    await connection.bind()
    connection.send(pdu)
    assert await statuses(connection, 1) == [status]
    assert len(simulator.provider.ledger) == 0


@pytest.mark.parametrize("text", ["long " * 70, "лонг " * 40])
async def test_parts_are_put_together(start: Start, connect: Connect, text: str) -> None:
    simulator = await start()
    connection = await connect(simulator)
    await connection.bind()
    payloads = encode(text)
    coding = 0 if text.isascii() else 8
    encoder = SubmitEncoder(SENDER, esm_class=0x40, data_coding=coding)
    for position, payload in enumerate(payloads, 1):
        header = udh(Part(200, len(payloads), position))
        connection.send(encoder.encode(position, "447700900001", header + payload))
    ids, receipts = set[str](), set[str]()
    while len(receipts) < len(payloads) or len(ids) < len(payloads):
        head, frame = await connection.read()
        if head.command == SUBMIT_SM | RESPONSE:
            ids.add(decode_submit_resp(frame))
        else:
            receipt = receipt_of(decode_message(frame))
            assert receipt
            receipts.add(receipt.message_id)
    assert ids == receipts
    [message] = simulator.provider.ledger.messages(0, 10)
    assert (message["text"], message["parts"]) == (text, len(payloads))
    assert simulator.provider.ledger.summary()["senders"]["VOLLEY"]["parts"] == len(payloads)


async def test_what_is_not_acknowledged_comes_again_on_another_session(
    start: Start, connect: Connect, until: Until
) -> None:
    simulator = await start()
    first, second = await connect(simulator), await connect(simulator)
    await first.bind()
    first.send(*submits(3))
    seen: list[tuple[int, bytes]] = []
    while len(seen) < 3:
        head, frame = await first.read()
        if head.command == DELIVER_SM:
            seen.append((head.sequence, decode_message(frame).payload))
    first.send(encode_deliver_resp(seen[0][0]))
    await until(lambda: len(simulator.provider.ledger.events) == 1)
    await first.close()
    await until(lambda: len(simulator.smpp.outbox) == 2)
    await second.bind(BIND_RECEIVER)
    again = []
    for _ in range(2):
        head, frame = await second.read()
        again.append(decode_message(frame).payload)
        second.send(encode_deliver_resp(head.sequence))
    assert again == [payload for _, payload in seen[1:]]
    await until(lambda: not simulator.pending()["smpp"])
    assert len(simulator.provider.ledger.events) == 3


async def test_queries(start: Start, connect: Connect) -> None:
    simulator = await start(receipts=False)
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(1))
    _, frame = await connection.read()
    known = decode_submit_resp(frame)
    for message_id in (known[:8] + "00000001", "zz", "", known[:8] + "xyz", "00000000" + known[8:]):
        connection.send(encode_query(2, Query(message_id, SENDER)))
        head, _ = await connection.read()
        assert (head.command, head.status) == (QUERY_SM | RESPONSE, Status.ESME_RQUERYFAIL)
    connection.send(encode_query(2, Query(known, SENDER)))
    assert (await connection.read())[0].status == 0


async def test_the_fates_of_messages(start: Start, connect: Connect) -> None:
    simulator = await start(undelivered=300, expired=200, receipt_lost=200, receipt_twice=300)
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(200), ENQUIRE)
    seen: dict[str, list[State]] = {}
    while simulator.pending()["deliveries"] or simulator.pending()["smpp"] or not seen:
        head, frame = await connection.read()
        if head.command == DELIVER_SM:
            receipt = receipt_of(decode_message(frame))
            assert receipt
            seen.setdefault(receipt.message_id, []).append(receipt.state)
            connection.send(encode_deliver_resp(head.sequence))
            connection.send(ENQUIRE)  # so that there is something to read until all is acknowledged
    states = simulator.provider.ledger.summary()["states"]
    assert set(states) == {"delivered", "undeliverable", "expired"}
    assert {len(states) for states in seen.values()} == {1, 2}
    assert len(seen) < 200
    assert all(len(set(states)) == 1 for states in seen.values())


async def test_failures_are_by_number_and_can_clear(start: Start, connect: Connect) -> None:
    simulator = await start(failures={"ESME_RSYSERR": 300, "ESME_RINVDSTADR": 100}, failures_clear_after=2)
    connection = await connect(simulator)
    await connection.bind(BIND_TRANSMITTER)
    rounds = []
    for _ in range(3):
        connection.send(*submits(100))
        rounds.append(await statuses(connection, 100))
    assert set(rounds[0]) == {0, Status.ESME_RSYSERR, Status.ESME_RINVDSTADR}
    assert rounds[0] == rounds[1]
    assert set(rounds[2]) == {0}
    refused = simulator.provider.ledger.summary()["refused"]
    assert refused["ESME_RSYSERR"] == 2 * rounds[0].count(Status.ESME_RSYSERR)


async def test_limit_and_window(start: Start, connect: Connect) -> None:
    simulator = await start(limit_per_second=5, receipts=False)
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(8))
    assert (await statuses(connection, 8)).count(Status.ESME_RTHROTTLED) == 3
    simulator = await start(window=5, latency_ms=20, receipts=False)
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(8))
    assert await statuses(connection, 8) == [0] * 5 + [Status.ESME_RTHROTTLED] * 3
    connection.send(*submits(5))
    assert await statuses(connection, 5) == [0] * 5


@pytest.mark.parametrize("options", [{"latency_ms": 30}, {"latency_ms": 10, "jitter_ms": 20}])
async def test_late_answers_hold_nothing_else_up(start: Start, connect: Connect, options: Any) -> None:
    connection = await connect(await start(receipts=False, **options))
    await connection.bind()
    connection.send(*submits(50), ENQUIRE)
    assert (await connection.read())[0].command == ENQUIRE_LINK | RESPONSE
    assert await statuses(connection, 50) == [0] * 50


async def test_the_connection_is_cut_with_submits_unanswered(start: Start, connect: Connect) -> None:
    simulator = await start(drop_after=20, drop_unanswered=5, receipts=False)
    connection = await connect(simulator)
    await connection.bind()
    connection.send(*submits(15))
    assert await statuses(connection, 15) == [0] * 15
    connection.send(*submits(4, first=16), ENQUIRE)
    assert (await connection.read())[0].command == ENQUIRE_LINK | RESPONSE
    connection.send(*submits(1, first=20))
    assert await connection.rest() == []
    assert len(simulator.provider.ledger) == 20


async def test_receipts_may_come_before_the_answer(start: Start, connect: Connect) -> None:
    connection = await connect(await start(receipt_first=True))
    await connection.bind()
    connection.send(*submits(3))
    commands = [(await connection.read())[0].command for _ in range(6)]
    assert commands == [DELIVER_SM] * 3 + [SUBMIT_SM | RESPONSE] * 3


async def test_slow_reads_lose_nothing(start: Start, connect: Connect) -> None:
    simulator = await start(read_pause_ms=1, receipts=False)
    connection = await connect(simulator)
    await connection.bind()
    for first in range(1, 500, 50):
        connection.send(*submits(50, first=first))
    assert await statuses(connection, 500) == [0] * 500


async def test_a_silent_client_is_dropped(start: Start, connect: Connect) -> None:
    connection = await connect(await start(enquire_link_ms=10))
    await connection.bind()
    head, _ = await connection.read()
    assert head.command == ENQUIRE_LINK
    connection.send(encode_pdu(ENQUIRE_LINK | RESPONSE, head.sequence))
    assert [head.command for head in await connection.rest()] == [ENQUIRE_LINK]


async def test_reset_forgets_everything(start: Start, connect: Connect, until: Until) -> None:
    simulator = await start()
    connection = await connect(simulator)
    await connection.bind(BIND_TRANSMITTER)
    connection.send(*submits(5))
    await statuses(connection, 5)
    await until(lambda: len(simulator.smpp.outbox) == 5)
    simulator.reset()
    assert simulator.pending() == {"deliveries": 0, "smpp": 0, "webhooks": 0, "phones": 0}
    assert simulator.provider.ledger.summary()["messages"] == 0
    simulator.provider.options = changed(simulator.provider.options, {"receipts": False})
    connection.send(*submits(1))
    assert await statuses(connection, 1) == [0]


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl to make a certificate")
async def test_tls(start: Start, connect: Connect, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    made = await asyncio.create_subprocess_exec(
        *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
        *["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert await made.wait() == 0
    simulator = await start(tls_cert=str(certificate), tls_key=str(key), receipts=False)
    trusting = ssl.create_default_context(cafile=str(certificate))
    connection = await connect(simulator, ssl=trusting, server_hostname="localhost")
    assert await connection.bind() == 0
    connection.send(*submits(3))
    assert await statuses(connection, 3) == [0] * 3
