"""PDUs in a stream of bytes: the header, and where one PDU ends and the next begins."""

from collections.abc import Iterator
from struct import Struct
from typing import Final, NamedTuple

from volley_smpp.constants import Status

_HEADER: Final = Struct(">IIII")
_LENGTH: Final = Struct(">I")
HEADER_LENGTH: Final = 16
MAX_PDU: Final = 70_000
"""Octets. The longest message_payload has 65,535."""


class PduError(ValueError):
    """Octets that are no PDU. `status` is what a generic_nack or a response says about it."""

    def __init__(self, message: str, status: Status = Status.ESME_RINVMSGLEN) -> None:
        super().__init__(message)
        self.status = status


class Header(NamedTuple):
    """The four numbers at the head of every PDU; `length` is that of the whole PDU in octets."""

    length: int
    command: int
    status: int
    sequence: int


def header(frame: bytes) -> Header:
    """The header of a PDU; PduError if the octets are too few."""
    if len(frame) < HEADER_LENGTH:
        raise PduError(f"a PDU of {len(frame)} octets has no header", Status.ESME_RINVCMDLEN)
    return Header._make(_HEADER.unpack_from(frame))


def encode_pdu(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    """A PDU of header and body; without a body: enquire_link, unbind, their responses, generic_nack."""
    return _HEADER.pack(HEADER_LENGTH + len(body), command, status, sequence) + body


class FrameSplitter:
    """Cuts what arrives from a connection into PDUs; keeps at most one incomplete PDU between two calls."""

    __slots__ = ("_limit", "_rest")

    def __init__(self, limit: int = MAX_PDU) -> None:
        self._rest = b""
        self._limit = limit

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Each PDU that is complete with `data`, header included; iterate to the end before the next call.

        PduError, after the good PDUs, at a length below 16 or above the limit: what follows cannot be told apart
        any more, so answer with a generic_nack and close the connection.
        """
        if self._rest:
            data = self._rest + data
        start, size = 0, len(data)
        while size - start >= 4:
            (length,) = _LENGTH.unpack_from(data, start)
            if not HEADER_LENGTH <= length <= self._limit:
                raise PduError(f"a PDU cannot have {length} octets", Status.ESME_RINVCMDLEN)
            end = start + length
            if size < end:
                break
            yield data[start:end]
            start = end
        self._rest = data[start:]
