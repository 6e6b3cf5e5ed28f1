"""What a deliver_sm means: receipts, and messages from phones, long ones in any order."""

import contextlib
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch_svc.clients.smpp_deliveries import COMPLETE_WITHIN, Deliveries
from dispatch_svc.domain.handover import Inbound, Receipt
from volley_smpp import (
    DELIVER_SM,
    ESM_RECEIPT,
    ESM_UDH,
    Address,
    Message,
    Part,
    PduError,
    State,
    build_receipt,
    encode_message,
    sar_tlvs,
    udh,
)
from volley_smpp import Receipt as SmppReceipt
from volley_sms import DATA_CODING, encode, parts

PHONE, NAME = Address(1, 1, "447700900123"), Address(5, 0, "VOLLEY")
AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def frame(message: Message) -> bytes:
    return encode_message(DELIVER_SM, 7, message)


def receipt(state: State, error: str = "000") -> bytes:
    text = build_receipt(SmppReceipt("0abc", state, AT, AT, error))
    return frame(Message(PHONE, NAME, text, esm_class=ESM_RECEIPT))


def long_frames(text: str, reference: int, *, sar: bool = False) -> list[bytes]:
    payloads, coding = encode(text), DATA_CODING[parts(text).encoding]
    numbered = [(Part(reference, len(payloads), place), payload) for place, payload in enumerate(payloads, 1)]
    if sar:
        return [frame(Message(PHONE, NAME, payload, coding, tlvs=sar_tlvs(part))) for part, payload in numbered]
    return [frame(Message(PHONE, NAME, udh(part) + payload, coding, esm_class=ESM_UDH)) for part, payload in numbered]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (State.DELIVERED, "delivered"),
        (State.UNDELIVERABLE, "undelivered"),
        (State.DELETED, "undelivered"),
        (State.EXPIRED, "expired"),
        (State.REJECTED, "rejected"),
    ],
)
def test_a_final_receipt_names_the_message_and_both_ends(state: State, status: str) -> None:
    found = Deliveries().read(receipt(state, "034"), 0.0, AT)
    assert isinstance(found, Receipt)
    assert (found.provider_id, found.status, found.error, found.at) == ("0abc", status, "034", AT)
    assert (found.to, found.from_, found.ref) == ("+447700900123", "VOLLEY", None)


@pytest.mark.parametrize("state", [State.ENROUTE, State.ACCEPTED, State.UNKNOWN])
def test_a_receipt_on_the_way_says_nothing(state: State) -> None:
    assert Deliveries().read(receipt(state), 0.0, AT) is None


def test_error_000_is_none() -> None:
    found = Deliveries().read(receipt(State.DELIVERED), 0.0, AT)
    assert isinstance(found, Receipt)
    assert found.error is None


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (Address(1, 1, "447700900123"), "+447700900123"),
        (Address(1, 1, "+447700900123"), "+447700900123"),
        (Address(0, 1, "447700900123"), "+447700900123"),
        (Address(3, 0, "60777"), "60777"),
        (Address(0, 0, "60777"), "60777"),
        (Address(5, 0, "BANK"), "BANK"),
    ],
)
def test_numbers_are_told_as_e164_and_names_as_they_are(source: Address, told: str) -> None:
    found = Deliveries().read(frame(Message(source, PHONE, b"hi")), 0.0, AT)
    assert isinstance(found, Inbound)
    assert (found.from_, found.to) == (told, "+447700900123")


@given(text=st.text(min_size=1, max_size=900), order=st.randoms(), sar=st.booleans())
def test_a_text_of_any_length_arrives_whole_in_any_order(text: str, order: Random, sar: bool) -> None:
    deliveries = Deliveries()
    frames = (
        long_frames(text, 5, sar=sar)
        if parts(text).count > 1
        else [frame(Message(PHONE, NAME, encode(text)[0], DATA_CODING[parts(text).encoding]))]
    )
    order.shuffle(frames)
    *first, last = [deliveries.read(one, 0.0, AT) for one in frames]
    assert first == [None] * (len(frames) - 1)
    assert isinstance(last, Inbound)
    assert last.text == text.encode("utf-16", "replace").decode("utf-16")
    assert len(deliveries) == 0


@given(
    body=st.binary(max_size=200),
    start=st.integers(0, 120),
    cut=st.integers(16, 300),
    kind=st.sampled_from([0, 4, 0x40]),
)
def test_whatever_a_provider_sends_is_read_or_malformed(body: bytes, start: int, cut: int, kind: int) -> None:
    payload = b"\x05\x00\x03\x07\x02\x01id:1 stat:DELIVRD done date:2605011200"
    good = frame(Message(PHONE, NAME, payload, esm_class=kind, tlvs={0x1E: b"abc\0", 0x0427: b"\2"}))
    at = min(16 + start, len(good))
    deliveries = Deliveries()
    with contextlib.suppress(PduError):
        deliveries.read((good[:at] + body + good[at + len(body) :])[:cut], 0.0, AT)
    for inbound in deliveries.overdue(float("inf")):
        assert isinstance(inbound.text, str)


def test_a_message_payload_is_read() -> None:
    found = Deliveries().read(frame(Message(PHONE, NAME, b"a" * 600)), 0.0, AT)
    assert isinstance(found, Inbound)
    assert found.text == "a" * 600


def test_long_messages_that_interleave_are_kept_apart() -> None:
    deliveries = Deliveries()
    one, other = long_frames("a" * 200, 1), long_frames("b" * 200, 2)
    found = [deliveries.read(frame, 0.0, AT) for pair in zip(one, other, strict=True) for frame in pair]
    assert [inbound.text for inbound in found if isinstance(inbound, Inbound)] == ["a" * 200, "b" * 200]


def test_a_part_that_comes_twice_counts_once() -> None:
    deliveries = Deliveries()
    first, second = long_frames("a" * 200, 1)
    assert deliveries.read(first, 0.0, AT) is None
    assert deliveries.read(first, 0.0, AT) is None
    assert isinstance(deliveries.read(second, 0.0, AT), Inbound)


def test_what_does_not_become_complete_is_passed_on_with_a_gap() -> None:
    deliveries = Deliveries()
    first, _, third = long_frames("a" * 153 + "b" * 153 + "c", 1)
    deliveries.read(first, 0.0, AT)
    deliveries.read(third, 1.0, AT)
    assert deliveries.overdue(COMPLETE_WITHIN - 1) == []
    [inbound] = deliveries.overdue(COMPLETE_WITHIN)
    assert inbound.text == "a" * 153 + "…" + "c"
    assert len(deliveries) == 0


def test_the_same_words_in_the_same_minute_have_one_key() -> None:
    def key(text: str, at: datetime) -> str:
        found = Deliveries().read(frame(Message(PHONE, NAME, text.encode())), 0.0, at)
        assert isinstance(found, Inbound)
        return found.provider_key

    assert key("STOP", AT) == key("STOP", AT.replace(second=59))
    assert key("STOP", AT) != key("STOP", AT.replace(minute=1))
    assert key("STOP", AT) != key("START", AT)
