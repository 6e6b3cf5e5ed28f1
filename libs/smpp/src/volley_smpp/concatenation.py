"""Messages of several parts: the user data header, the sar_* parameters, and putting them together again."""

from collections.abc import Mapping
from typing import NamedTuple

from volley_smpp.constants import ESM_UDH, TLV_SAR_REFERENCE, TLV_SAR_SEQUENCE, TLV_SAR_TOTAL
from volley_smpp.messages import Message

_IE_REFERENCE_8 = 0x00
_IE_REFERENCE_16 = 0x08


class Part(NamedTuple):
    """Which part of which message: `position` counts from 1 to `total`; the parts share the `reference`."""

    reference: int
    total: int
    position: int


def udh(part: Part) -> bytes:
    """The user data header (6 octets, 8-bit reference) to put before the payload; needs the flag ESM_UDH."""
    return bytes((5, _IE_REFERENCE_8, 3, part.reference & 0xFF, part.total, part.position))


def sar_tlvs(part: Part) -> dict[int, bytes]:
    """The same as optional parameters (16-bit reference), for providers that build the header themselves."""
    return {
        TLV_SAR_REFERENCE: part.reference.to_bytes(2),
        TLV_SAR_TOTAL: part.total.to_bytes(1),
        TLV_SAR_SEQUENCE: part.position.to_bytes(1),
    }


def separate(message: Message) -> tuple[Part | None, bytes]:
    """Which part the message is (None: a whole one) and its payload without the user data header."""
    payload = message.payload
    if message.esm_class & ESM_UDH and payload:
        end = 1 + payload[0]
        return _from_header(payload[1:end]), payload[end:]
    return (_from_tlvs(message.tlvs) if message.tlvs else None), payload


def _from_header(elements: bytes) -> Part | None:
    at = 0
    while at + 2 <= len(elements):
        identifier, size = elements[at : at + 2]
        data = elements[at + 2 : at + 2 + size]
        if identifier == _IE_REFERENCE_8 and len(data) == 3:
            return _valid(Part(*data))
        if identifier == _IE_REFERENCE_16 and len(data) == 4:
            return _valid(Part(int.from_bytes(data[:2]), data[2], data[3]))
        at += 2 + size
    return None


def _from_tlvs(tlvs: Mapping[int, bytes]) -> Part | None:
    try:
        reference, total, position = tlvs[TLV_SAR_REFERENCE], tlvs[TLV_SAR_TOTAL], tlvs[TLV_SAR_SEQUENCE]
    except KeyError:
        return None
    return _valid(Part(int.from_bytes(reference), int.from_bytes(total), int.from_bytes(position)))


def _valid(part: Part) -> Part | None:
    return part if 1 <= part.position <= part.total and part.total > 1 else None
