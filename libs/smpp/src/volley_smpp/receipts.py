"""Delivery receipts: the text that providers put into a deliver_sm (appendix B of the specification)."""

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from volley_smpp.constants import (
    ESM_RECEIPT,
    ESM_TYPE_MASK,
    TLV_MESSAGE_STATE,
    TLV_RECEIPTED_MESSAGE_ID,
    State,
)
from volley_smpp.frames import HEADER_LENGTH
from volley_smpp.messages import Message

_STAT_OF: Final = {
    State.ENROUTE: "ENROUTE",
    State.DELIVERED: "DELIVRD",
    State.EXPIRED: "EXPIRED",
    State.DELETED: "DELETED",
    State.UNDELIVERABLE: "UNDELIV",
    State.ACCEPTED: "ACCEPTD",
    State.UNKNOWN: "UNKNOWN",
    State.REJECTED: "REJECTD",
}
_STATES: Final = {bytes((state,)): state for state in State}
_STATE_OF: Final = {stat: state for state, stat in _STAT_OF.items()}
# What providers write although the specification has seven letters.
_STATE_OF.update(
    DELIVERED=State.DELIVERED,
    UNDELIVERABLE=State.UNDELIVERABLE,
    UNDELIVERED=State.UNDELIVERABLE,
    FAILED=State.UNDELIVERABLE,
    ACCEPTED=State.ACCEPTED,
    REJECTED=State.REJECTED,
)

# The usual form is read in one go; anything else field by field. What follows `text:` may hold fields too.
_USUAL: Final = re.compile(
    r"id:(?P<id>\S+) sub:(?P<sub>\d+) dlvrd:(?P<dlvrd>\d+) submit date:(?P<submit_date>\d+)"
    r" done date:(?P<done_date>\d+) stat:(?P<stat>[A-Z]+) err:(?P<err>\w+)(?: text:(?P<text>.*))?",
    re.DOTALL | re.ASCII,
)
_TEXT: Final = re.compile(r"\btext:", re.IGNORECASE)
_FIELD: Final = re.compile(r"\b(id|sub|dlvrd|submit date|done date|stat|err):", re.IGNORECASE)
_DATE: Final = re.compile(r"((?:20)?\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(?!\d)", re.ASCII)


class Receipt(NamedTuple):
    """What became of a message. Dates are UTC; None where they are absent or unreadable.

    `submitted` and `delivered` count parts and are rarely right; `error` is the provider's own code as text.
    """

    message_id: str
    state: State
    submit_date: datetime | None = None
    done_date: datetime | None = None
    error: str = "000"
    submitted: int = 1
    delivered: int = 1
    text: str = ""


def build_receipt(receipt: Receipt) -> bytes:
    """The short_message of the deliver_sm (at most 20 characters of the text are repeated)."""
    line = (
        f"id:{receipt.message_id} sub:{receipt.submitted:03} dlvrd:{receipt.delivered:03}"
        f" submit date:{_write_date(receipt.submit_date)} done date:{_write_date(receipt.done_date)}"
        f" stat:{_STAT_OF[receipt.state]} err:{receipt.error} text:{receipt.text[:20]}"
    )
    return line.encode("latin-1", "replace")


def parse_receipt(text: str) -> Receipt | None:
    """A receipt's fields in whatever order, case and completeness; None without a message id.

    A word for the state that nobody knows is State.UNKNOWN.
    """
    usual = _USUAL.fullmatch(text)
    if usual:
        values = usual.groupdict("")
    else:
        head, *tail = _TEXT.split(text, maxsplit=1)
        _, *found = _FIELD.split(head)
        names = [name.lower().replace(" ", "_") for name in found[::2]]
        values = dict(zip(names, map(str.strip, found[1::2]), strict=True))
        values["text"] = "".join(tail)
    if not values.get("id"):
        return None
    return Receipt(
        message_id=values["id"],
        state=_STATE_OF.get(values.get("stat", "").upper(), State.UNKNOWN),
        submit_date=_read_date(values.get("submit_date", "")),
        done_date=_read_date(values.get("done_date", "")),
        error=values.get("err", "000"),
        submitted=_read_count(values.get("sub", "")),
        delivered=_read_count(values.get("dlvrd", "")),
        text=values["text"],
    )


def says_receipt(frame: bytes) -> bool:
    """Whether a deliver_sm is marked as a receipt, without decoding it; not if it is malformed."""
    try:
        end = frame.index(0, HEADER_LENGTH)  # of service_type; then twice ton, npi and an address
        for _ in range(2):
            end = frame.index(0, end + 3)
        return frame[end + 1] & ESM_TYPE_MASK == ESM_RECEIPT
    except (ValueError, IndexError):
        return False


def receipt_of(message: Message) -> Receipt | None:
    """The receipt that a deliver_sm carries, in its text or its optional parameters; None if it is none.

    The optional parameters receipted_message_id and message_state win over the text.
    """
    message_id = message.tlvs.get(TLV_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1")
    if message.esm_class & ESM_TYPE_MASK != ESM_RECEIPT and not message_id:
        return None
    receipt = parse_receipt(message.payload.decode("latin-1"))
    if receipt is None:
        receipt = Receipt(message_id, State.UNKNOWN)
    state = _STATES.get(message.tlvs.get(TLV_MESSAGE_STATE, b""), receipt.state)
    message_id = message_id or receipt.message_id
    if not message_id:
        return None
    if (message_id, state) == (receipt.message_id, receipt.state):
        return receipt
    return receipt._replace(message_id=message_id, state=state)


def _write_date(date: datetime | None) -> str:
    if date is None:
        return "0000000000"
    if date.tzinfo is not UTC:
        date = date.astimezone(UTC)
    return f"{date.year % 100:02}{date.month:02}{date.day:02}{date.hour:02}{date.minute:02}"


def _read_date(value: str) -> datetime | None:
    """YYMMDDhhmm, YYMMDDhhmmss or YYYYMMDDhhmmss; some providers add fractions or a zone, which are dropped."""
    found = _DATE.match(value)
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups("0"))
    try:
        return datetime(year % 100 + 2000, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _read_count(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() else 1
