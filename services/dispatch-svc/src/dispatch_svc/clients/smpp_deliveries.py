"""What a provider delivers over SMPP: receipts, and messages from phones, long ones put together from their parts."""

from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final, Literal, NamedTuple

from dispatch_svc.domain.addresses import written
from dispatch_svc.domain.handover import Inbound, Receipt
from volley_smpp import Address, Message, State, decode_message, receipt_of, separate
from volley_sms import decode

COMPLETE_WITHIN: Final = 120.0
"""Seconds after which a long message whose parts did not all come is passed on as it is."""
MOST_INCOMPLETE: Final = 10_000
_GAP: Final = "…"
_SAME_WITHIN: Final = 60
ReceiptStatus = Literal["delivered", "undelivered", "expired", "rejected"]
_FINAL: Final[dict[State, ReceiptStatus]] = {
    State.DELIVERED: "delivered",
    State.EXPIRED: "expired",
    State.DELETED: "undelivered",
    State.UNDELIVERABLE: "undelivered",
    State.REJECTED: "rejected",
}


class _Long(NamedTuple):
    first: Message
    until: float
    at: datetime
    payloads: dict[int, bytes]
    total: int


class Deliveries:
    """The long messages that wait for parts. Times are `time.monotonic()` for deadlines and UTC for what is told."""

    def __init__(self) -> None:
        self._long: dict[tuple[Address, Address, int, int], _Long] = {}

    def __len__(self) -> int:
        return len(self._long)

    def read(self, frame: bytes, now: float, at: datetime) -> Receipt | Inbound | None:
        """A deliver_sm; None for a receipt that is not final, and for a part of a message that is not complete.

        PduError if it is malformed.
        """
        message = decode_message(frame)
        found = receipt_of(message)
        if found is not None:
            status = _FINAL.get(found.state)
            if status is None:
                return None
            return Receipt(
                provider_id=found.message_id,
                ref=None,
                to=_number(message.source),
                from_=_number(message.destination),
                status=status,
                error=None if found.error.strip("0") == "" else found.error,
                at=found.done_date or at,
            )
        part, payload = separate(message)
        if part is None:
            return _inbound(message, [payload], at)
        key = (message.source, message.destination, part.reference, part.total)
        long = self._long.setdefault(key, _Long(message, now + COMPLETE_WITHIN, at, {}, part.total))
        long.payloads[part.position] = payload
        if len(long.payloads) < part.total:
            return None
        return _whole(self._long.pop(key))

    def overdue(self, now: float) -> list[Inbound]:
        """Long messages that will not become complete any more, and the oldest where there are too many."""
        found = []
        for key, long in list(self._long.items()):
            if long.until > now and len(self._long) <= MOST_INCOMPLETE:
                break
            found.append(_whole(self._long.pop(key)))
        return found


def _whole(long: _Long) -> Inbound:
    payloads = [long.payloads.get(position) for position in range(1, long.total + 1)]
    return _inbound(long.first, payloads, long.at)


def _inbound(message: Message, payloads: list[bytes | None], at: datetime) -> Inbound:
    coding = message.data_coding
    if None in payloads:
        text = "".join(_GAP if payload is None else decode(payload, coding) for payload in payloads)
    else:
        text = decode(b"".join(payload or b"" for payload in payloads), coding)
    return Inbound(
        from_=_number(message.source),
        to=_number(message.destination),
        text=text,
        at=at,
        provider_key=_key(message, text, at),
    )


def _key(message: Message, text: str, at: datetime) -> str:
    """SMPP gives a message from a phone no name, so the same words from the same phone in the same minute are one
    message that was delivered twice: a connection that broke before our answer arrived.
    """
    minute = int(at.astimezone(UTC).timestamp()) // _SAME_WITHIN
    name = f"{message.source.value}\0{message.destination.value}\0{minute}\0{text}"
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _number(address: Address) -> str:
    # What a network numbers in its own way is nobody's number elsewhere.
    return address.value if address.ton == 3 else written(address.value, international=address.ton == 1)
