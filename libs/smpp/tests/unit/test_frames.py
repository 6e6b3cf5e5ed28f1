"""PDUs in a stream, whole, in pieces and malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_smpp import (
    ENQUIRE_LINK,
    GENERIC_NACK,
    MAX_PDU,
    RESPONSE,
    FrameSplitter,
    Header,
    PduError,
    Status,
    encode_pdu,
    header,
)

BODIES = st.lists(st.binary(max_size=300), max_size=8)


@given(BODIES, st.lists(st.integers(1, 60), max_size=40))
def test_any_cutting_of_the_stream_gives_the_same_pdus(bodies: list[bytes], cuts: list[int]) -> None:
    pdus = [encode_pdu(ENQUIRE_LINK, sequence, body) for sequence, body in enumerate(bodies)]
    stream = b"".join(pdus)
    splitter, frames, start = FrameSplitter(), list[bytes](), 0
    for cut in [*cuts, len(stream)]:
        frames.extend(splitter.feed(stream[start : start + cut]))
        start += cut
    assert frames == pdus


@pytest.mark.parametrize("length", [0, 15, MAX_PDU + 1, 0xFFFFFFFF])
def test_a_bad_length_is_an_error_after_the_good_pdus(length: int) -> None:
    good = encode_pdu(ENQUIRE_LINK, 7)
    frames = FrameSplitter().feed(good + length.to_bytes(4) + b"\0" * 40)
    assert next(frames) == good
    with pytest.raises(PduError) as caught:
        next(frames)
    assert caught.value.status == Status.ESME_RINVCMDLEN


def test_the_limit_is_known_from_the_length_alone() -> None:
    splitter = FrameSplitter(limit=100)
    assert list(splitter.feed((100).to_bytes(4))) == []
    with pytest.raises(PduError):
        list(FrameSplitter(limit=100).feed((101).to_bytes(4)))


def test_header() -> None:
    pdu = encode_pdu(GENERIC_NACK, 0x7FFFFFFF, status=Status.ESME_RINVCMDID)
    assert header(pdu) == Header(16, RESPONSE, 3, 0x7FFFFFFF)
    with pytest.raises(PduError):
        header(pdu[:15])
