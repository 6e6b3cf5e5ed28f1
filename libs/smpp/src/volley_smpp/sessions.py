"""The PDUs that open a session and their answers: bind_receiver, bind_transmitter, bind_transceiver."""

from typing import NamedTuple

from volley_smpp.constants import RESPONSE
from volley_smpp.fields import c_string, decode_tlvs, encode_tlvs, read_c_string
from volley_smpp.frames import HEADER_LENGTH, PduError, encode_pdu

_VERSION_3_4 = 0x34
_TLV_SC_INTERFACE_VERSION = 0x0210


class Bind(NamedTuple):
    """The body of a bind: `system_id` of up to 15, `password` of up to 8, `system_type` of up to 12 characters."""

    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = _VERSION_3_4
    ton: int = 0
    npi: int = 0
    address_range: str = ""


def encode_bind(command: int, sequence: int, bind: Bind) -> bytes:
    """`command` is BIND_TRANSCEIVER, BIND_RECEIVER or BIND_TRANSMITTER; PduError if a string is too long."""
    body = (
        c_string(bind.system_id, 16)
        + c_string(bind.password, 9)
        + c_string(bind.system_type, 13)
        + bytes((bind.interface_version, bind.ton, bind.npi))
        + c_string(bind.address_range, 41)
    )
    return encode_pdu(command, sequence, body)


def decode_bind(frame: bytes) -> Bind:
    """The body of any of the three binds; PduError if it is malformed."""
    system_id, at = read_c_string(frame, HEADER_LENGTH)
    password, at = read_c_string(frame, at)
    system_type, at = read_c_string(frame, at)
    if len(frame) < at + 3:
        raise PduError("the bind is cut off")
    version, ton, npi = frame[at : at + 3]
    address_range, _ = read_c_string(frame, at + 3)
    return Bind(system_id, password, system_type, version, ton, npi, address_range)


def encode_bind_resp(command: int, sequence: int, system_id: str, status: int = 0) -> bytes:
    """The answer to the bind `command`; `system_id` names the server. A refusal has no body."""
    if status:
        return encode_pdu(command | RESPONSE, sequence, status=status)
    version = encode_tlvs({_TLV_SC_INTERFACE_VERSION: bytes((_VERSION_3_4,))})
    return encode_pdu(command | RESPONSE, sequence, c_string(system_id, 16) + version)


def decode_bind_resp(frame: bytes) -> str:
    """The server's system_id; empty where a refusal has no body."""
    if len(frame) == HEADER_LENGTH:
        return ""
    system_id, at = read_c_string(frame, HEADER_LENGTH)
    decode_tlvs(frame, at)
    return system_id
