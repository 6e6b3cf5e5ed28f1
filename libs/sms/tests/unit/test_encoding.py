"""Encodings and parts: the limits of the standard, exactly, and round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volley_sms import DATA_CODING, Parts, decode, encode, packed, parts, split
from volley_sms.encoding import GSM_CHARACTERS

GSM_TEXT = st.text(st.sampled_from(sorted(GSM_CHARACTERS)), max_size=700)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)
EMOJI_TEXT = st.text(st.sampled_from("a€ж😀"), min_size=50, max_size=300)


def test_the_alphabet_is_complete() -> None:
    assert len(GSM_CHARACTERS) == 127 + 10
    assert [encode(char)[0] for char in "@$_àÇ€[\f"] == [
        b"\x00", b"\x02", b"\x11", b"\x7f", b"\x09", b"\x1be", b"\x1b<", b"\x1b\n",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Parts("gsm7", 0, 1)),
        ("a" * 160, Parts("gsm7", 160, 1)),
        ("a" * 161, Parts("gsm7", 161, 2)),
        ("a" * 306, Parts("gsm7", 306, 2)),
        ("a" * 307, Parts("gsm7", 307, 3)),
        ("é" * 160, Parts("gsm7", 160, 1)),
        ("€" * 80, Parts("gsm7", 160, 1)),
        ("a" * 159 + "€", Parts("gsm7", 161, 2)),
        # 153 units leave room for 76 euro signs and one septet that no half of a euro sign may take.
        ("€" * 152, Parts("gsm7", 304, 2)),
        ("€" * 153, Parts("gsm7", 306, 3)),
        ("`", Parts("ucs2", 1, 1)),
        ("ж" * 70, Parts("ucs2", 70, 1)),
        ("ж" * 71, Parts("ucs2", 71, 2)),
        ("ж" * 134, Parts("ucs2", 134, 2)),
        ("ж" * 135, Parts("ucs2", 135, 3)),
        ("😀" * 35, Parts("ucs2", 70, 1)),
        ("😀" * 66, Parts("ucs2", 132, 2)),
        ("😀" * 67, Parts("ucs2", 134, 3)),
    ],
)
def test_parts(text: str, expected: Parts) -> None:
    assert parts(text) == expected
    assert len(encode(text)) == len(split(text)) == expected.count
    assert packed(text) == (expected.encoding, encode(text))


@given(GSM_TEXT | ANY_TEXT | EMOJI_TEXT)
def test_split_joins_to_the_text_and_keeps_the_limits(text: str) -> None:
    size = parts(text)
    texts = split(text)
    assert "".join(texts) == text
    payloads = encode(text)
    assert len(payloads) == len(texts) == size.count
    whole, cut = (160, 153) if size.encoding == "gsm7" else (140, 134)
    assert all(len(payload) <= (whole if size.count == 1 else cut) for payload in payloads)
    assert sum(map(len, payloads)) == size.units * (1 if size.encoding == "gsm7" else 2)


@given(GSM_TEXT | ANY_TEXT | EMOJI_TEXT)
def test_every_part_can_be_read_by_itself(text: str) -> None:
    coding = DATA_CODING[parts(text).encoding]
    assert [decode(payload, coding) for payload in encode(text)] == split(text)


@given(GSM_TEXT)
def test_gsm7_is_found_whenever_possible(text: str) -> None:
    assert parts(text).encoding == "gsm7"
    assert all(byte < 0x80 for payload in encode(text) for byte in payload)


@given(GSM_TEXT)
def test_no_part_is_wasted(text: str) -> None:
    """Every part but the last is full, or one septet short where half of an escaped character would be."""
    payloads = encode(text)
    assert all(len(payload) >= 152 for payload in payloads[:-1])


def test_an_encoding_can_be_asked_for() -> None:
    assert encode("ab", "ucs2") == [b"\0a\0b"]
    with pytest.raises(UnicodeEncodeError):
        encode("ж", "gsm7")


def test_lone_surrogates_are_sent_as_question_marks() -> None:
    assert encode("\ud800") == [b"\0?"]
    assert parts("\ud800x\udc00") == Parts("ucs2", 3, 1)


@pytest.mark.parametrize(
    ("payload", "coding", "text"),
    [
        (b"STOP", 0, "STOP"),
        (b"\x00\x1b\x65", 0, "@€"),
        (b"a\x1b", 0, "a"),
        (b"\x1b\x41\x1b\x1bx", 0, "Ax"),
        (b"a\xff", 0, "a�"),
        (b"@", 0xF1, "¡"),
        (b"caf\xe9", 3, "café"),
        (b"a\xe9", 1, "a�"),
        (b"\x04\x36", 8, "ж"),
        (b"\x04\x36\xd8", 8, "ж�"),
    ],
)
def test_decode_is_tolerant(payload: bytes, coding: int, text: str) -> None:
    assert decode(payload, coding) == text
