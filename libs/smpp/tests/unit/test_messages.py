"""submit_sm and deliver_sm: round trips, long payloads, malformed bodies."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_smpp import (
    DELIVER_SM,
    SUBMIT_SM,
    TLV_USER_MESSAGE_REFERENCE,
    Address,
    Message,
    Part,
    PduError,
    SubmitEncoder,
    address_of,
    decode_message,
    decode_submit_resp,
    encode_deliver_resp,
    encode_message,
    encode_submit_resp,
    encode_tlvs,
    header,
    sar_tlvs,
    separate,
    udh,
)

OCTET = st.integers(0, 255)


def strings(limit: int) -> st.SearchStrategy[str]:
    return st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=limit)


ADDRESSES = st.builds(Address, OCTET, OCTET, strings(20))
TLVS = st.dictionaries(st.integers(0, 0xFFFF).filter(lambda tag: tag != 0x0424), st.binary(max_size=20), max_size=4)
MESSAGES = st.builds(
    Message,
    ADDRESSES,
    ADDRESSES,
    st.binary(max_size=600),
    *[OCTET] * 3,
    TLVS,
    strings(5),
    OCTET,
    OCTET,
    strings(16),
    strings(16),
    OCTET,
    OCTET,
)


@given(MESSAGES, st.sampled_from([SUBMIT_SM, DELIVER_SM]))
def test_round_trip(message: Message, command: int) -> None:
    pdu = encode_message(command, 5, message)
    assert header(pdu) == (len(pdu), command, 0, 5)
    assert decode_message(pdu) == message


@given(MESSAGES, st.data())
def test_a_cut_message_is_an_error_or_a_shorter_message(message: Message, data: st.DataObject) -> None:
    pdu = encode_message(SUBMIT_SM, 1, message)
    cut = pdu[: data.draw(st.integers(16, len(pdu) - 1))]
    with suppress(PduError):
        decode_message(cut)
        # Only what is optional can be missing without a trace.
        assert len(pdu) - len(cut) <= len(encode_tlvs(message.tlvs)) + len(message.payload) + 4


@given(st.binary(max_size=120))
def test_octets_of_any_kind_never_raise_anything_else(body: bytes) -> None:
    with suppress(PduError):
        separate(decode_message(b"\0" * 16 + body))


@given(
    st.text("0123456789", min_size=1, max_size=15),
    st.binary(max_size=254),
    st.integers(0, 0xFFFF),
    st.sampled_from([0, 8]),
)
def test_the_fast_encoder_agrees_with_the_plain_one(number: str, payload: bytes, ref: int, coding: int) -> None:
    tlvs = {TLV_USER_MESSAGE_REFERENCE: ref.to_bytes(2)}
    fast = SubmitEncoder(
        address_of("VOLLEY"), data_coding=coding, esm_class=0x40, validity="000001000000000R", service_type="CMT"
    )
    message = Message(
        Address(5, 0, "VOLLEY"),
        Address(1, 1, number),
        payload,
        data_coding=coding,
        esm_class=0x40,
        registered_delivery=1,
        tlvs=tlvs,
        service_type="CMT",
        validity="000001000000000R",
    )
    assert fast.encode(9, number, payload, encode_tlvs(tlvs)) == encode_message(SUBMIT_SM, 9, message)


@pytest.mark.parametrize(
    "change",
    [
        {"source": Address(5, 0, "x" * 21)},
        {"source": Address(5, 0, "a\0b")},
        {"source": Address(5, 0, "ж")},
        {"validity": "x" * 17},
        {"service_type": "123456"},
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    message = Message(Address(5, 0, "A"), Address(1, 1, "1"), b"")._replace(**change)
    with pytest.raises(PduError):
        encode_message(SUBMIT_SM, 1, message)


def test_responses() -> None:
    assert decode_submit_resp(encode_submit_resp(3, "abc")) == "abc"
    refused = encode_submit_resp(3, "abc", 0x58)
    assert (len(refused), decode_submit_resp(refused)) == (16, "")
    assert encode_deliver_resp(1)[16:] == b"\0"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+447700900123", Address(1, 1, "447700900123")),
        ("447700900123", Address(1, 1, "447700900123")),
        ("+4477009", Address(1, 1, "4477009")),
        ("12345", Address(3, 1, "12345")),
        ("VOLLEY", Address(5, 0, "VOLLEY")),
        ("+x", Address(5, 0, "+x")),
        ("", Address(5, 0, "")),
    ],
)
def test_address_of(text: str, expected: Address) -> None:
    assert address_of(text) == expected


A = Address(1, 1, "1")
PART = Part(0x7A, 3, 2)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message(A, A, udh(PART) + b"text", esm_class=0x40), (PART, b"text")),
        (Message(A, A, b"\x06\x08\x04\x12\x34\x03\x01rest", esm_class=0x43), (Part(0x1234, 3, 1), b"rest")),
        (Message(A, A, b"\x0a\x05\x03\0\0\0\0\x03\x7a\x03\x02x", esm_class=0x40), (PART, b"x")),
        (Message(A, A, b"text", tlvs=sar_tlvs(PART)), (PART, b"text")),
        (Message(A, A, b"\x05\0\x03\x7a\x02\x03x", esm_class=0x40), (None, b"x")),
        (Message(A, A, b"\x05\0\x03\x7a\x02\x03x"), (None, b"\x05\0\x03\x7a\x02\x03x")),
        (Message(A, A, b"", esm_class=0x40), (None, b"")),
    ],
)
def test_parts(message: Message, expected: tuple[Part | None, bytes]) -> None:
    assert separate(message) == expected
