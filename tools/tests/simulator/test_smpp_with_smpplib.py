"""The SMPP door as smpplib sees it: a client not written here."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import smpplib.exceptions
from smpplib.client import Client

from volley_tools.simulator import Simulator

Start = Callable[..., Awaitable[Simulator]]
SUBMIT: dict[str, Any] = {
    "source_addr_ton": 5,
    "source_addr": "VOLLEY",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "447700900001",
    "short_message": b"Hello",
    "registered_delivery": 1,
}


@contextmanager
def client(port: int) -> Iterator[Client]:
    with Client("127.0.0.1", port, timeout=10, allow_unknown_opt_params=True) as connected:
        connected.connect()
        yield connected


async def test_submit_receipt_query_and_reply(start: Start) -> None:
    simulator = await start(stop=1000, stop_text="stop")

    def talk() -> tuple[Any, list[Any], Any]:
        answers: list[Any] = []
        inbound: list[Any] = []
        with client(simulator.smpp_port) as smsc:
            # Called with a keyword, which append does not take.
            smsc.set_message_sent_handler(lambda pdu: answers.append(pdu))  # noqa: PLW0108
            smsc.set_message_received_handler(lambda pdu: inbound.append(pdu))  # noqa: PLW0108
            smsc.set_query_resp_handler(lambda pdu: answers.append(pdu))  # noqa: PLW0108
            smsc.bind_transceiver(system_id="volley", password="secret")
            smsc.send_message(**SUBMIT, user_message_reference=4711)
            while len(inbound) < 2 or not answers:
                smsc.read_once()
            smsc.query_message(message_id=answers[0].message_id.decode(), source_addr="VOLLEY")
            while len(answers) < 2:
                smsc.read_once()
        return answers[0], inbound, answers[1]

    answer, inbound, state = await asyncio.to_thread(talk)
    receipt, reply = sorted(inbound, key=lambda pdu: -pdu.esm_class)
    assert receipt.receipted_message_id == answer.message_id
    assert (receipt.source_addr, receipt.destination_addr) == (b"447700900001", b"VOLLEY")
    assert receipt.short_message.startswith(b"id:" + answer.message_id)
    assert b"stat:DELIVRD" in receipt.short_message
    assert (reply.source_addr, reply.destination_addr, reply.short_message) == (
        b"447700900001", b"VOLLEY", b"stop",
    )  # fmt: skip
    assert (state.message_id, state.message_state) == (answer.message_id, 2)
    [message] = simulator.provider.ledger.messages(0, 10)
    assert (message["from"], message["to"], message["text"], message["ref"], message["state"]) == (
        "VOLLEY", "+447700900001", "Hello", 4711, "delivered",
    )  # fmt: skip
    assert {event.kind for event in simulator.provider.ledger.events} == {"receipt", "stop"}


@pytest.mark.parametrize(
    ("options", "credentials", "status"),
    [
        ({}, {"system_id": "volley", "password": "wrong"}, 0x0E),
        ({}, {"system_id": "other", "password": "secret"}, 0x0F),
        ({"refuse_binds": True}, {"system_id": "volley", "password": "secret"}, 0x0D),
    ],
)
async def test_refused_binds(start: Start, options: Any, credentials: Any, status: int) -> None:
    simulator = await start(**options)

    def bind() -> None:
        with client(simulator.smpp_port) as smsc:
            smsc.bind_transmitter(**credentials)

    with pytest.raises(smpplib.exceptions.PDUError) as caught:
        await asyncio.to_thread(bind)
    assert caught.value.args[1] == status
