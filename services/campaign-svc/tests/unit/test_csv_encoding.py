"""Files in any encoding become UTF-8, in whatever pieces they come."""

from collections.abc import Iterable
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_encoding import Encoding, Utf8
from campaign_svc.domain.number_list import NumberList, NumberSlice


def made(pieces: Iterable[bytes], encoding: Encoding | None = None) -> bytes:
    file = Utf8(encoding)
    return b"".join([*map(file.feed, pieces), file.feed(b"", final=True)])


def pieces_of(data: bytes, sizes: list[int]) -> list[bytes]:
    found, position = [], 0
    while position < len(data):
        found.append(data[position : position + sizes[len(found) % len(sizes)]])
        position += len(found[-1])
    return found


@given(st.text(max_size=60), st.lists(st.integers(1, 5), min_size=1), st.sampled_from(get_args(Encoding)))
def test_what_an_encoding_can_say_arrives(text: str, sizes: list[int], encoding: Encoding) -> None:
    data = text.encode(encoding, errors="ignore")
    said = data.decode(encoding)
    assert made(pieces_of(data, sizes), encoding).decode() == said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_utf_is_known_by_itself(encoding: str) -> None:
    data = "number,city\r\n+12025550143,Zürich 😀".encode(encoding)
    assert made(pieces_of(data, [1])).decode("utf-8-sig") == "number,city\r\n+12025550143,Zürich 😀"


@pytest.mark.parametrize("split", range(13))
def test_an_illegal_byte_is_named_by_its_position(split: int) -> None:
    data = "number\né,".encode() + b"\xe9\n"
    with pytest.raises(IllegalFieldError, match="is not UTF-8 at byte 11") as caught:
        made([data[:split], data[split:]])
    assert "name its encoding" in caught.value.fix
    with pytest.raises(IllegalFieldError, match="is not WINDOWS-1252 at byte 2"):
        made([b"n\x81"], "windows-1252")
    with pytest.raises(IllegalFieldError, match="at byte 1"):
        made(["é".encode()[:1]])


@given(st.lists(st.booleans(), max_size=30), st.lists(st.integers(1, 40), min_size=1))
def test_a_list_of_numbers_is_the_same_in_any_pieces(legal: list[bool], sizes: list[int]) -> None:
    rows = [f"{n},+120255501{n:02}" if ok else f"{n},nobody" for n, ok in enumerate(legal)]
    data = "\n".join(["\ufeffid,number", *rows]).encode()
    numbers, taken = NumberList(None), []
    for piece in pieces_of(data, sizes):
        numbers.feed(piece)
        assert not numbers.has_slice, "little is taken at once, at the end"
    numbers.finish()
    while numbers.has_slice:
        taken.append(numbers.take())
    expected = NumberSlice([f"+120255501{n:02}" for n, ok in enumerate(legal) if ok], [])
    assert [number for part in taken for number in part.numbers] == expected.numbers
    rejects = [(reject.line, reject.excerpt) for part in taken for reject in part.rejects]
    assert rejects == [(n + 2, f"{n},nobody") for n, ok in enumerate(legal) if not ok]
