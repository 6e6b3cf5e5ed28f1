"""What PDU bodies are made of: C-octet strings, addresses, optional parameters (TLVs)."""

from collections.abc import Mapping
from struct import Struct
from typing import Final, NamedTuple

from volley_smpp.constants import Status
from volley_smpp.frames import PduError

_TLV_HEAD: Final = Struct(">HH")


class Address(NamedTuple):
    """Type of number, numbering plan, and the address itself (at most 20 characters)."""

    ton: int
    npi: int
    value: str


def address_of(value: str) -> Address:
    """An address for what people write: `+4470...` international, a short number as a short code, else a name.

    The plus is not part of the address in SMPP.
    """
    digits = value.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return Address(5, 0, value)
    if value[0] == "+" or len(digits) > 8:
        return Address(1, 1, digits)
    return Address(3, 1, digits)


def c_string(value: str, limit: int) -> bytes:
    """`value` with its closing zero; PduError if that is more than `limit` octets, or not Latin-1, or holds a zero."""
    try:
        octets = value.encode("latin-1") + b"\0"
    except UnicodeEncodeError as error:
        raise PduError(f"{value!r} cannot be written in Latin-1") from error
    if len(octets) > limit or octets.index(0) != len(octets) - 1:
        raise PduError(f"{value!r} does not fit into {limit - 1} octets")
    return octets


def read_c_string(frame: bytes, start: int) -> tuple[str, int]:
    """The string that begins at `start` and the position after its closing zero; PduError if there is none."""
    end = frame.find(0, start)
    if end < 0:
        raise PduError("a string is not closed")
    return frame[start:end].decode("latin-1"), end + 1


def encode_address(address: Address) -> bytes:
    return bytes((address.ton, address.npi)) + c_string(address.value, 21)


def encode_tlvs(tlvs: Mapping[int, bytes]) -> bytes:
    """Optional parameters from tag to value."""
    return b"".join(_TLV_HEAD.pack(tag, len(value)) + value for tag, value in tlvs.items())


def decode_tlvs(frame: bytes, start: int) -> dict[int, bytes]:
    """The optional parameters from `start` to the end; PduError if they do not end with the PDU."""
    tlvs: dict[int, bytes] = {}
    size = len(frame)
    while start < size:
        if size - start < 4:
            raise PduError("an optional parameter is cut off", Status.ESME_RINVOPTPARSTREAM)
        tag, length = _TLV_HEAD.unpack_from(frame, start)
        start += 4 + length
        if start > size:
            raise PduError("an optional parameter is cut off", Status.ESME_RINVOPTPARSTREAM)
        tlvs[tag] = frame[start - length : start]
    return tlvs
