"""Delivery receipts as we write them and as providers do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_smpp import (
    DELIVER_SM,
    ESM_RECEIPT,
    TLV_MESSAGE_STATE,
    TLV_RECEIPTED_MESSAGE_ID,
    Address,
    Message,
    Receipt,
    State,
    build_receipt,
    encode_message,
    parse_receipt,
    receipt_of,
    says_receipt,
)

NOON = datetime(2025, 3, 9, 12, 30, tzinfo=UTC)
MINUTES = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001  # replaced below
    lambda date: date.replace(second=0, microsecond=0, tzinfo=UTC)
)


@given(
    st.builds(
        Receipt,
        st.text("0123456789abcdefABCDEF-", min_size=1, max_size=64),
        st.sampled_from(State),
        st.none() | MINUTES,
        st.none() | MINUTES,
        st.text("0123456789ABC", min_size=1, max_size=3),
        st.integers(0, 999),
        st.integers(0, 999),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
    )
)
def test_round_trip(receipt: Receipt) -> None:
    assert parse_receipt(build_receipt(receipt).decode("latin-1")) == receipt


def test_the_text_is_as_in_the_specification() -> None:
    assert build_receipt(Receipt("77", State.DELIVERED, NOON, NOON, text="Hello, how are you, Mary?")) == (
        b"id:77 sub:001 dlvrd:001 submit date:2503091230 done date:2503091230 stat:DELIVRD err:000"
        b" text:Hello, how are you, "
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("id:1 stat:EXPIRED", Receipt("1", State.EXPIRED)),
        ("ID: a-1  STAT: delivrd ERR:0a1", Receipt("a-1", State.DELIVERED, error="0a1")),
        ("id:1 sub:x dlvrd:000 stat:REJECTD err:5", Receipt("1", State.REJECTED, error="5", delivered=0)),
        ("id:1 stat:UNDELIVERED", Receipt("1", State.UNDELIVERABLE)),
        ("id:1 stat:WHATEVER", Receipt("1", State.UNKNOWN)),
        ("id:1", Receipt("1", State.UNKNOWN)),
        ("stat:DELIVRD id:9", Receipt("9", State.DELIVERED)),
        ("id:1 done date:250309123000 stat:DELIVRD", Receipt("1", State.DELIVERED, done_date=NOON)),
        ("id:1 done date:20250309123000 stat:DELIVRD", Receipt("1", State.DELIVERED, done_date=NOON)),
        ("id:1 done date:202503091230 stat:DELIVRD", Receipt("1", State.DELIVERED, done_date=NOON)),
        ("id:1 done date:9999999999 stat:DELIVRD", Receipt("1", State.DELIVERED)),
        ("id:1 done date:later stat:DELIVRD", Receipt("1", State.DELIVERED)),
        ("id:1 stat:DELIVRD text:id:2 stat:EXPIRED", Receipt("1", State.DELIVERED, text="id:2 stat:EXPIRED")),
        ("id:1 stat:DELIVRD Text:a\nb", Receipt("1", State.DELIVERED, text="a\nb")),
        ("stat:DELIVRD", None),
        ("Thanks, see you", None),
        ("", None),
    ],
)
def test_parse_is_tolerant(text: str, expected: Receipt | None) -> None:
    assert parse_receipt(text) == expected


@given(st.text(max_size=200))
def test_parse_never_raises(text: str) -> None:
    parse_receipt("id:" + text)


A = Address(1, 1, "1")


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (Message(A, A, b"id:1 stat:DELIVRD"), None),
        (Message(A, A, b"id:1 stat:DELIVRD", esm_class=ESM_RECEIPT), Receipt("1", State.DELIVERED)),
        (
            Message(A, A, b"id:1 stat:ACCEPTD", tlvs={TLV_RECEIPTED_MESSAGE_ID: b"x9\0", TLV_MESSAGE_STATE: b"\x02"}),
            Receipt("x9", State.DELIVERED),
        ),
        (Message(A, A, b"", tlvs={TLV_RECEIPTED_MESSAGE_ID: b"x9\0"}), Receipt("x9", State.UNKNOWN)),
        (
            Message(A, A, b"id:1 stat:DELIVRD", esm_class=ESM_RECEIPT, tlvs={TLV_MESSAGE_STATE: b"\x63"}),
            Receipt("1", State.DELIVERED),
        ),
        (Message(A, A, b"STOP", esm_class=ESM_RECEIPT), None),
    ],
)
def test_receipt_of(message: Message, expected: Receipt | None) -> None:
    assert receipt_of(message) == expected


@given(st.binary(max_size=80))
def test_what_is_malformed_says_nothing_of_a_receipt_and_harms_nobody(rest: bytes) -> None:
    assert says_receipt(b"\0" * 16 + rest) in {True, False}


@pytest.mark.parametrize(("esm_class", "expected"), [(0x04, True), (0x44, True), (0, False), (0x40, False), (8, False)])
@pytest.mark.parametrize("phone", [Address(1, 1, "447700900123"), Address(5, 0, "")])
def test_a_receipt_is_told_by_its_class(phone: Address, esm_class: int, expected: bool) -> None:
    frame = encode_message(DELIVER_SM, 1, Message(phone, Address(3, 0, "60777"), b"x", esm_class=esm_class))
    assert says_receipt(frame) == expected
