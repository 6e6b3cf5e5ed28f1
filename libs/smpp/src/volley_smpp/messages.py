"""submit_sm and deliver_sm (one layout) and their responses."""

from collections.abc import Mapping
from struct import Struct
from typing import Final, NamedTuple

from volley_smpp.constants import DELIVER_SM, RESPONSE, SUBMIT_SM, TLV_MESSAGE_PAYLOAD
from volley_smpp.fields import Address, c_string, decode_tlvs, encode_address, encode_tlvs
from volley_smpp.frames import HEADER_LENGTH, PduError, encode_pdu

_HEADER: Final = Struct(">IIII")
_LONGEST_SHORT_MESSAGE: Final = 254
_NO_TLVS: Final[Mapping[int, bytes]] = {}


class Message(NamedTuple):
    """The body of a submit_sm or deliver_sm.

    `payload` is short_message, or message_payload where that was used; it begins with the user data header if
    esm_class has the flag ESM_UDH. Times are SMPP's own strings (empty: at once, the provider's default).
    `tlvs` are the optional parameters from tag to value, without message_payload.
    """

    source: Address
    destination: Address
    payload: bytes
    data_coding: int = 0
    esm_class: int = 0
    registered_delivery: int = 0
    tlvs: Mapping[int, bytes] = _NO_TLVS
    service_type: str = ""
    protocol_id: int = 0
    priority: int = 0
    schedule: str = ""
    validity: str = ""
    replace_if_present: int = 0
    default_message_id: int = 0


def encode_message(command: int, sequence: int, message: Message) -> bytes:
    """A submit_sm or deliver_sm (`command`); above 254 octets the payload travels as message_payload.

    PduError if a string is too long. For many messages from one sender `SubmitEncoder` is the fast way.
    """
    flags = bytes((message.esm_class, message.protocol_id, message.priority))
    coding = bytes(
        (
            message.registered_delivery,
            message.replace_if_present,
            message.data_coding,
            message.default_message_id,
        )
    )
    payload, tlvs = message.payload, message.tlvs
    if len(payload) > _LONGEST_SHORT_MESSAGE:
        payload, tlvs = b"", {**tlvs, TLV_MESSAGE_PAYLOAD: payload}
    body = (
        c_string(message.service_type, 6),
        encode_address(message.source),
        encode_address(message.destination),
        flags,
        c_string(message.schedule, 17),
        c_string(message.validity, 17),
        coding,
        bytes((len(payload),)),
        payload,
        encode_tlvs(tlvs),
    )
    return encode_pdu(command, sequence, b"".join(body))


def decode_message(frame: bytes) -> Message:
    """The body of a submit_sm or deliver_sm; PduError if it is malformed."""
    try:
        find = frame.index
        source_at = find(0, HEADER_LENGTH) + 1
        destination_at = find(0, source_at + 2) + 1
        flags_at = find(0, destination_at + 2) + 1
        validity_at = find(0, flags_at + 3) + 1
        coding_at = find(0, validity_at) + 1
        start = coding_at + 5
        end = start + frame[start - 1]
    except (ValueError, IndexError) as error:
        raise PduError("the message is cut off") from error
    if end > len(frame):
        raise PduError("short_message is shorter than sm_length")
    payload: bytes = frame[start:end]
    tlvs = _NO_TLVS
    if end < len(frame):
        found = decode_tlvs(frame, end)
        payload = found.pop(TLV_MESSAGE_PAYLOAD, payload)
        tlvs = found
    return Message(
        Address(frame[source_at], frame[source_at + 1], frame[source_at + 2 : destination_at - 1].decode("latin-1")),
        Address(
            frame[destination_at],
            frame[destination_at + 1],
            frame[destination_at + 2 : flags_at - 1].decode("latin-1"),
        ),
        payload,
        frame[coding_at + 2],
        frame[flags_at],
        frame[coding_at],
        tlvs,
        frame[HEADER_LENGTH : source_at - 1].decode("latin-1"),
        frame[flags_at + 1],
        frame[flags_at + 2],
        frame[flags_at + 3 : validity_at - 1].decode("latin-1"),
        frame[validity_at : coding_at - 1].decode("latin-1"),
        frame[coding_at + 1],
        frame[coding_at + 3],
    )


class SubmitEncoder:
    """Encodes the submit_sm of one sender, data coding and esm_class: everything constant is laid out once."""

    __slots__ = ("_after", "_before", "_constant")

    def __init__(
        self,
        source: Address,
        *,
        data_coding: int = 0,
        esm_class: int = 0,
        registered_delivery: int = 1,
        destination_ton: int = 1,
        destination_npi: int = 1,
        service_type: str = "",
        validity: str = "",
        priority: int = 0,
    ) -> None:
        """PduError if a string is too long."""
        head = c_string(service_type, 6) + encode_address(source) + bytes((destination_ton, destination_npi))
        tail = b"".join(
            (
                b"\0",  # closes the destination address
                bytes((esm_class, 0, priority)),
                b"\0",  # no schedule
                c_string(validity, 17),
                bytes((registered_delivery, 0, data_coding, 0)),
            )
        )
        self._before = head
        self._after = tail
        self._constant = HEADER_LENGTH + len(head) + len(tail) + 1

    def encode(self, sequence: int, digits: str, payload: bytes, tlvs: bytes = b"") -> bytes:
        """A submit_sm to `digits` (an international number without its plus); `tlvs` as of `encode_tlvs`.

        ValueError if the payload is above 255 octets, UnicodeEncodeError if the number is not ASCII.
        """
        number = digits.encode("ascii")
        length = len(payload)
        size = self._constant + len(number) + length + len(tlvs)
        return b"".join(
            (
                _HEADER.pack(size, SUBMIT_SM, 0, sequence),
                self._before,
                number,
                self._after,
                bytes((length,)),
                payload,
                tlvs,
            )
        )


def encode_submit_resp(sequence: int, message_id: str, status: int = 0) -> bytes:
    """A refusal has no body."""
    body = b"" if status else c_string(message_id, 65)
    return encode_pdu(SUBMIT_SM | RESPONSE, sequence, body, status)


def decode_submit_resp(frame: bytes) -> str:
    """The message id; empty where a refusal has no body."""
    end = frame.find(0, HEADER_LENGTH)
    return frame[HEADER_LENGTH : end if end >= 0 else len(frame)].decode("latin-1")


def encode_deliver_resp(sequence: int, status: int = 0) -> bytes:
    """The message id of a deliver_sm_resp is unused, and empty."""
    return encode_pdu(DELIVER_SM | RESPONSE, sequence, b"\0", status)
