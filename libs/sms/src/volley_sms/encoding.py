"""How a text travels: in GSM-7 (3GPP TS 23.038, with its extension table) or UCS-2, cut into parts.

A unit is one septet in GSM-7 and 16 bits in UCS-2. A message of one part carries 160 or 70 units; in a longer
one each part gives up room for the concatenation header and carries 153 or 67. A character of the extension
table (two septets) and a surrogate pair are never cut in two.
"""

import codecs
from typing import Final, Literal, NamedTuple

Encoding = Literal["gsm7", "ucs2"]

DATA_CODING: Final[dict[Encoding, int]] = {"gsm7": 0, "ucs2": 8}
"""The SMPP data_coding of each encoding."""

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]"} | {
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B

_TO_GSM: dict[int, int | bytes] = {ord(char): septet for septet, char in enumerate(_BASIC) if septet != _ESCAPE}
_TO_GSM |= {ord(char): bytes((_ESCAPE, septet)) for septet, char in _EXTENSION.items()}

GSM_CHARACTERS: Final = frozenset(map(chr, _TO_GSM))
"""Every character that GSM-7 can carry."""

_ASCII_OF_ONE_SEPTET = bytes(code for code, septet in _TO_GSM.items() if code < 0x80 and isinstance(septet, int))
_ASCII_TO_SEPTET = bytes(septet if isinstance(septet := _TO_GSM.get(code, 0), int) else 0 for code in range(256))

# The data coding group 1111 of TS 23.038: the default alphabet with a message class.
_CLASS_GROUP = 0xF0


class Parts(NamedTuple):
    """The size of a text: `units` in all (septets or 16-bit units), `count` of billed parts (at least 1)."""

    encoding: Encoding
    units: int
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants of a size


def parts(text: str) -> Parts:
    """How `text` is encoded and how many parts it takes."""
    if text.isascii():
        raw = text.encode()
        if not raw.translate(None, _ASCII_OF_ONE_SEPTET):
            units = len(raw)
            return Parts("gsm7", units, 1 if units <= 160 else -(-units // 153))
    encoding, data = _encode_whole(text)
    if encoding == "gsm7":
        return Parts("gsm7", len(data), len(_cut_gsm7(data)))
    return Parts("ucs2", len(data) // 2, len(_cut_ucs2(data)))


def encode(text: str, encoding: Encoding | None = None) -> list[bytes]:
    """The SMPP payload of each part: one byte per septet (unpacked) in GSM-7, big endian in UCS-2.

    The encoding is the one that `parts` finds unless it is given; UnicodeEncodeError if gsm7 is asked for and
    cannot carry the text. A lone surrogate is sent as a question mark.
    """
    if encoding == "ucs2":
        return _cut_ucs2(_ucs2(text))
    if encoding == "gsm7":
        return _cut_gsm7(_gsm7(text))
    return packed(text)[1]


def packed(text: str) -> tuple[Encoding, list[bytes]]:
    """What `parts` says of the encoding and what `encode` gives, at once."""
    encoding, data = _encode_whole(text)
    return encoding, _cut_gsm7(data) if encoding == "gsm7" else _cut_ucs2(data)


def split(text: str) -> list[str]:
    """The text of each part; joined they are `text` again."""
    encoding, data = _encode_whole(text)
    if encoding == "gsm7":
        return [_from_gsm7(payload) for payload in _cut_gsm7(data)]
    return [_from_ucs2(payload) for payload in _cut_ucs2(data)]


def decode(payload: bytes, data_coding: int = 0) -> str:
    """The text of one received payload (without its header); what cannot be read becomes U+FFFD.

    `data_coding` 0 is unpacked GSM-7 (so is the group with message classes), 1 is ASCII, 3 is Latin-1, 8 is
    UCS-2 (read as UTF-16); anything else is read as Latin-1.
    """
    if data_coding == 8:
        return _from_ucs2(payload)
    if data_coding == 0 or data_coding & _CLASS_GROUP == _CLASS_GROUP:
        return _from_gsm7(payload)
    return payload.decode("ascii" if data_coding == 1 else "latin-1", "replace")


def _encode_whole(text: str) -> tuple[Encoding, bytes]:
    try:
        return "gsm7", _gsm7(text)
    except UnicodeEncodeError:
        return "ucs2", _ucs2(text)


def _gsm7(text: str) -> bytes:
    if text.isascii():
        raw = text.encode()
        if not raw.translate(None, _ASCII_OF_ONE_SEPTET):
            return raw.translate(_ASCII_TO_SEPTET)
    return codecs.charmap_encode(text, "strict", _TO_GSM)[0]


def _ucs2(text: str) -> bytes:
    return text.encode("utf-16-be", "replace")


def _cut_gsm7(data: bytes) -> list[bytes]:
    if len(data) <= 160:
        return [data]
    cuts, start = [], 0
    while start < len(data):
        end = start + 153
        if end < len(data) and data[end - 1] == _ESCAPE:
            end -= 1
        cuts.append(data[start:end])
        start = end
    return cuts


def _cut_ucs2(data: bytes) -> list[bytes]:
    if len(data) <= 140:
        return [data]
    cuts, start = [], 0
    while start < len(data):
        end = start + 134
        if end < len(data) and data[end - 2] & 0xFC == 0xD8:  # the last unit opens a surrogate pair
            end -= 2
        cuts.append(data[start:end])
        start = end
    return cuts


def _from_gsm7(payload: bytes) -> str:
    first, *escaped = payload.split(bytes((_ESCAPE,)))
    texts = [codecs.charmap_decode(first, "replace", _BASIC)[0]]
    for piece in escaped:
        if piece and (char := _EXTENSION.get(piece[0])):
            texts.append(char)
            piece = piece[1:]  # noqa: PLW2901  # the rest of the same piece
        # An escape before anything else is skipped: the standard has the plain character shown.
        texts.append(codecs.charmap_decode(piece, "replace", _BASIC)[0])
    return "".join(texts)


def _from_ucs2(payload: bytes) -> str:
    return payload.decode("utf-16-be", "replace")
