"""Our PDUs read by smpplib and its PDUs read by us: two readings of the specification must agree."""

from typing import Any

import pytest
import smpplib.consts
from smpplib.smpp import make_pdu, parse_pdu

from volley_smpp import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    RESPONSE,
    SUBMIT_SM,
    TLV_MESSAGE_STATE,
    TLV_RECEIPTED_MESSAGE_ID,
    TLV_USER_MESSAGE_REFERENCE,
    UNBIND,
    Address,
    Bind,
    Message,
    Part,
    Query,
    QueryAnswer,
    Status,
    decode_bind,
    decode_bind_resp,
    decode_message,
    decode_query,
    decode_query_resp,
    decode_submit_resp,
    encode_bind,
    encode_bind_resp,
    encode_deliver_resp,
    encode_message,
    encode_pdu,
    encode_query,
    encode_query_resp,
    encode_submit_resp,
    header,
    sar_tlvs,
    status_name,
)

BINDS = {
    "bind_transceiver": BIND_TRANSCEIVER,
    "bind_receiver": BIND_RECEIVER,
    "bind_transmitter": BIND_TRANSMITTER,
}


class Sequences:
    """What smpplib asks for the next sequence number."""

    sequence = 41

    def next_sequence(self) -> int:
        self.sequence += 1
        return self.sequence


def theirs(name: str, **fields: Any) -> bytes:
    pdu: bytes = make_pdu(name, client=Sequences(), **fields).generate()
    return pdu


def read(pdu: bytes) -> Any:
    return parse_pdu(pdu, client=Sequences(), allow_unknown_opt_params=True)


@pytest.mark.parametrize("name", BINDS)
def test_binds(name: str) -> None:
    fields = {"system_id": "volley", "password": "secret", "system_type": "VMA"}
    ours = Bind("volley", "secret", "VMA")
    assert encode_bind(BINDS[name], 42, ours) == theirs(name, **fields)
    assert decode_bind(theirs(name, **fields)) == ours
    answer = read(encode_bind_resp(BINDS[name], 7, "smsc"))
    assert (answer.command, answer.system_id, answer.sequence) == (f"{name}_resp", b"smsc", 7)
    assert answer.sc_interface_version == 0x34
    assert decode_bind_resp(encode_bind_resp(BINDS[name], 7, "smsc")) == "smsc"
    refused = encode_bind_resp(BINDS[name], 7, "smsc", Status.ESME_RINVPASWD)
    assert (read(refused).status, decode_bind_resp(refused)) == (Status.ESME_RINVPASWD, "")


MESSAGE = Message(
    Address(5, 0, "VOLLEY"),
    Address(1, 1, "447700900123"),
    b"\x05\0\x03\x01\x02\x01Hello @",
    data_coding=8,
    esm_class=0x40,
    registered_delivery=1,
    service_type="CMT",
    protocol_id=3,
    priority=2,
    schedule="250309123000000+",
    validity="000001000000000R",
    replace_if_present=1,
    default_message_id=4,
)
FIELDS: dict[str, Any] = {
    "service_type": "CMT",
    "source_addr_ton": 5,
    "source_addr_npi": 0,
    "source_addr": "VOLLEY",
    "dest_addr_ton": 1,
    "dest_addr_npi": 1,
    "destination_addr": "447700900123",
    "esm_class": 0x40,
    "protocol_id": 3,
    "priority_flag": 2,
    "schedule_delivery_time": "250309123000000+",
    "validity_period": "000001000000000R",
    "registered_delivery": 1,
    "replace_if_present_flag": 1,
    "data_coding": 8,
    "sm_default_msg_id": 4,
    "short_message": MESSAGE.payload,
}


@pytest.mark.parametrize(("name", "command"), [("submit_sm", SUBMIT_SM), ("deliver_sm", DELIVER_SM)])
def test_messages(name: str, command: int) -> None:
    assert encode_message(command, 42, MESSAGE) == theirs(name, **FIELDS)
    assert decode_message(theirs(name, **FIELDS)) == MESSAGE


def test_optional_parameters() -> None:
    tlvs = {TLV_USER_MESSAGE_REFERENCE: (515).to_bytes(2), **sar_tlvs(Part(7, 3, 2))}
    fields = FIELDS | {"user_message_reference": 515} | {
        "sar_msg_ref_num": 7, "sar_total_segments": 3, "sar_segment_seqnum": 2,
    }  # fmt: skip
    assert decode_message(theirs("submit_sm", **fields)).tlvs == tlvs
    assert encode_message(SUBMIT_SM, 42, MESSAGE._replace(tlvs=tlvs)) == theirs("submit_sm", **fields)


def test_receipt_parameters_and_long_payload() -> None:
    tlvs = {TLV_RECEIPTED_MESSAGE_ID: b"abc\0", TLV_MESSAGE_STATE: b"\x02"}
    pdu = read(encode_message(DELIVER_SM, 1, MESSAGE._replace(tlvs=tlvs, payload=b"x" * 255)))
    assert (pdu.receipted_message_id, pdu.message_state) == (b"abc", 2)
    assert (pdu.message_payload, pdu.short_message) == (b"x" * 255, b"")
    long = {**FIELDS, "short_message": None, "message_payload": b"y" * 300}
    assert decode_message(theirs("submit_sm", **long)).payload == b"y" * 300


def test_message_responses() -> None:
    assert read(encode_submit_resp(9, "id-1")).message_id == b"id-1"
    assert read(encode_submit_resp(9, "", Status.ESME_RTHROTTLED)).status == Status.ESME_RTHROTTLED
    assert decode_submit_resp(theirs("submit_sm_resp", message_id="id-2")) == "id-2"
    assert read(encode_deliver_resp(9)).command == "deliver_sm_resp"


def test_queries() -> None:
    fields = {"message_id": "id-1", "source_addr_ton": 5, "source_addr_npi": 0, "source_addr": "VOLLEY"}
    query = Query("id-1", Address(5, 0, "VOLLEY"))
    assert encode_query(42, query) == theirs("query_sm", **fields)
    assert decode_query(theirs("query_sm", **fields)) == query
    answer = read(encode_query_resp(9, QueryAnswer("id-1", "250309123000000+", 2, 5)))
    assert (answer.message_id, answer.final_date) == (b"id-1", b"250309123000000+")
    assert (answer.message_state, answer.error_code) == (2, 5)
    pdu = encode_query_resp(9, QueryAnswer("id-1", "", 1, 0))
    assert decode_query_resp(pdu) == QueryAnswer("id-1", "", 1, 0)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("enquire_link", ENQUIRE_LINK),
        ("enquire_link_resp", ENQUIRE_LINK | RESPONSE),
        ("unbind", UNBIND),
        ("unbind_resp", UNBIND | RESPONSE),
        ("generic_nack", GENERIC_NACK),
    ],
)
def test_headers_only(name: str, command: int) -> None:
    pdu = read(encode_pdu(command, 3, status=8))
    assert (pdu.command, pdu.sequence, pdu.status) == (name, 3, 8)
    assert header(theirs(name)).command == command


def test_statuses() -> None:
    names = {name.removeprefix("SMPP_"): value for name, value in vars(smpplib.consts).items()}
    for status in Status:
        assert names.get(status.name, status) == status
        assert status_name(status) == status.name
    assert sum(status.name in names for status in Status) >= 40
    assert status_name(0x400) == "ESME_0x00000400"
