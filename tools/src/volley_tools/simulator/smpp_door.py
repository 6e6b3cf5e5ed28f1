"""The SMPP door: the listening server, and what all its sessions share."""

import asyncio
import re
import ssl
import time
from datetime import UTC, datetime
from itertools import count

from volley_smpp import (
    ESM_RECEIPT,
    QUERY_SM,
    RESPONSE,
    TLV_MESSAGE_STATE,
    TLV_RECEIPTED_MESSAGE_ID,
    TLV_USER_MESSAGE_REFERENCE,
    Address,
    Message,
    PduError,
    QueryAnswer,
    Receipt,
    State,
    Status,
    address_of,
    build_receipt,
    decode_query,
    encode_pdu,
    encode_query_resp,
    encode_submit_resp,
    separate,
)
from volley_sms import DATA_CODING, decode, encode, parts
from volley_tools.simulator.ledger import Event, Submitted
from volley_tools.simulator.options import Options
from volley_tools.simulator.outbox import Delivery, Outbox
from volley_tools.simulator.provider import Provider
from volley_tools.simulator.smpp_session import Session

_ERRORS = {State.UNDELIVERABLE: "001", State.EXPIRED: "002"}


class SmppDoor:
    """Sessions in, receipts and replies out."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.outbox = Outbox()
        self.sessions: set[Session] = set()
        self.session_numbers = count(1)
        self._run = f"{int(time.time()):08x}"
        self._server: asyncio.Server | None = None
        provider.on_receipt["smpp"] = self.send_receipt

    @property
    def options(self) -> Options:
        return self.provider.options

    async def start(self) -> int:
        """Listen; the port."""
        context = None
        if self.options.tls_cert:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.options.tls_cert, self.options.tls_key or None)
        self._server = await asyncio.get_running_loop().create_server(
            lambda: Session(self), self.options.host, self.options.smpp_port, ssl=context
        )
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        if self._server:
            self._server.close()
            for session in list(self.sessions):
                session.transport.abort()
            await self._server.wait_closed()

    def accept(self, message: Message, sequence: int, session: int, now: float) -> bytes:
        """Take a submit in or refuse it; the answer. PduError if its payload is too long."""
        sender, number = _written(message.source), _written(message.destination)
        part, payload = separate(message)
        if len(payload) <= (134 if part else 140):
            size = 1
        else:
            size = _parts(payload, message.data_coding, in_parts=part is not None)
        status = self._refusal(sender, number, size, now)
        if status:
            return encode_submit_resp(sequence, "", status)
        ref = message.tlvs.get(TLV_USER_MESSAGE_REFERENCE)
        row = self.provider.accept(
            Submitted(
                now,
                sender,
                number,
                payload,
                message.data_coding,
                size,
                None if ref is None else int.from_bytes(ref),
                session,
                part,
            ),
            "smpp" if message.registered_delivery & 3 else "",
        )
        return encode_submit_resp(sequence, self.message_id(row))

    def _refusal(self, sender: str, number: str, parts_count: int, now: float) -> Status | None:
        if not sender:
            return Status.ESME_RINVSRCADR
        if not number.removeprefix("+").isdigit():
            return Status.ESME_RINVDSTADR
        if not self.provider.within_limit(parts_count, now):
            return Status.ESME_RTHROTTLED
        return self.provider.failure(number)

    def message_id(self, row: int) -> str:
        """Never the same twice, in a later process neither."""
        return f"{self._run}{row:08x}"

    def answer_query(self, frame: bytes, sequence: int) -> bytes:
        query = decode_query(frame)
        row = self._row_of(query.message_id)
        if row is None:
            return encode_pdu(QUERY_SM | RESPONSE, sequence, status=Status.ESME_RQUERYFAIL)
        state = self.provider.ledger.row_states[row]
        return encode_query_resp(sequence, QueryAnswer(query.message_id, "", state, 0))

    def _row_of(self, message_id: str) -> int | None:
        if not re.fullmatch(rf"{self._run}[0-9a-f]{{8}}", message_id):
            return None
        row = int(message_id[8:], 16)
        return row if row < len(self.provider.ledger.row_states) else None

    def send_receipt(self, row: int, state: State) -> None:
        ledger = self.provider.ledger
        at, sender, number = ledger.submitted_of(row)
        message_id = self.message_id(row)
        now = time.monotonic()
        receipt = Receipt(
            message_id,
            state,
            datetime.fromtimestamp(at + ledger.wall_offset, UTC),
            datetime.fromtimestamp(now + ledger.wall_offset, UTC),
            _ERRORS.get(state, "000"),
            delivered=int(state is State.DELIVERED),
        )
        message = Message(
            address_of(number),
            address_of(sender),
            build_receipt(receipt),
            esm_class=ESM_RECEIPT,
            tlvs={
                TLV_RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0",
                TLV_MESSAGE_STATE: bytes((state,)),
            },
        )
        event = Event("receipt", now, number, sender, {"id": message_id, "state": state.name.lower()})
        self.outbox.put(Delivery(message, lambda: self.provider.record(event)))

    def send_reply(self, number: str, sender: str, text: str, kind: str) -> None:
        """`number` writes `text` to `sender`; the event is recorded once the client has taken it."""
        encoding = parts(text).encoding
        payload = b"".join(encode(text, encoding))
        message = Message(address_of(number), address_of(sender), payload, DATA_CODING[encoding])
        sent = time.monotonic()
        event = Event(kind, sent, number, sender, {"text": text})
        self.outbox.put(Delivery(message, lambda: self.provider.record(event)))

    def reset(self) -> None:
        """Forget what was to be delivered; ids of before mean nothing any more."""
        self.outbox.clear()
        self._run = f"{int(self._run, 16) + 1:08x}"


def _written(address: Address) -> str:
    """As people write it: international numbers with their plus."""
    return "+" + address.value if address.ton == 1 else address.value


def _parts(payload: bytes, data_coding: int, *, in_parts: bool) -> int:
    """How many parts a payload takes; PduError if it is too long for a short_message and no message_payload."""
    if data_coding == 0 and len(payload) <= (153 if in_parts else 160):
        return 1
    if len(payload) <= 254:
        raise PduError("the payload is longer than a part", Status.ESME_RINVMSGLEN)
    return parts(decode(payload, data_coding)).count
