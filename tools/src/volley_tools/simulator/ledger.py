"""The ledger: what the provider accepted, when, from whom and for whom, and what it and the phones did then.

It is made for a million messages: columns (one item per message, or per row) instead of an object per message. A
*row* is what has a message id of its own: a whole message, or one part of a message that came in parts. A message of
several parts is in the ledger once it is complete, at the time of its first part.
"""

import time
from array import array
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from math import inf
from typing import Any, Final, NamedTuple

from volley_smpp import Part, State
from volley_sms import decode, encode, packed
from volley_tools.simulator.pace import BusiestSecond

HTTP: Final = 0
TWILIO: Final = 0xFFFF_FFFF
"""The session of messages that came over HTTP, and by Twilio's API; SMPP sessions count from 1."""

INCOMPLETE: Final = -1

# Between two looks all sockets are read, so what is taken straight off one came after the last look but one. A request
# that aiohttp reads (as all of a connection that once asked for something else) is handled up to three turns later.
_LOOKS_BACK, _LOOKS_BACK_HTTP = 2, 5
_PROTOCOLS: Final = {HTTP: "http", TWILIO: "twilio"}
_CODINGS: Final = {0: "gsm7", 8: "ucs2"}


class Submitted(NamedTuple):
    """What is accepted at once: a whole message of `parts` parts, or (with `part`) one part of a message.

    `now` is the monotonic clock in seconds; `ref` the client's own reference; `payload` has no user data header;
    `since` is when it may have come at the earliest, where its connection waited to be accepted.
    """

    now: float
    sender: str
    number: str
    payload: bytes
    data_coding: int
    parts: int
    ref: str | int | None
    session: int
    part: Part | None
    since: float = inf


class Event(NamedTuple):
    """Something that the provider or a phone did, once it was answered.

    `kind` is receipt, stop, reply, click, preview, scanner, optout or optout_scanner; what has to do with links and
    did not work ends in `_failed`. `at` is the monotonic clock in seconds: when a receipt or reply was first put up
    for the client, when a link was answered. `detail` says more; its `recorded_at` is when it had worked (UTC seconds).
    """

    kind: str
    at: float
    number: str
    sender: str
    detail: dict[str, Any]


class _Unfinished:
    """A message some parts of which are here."""

    __slots__ = ("first", "not_before", "payloads", "rows")

    def __init__(self, first: Submitted, not_before: float) -> None:
        self.first, self.not_before = first, not_before
        self.payloads: dict[int, bytes] = {}
        self.rows: list[int] = []


class Ledger:
    """Columns of messages and rows; events. Every number of a message or row is an index into the columns."""

    def __init__(self) -> None:
        self.wall_offset = time.time() - time.monotonic()
        self.row_messages = array("q")
        self.row_states = bytearray()
        self.arrived = array("d")
        self.not_before = array("d")  # it had not arrived then: what is read late came earlier
        self.senders: list[str] = []
        self.numbers: list[str] = []
        self.payloads: list[bytes] = []
        self.codings = bytearray()
        self.part_counts = bytearray()
        self.refs: list[str | int | None] = []
        self.sessions = array("L")
        self.last_rows = array("q")
        self.events: list[Event] = []
        self.refused: Counter[str] = Counter()
        self.busiest: defaultdict[str, BusiestSecond] = defaultdict(BusiestSecond)
        self.repeated_parts = 0
        self.longest_pause = 0.0  # seconds in which nothing was read: arrivals of that time seem to be at one moment
        self.looks: deque[float] = deque(maxlen=_LOOKS_BACK_HTTP)  # when the loop turned to its sockets, lately
        self._accepted_at = self._queue_since = -inf
        self._unfinished: dict[tuple[str, str, int, int], _Unfinished] = {}
        self._unfinished_rows: dict[int, Submitted] = {}

    def __len__(self) -> int:
        return len(self.numbers)

    def add(self, submitted: Submitted) -> int:
        """Take a message or part in; its row."""
        not_before = self._not_before(submitted)
        self.busiest[submitted.sender].add(submitted.now, submitted.parts, not_before)
        row = len(self.row_messages)
        self.row_states.append(State.ENROUTE)
        if submitted.part is None:
            self.row_messages.append(self._complete(submitted, not_before, row))
        else:
            self.row_messages.append(INCOMPLETE)
            self._add_part(submitted, submitted.part, not_before, row)
        return row

    def _not_before(self, submitted: Submitted) -> float:
        """When what is accepted now was not there yet."""
        back = _LOOKS_BACK_HTTP if submitted.session in _PROTOCOLS else _LOOKS_BACK
        return min(self._looked(back, submitted.now), submitted.since)

    def accepted(self, now: float) -> float:
        """A connection was accepted: since when it may have waited for that. One is accepted between two looks, so that
        all that come one after the other may have come with the first.
        """
        before = self._looked(_LOOKS_BACK, now)
        if self._accepted_at < before:
            self._queue_since = before
        self._accepted_at = now
        return self._queue_since

    def _looked(self, back: int, now: float) -> float:
        return self.looks[-min(back, len(self.looks))] if self.looks else now

    def _add_part(self, submitted: Submitted, part: Part, not_before: float, row: int) -> None:
        key = (submitted.sender, submitted.number, part.reference, part.total)
        unfinished = self._unfinished.get(key)
        if unfinished is None:
            unfinished = self._unfinished[key] = _Unfinished(submitted, not_before)
        self.repeated_parts += part.position in unfinished.payloads
        unfinished.payloads[part.position] = submitted.payload
        unfinished.rows.append(row)
        self._unfinished_rows[row] = submitted
        if len(unfinished.payloads) == part.total:
            del self._unfinished[key]
            payload = b"".join(unfinished.payloads[position] for position in range(1, part.total + 1))
            whole = unfinished.first._replace(payload=payload, parts=part.total)
            message = self._complete(whole, unfinished.not_before, row)
            for its_row in unfinished.rows:
                self.row_messages[its_row] = message
                del self._unfinished_rows[its_row]

    def _complete(self, submitted: Submitted, not_before: float, row: int) -> int:
        now, sender, number, payload, coding, count, ref, session, *_ = submitted
        self.arrived.append(now)
        self.not_before.append(not_before)
        self.senders.append(sender)
        self.numbers.append(number)
        self.payloads.append(payload)
        self.codings.append(coding)
        self.part_counts.append(count)
        self.refs.append(ref)
        self.sessions.append(session)
        self.last_rows.append(row)
        return len(self.numbers) - 1

    def completes(self, row: int) -> bool:
        """Whether the message of this row was complete with this row."""
        message = self.row_messages[row]
        return message != INCOMPLETE and self.last_rows[message] == row

    def submitted_of(self, row: int) -> tuple[float, str, str]:
        """When a row was accepted (monotonic, seconds; of its message once that is complete), from and for whom."""
        message = self.row_messages[row]
        if message == INCOMPLETE:
            return self._unfinished_rows[row][:3]
        return self.arrived[message], self.senders[message], self.numbers[message]

    def text(self, message: int) -> str:
        return decode(self.payloads[message], self.codings[message])

    def protocol(self, message: int) -> str:
        return _PROTOCOLS.get(self.sessions[message], "smpp")

    def message(self, index: int) -> dict[str, Any]:
        """One message as it is told to the outside."""
        return {
            "index": index,
            "at": round(self.arrived[index] + self.wall_offset, 6),
            "monotonic": self.arrived[index],
            "not_before": round(self.not_before[index] + self.wall_offset, 6),
            "from": self.senders[index],
            "to": self.numbers[index],
            "text": self.text(index),
            "encoding": _CODINGS.get(self.codings[index], str(self.codings[index])),
            "parts": self.part_counts[index],
            "ref": self.refs[index],
            "session": self.sessions[index],
            "protocol": self.protocol(index),
            "state": State(self.row_states[self.last_rows[index]]).name.lower(),
        }

    def messages(self, after: int, limit: int) -> Iterator[dict[str, Any]]:
        """At most `limit` messages from index `after` on."""
        return map(self.message, range(max(after, 0), min(after + limit, len(self))))

    def event(self, event: Event) -> dict[str, Any]:
        """One event as it is told to the outside."""
        kind, at, number, sender, detail = event
        told = {"kind": kind, "at": round(at + self.wall_offset, 6), "monotonic": at, "number": number}
        return {**told, "sender": sender, **detail}

    def load(self, line: dict[str, Any]) -> None:
        """Take in again what an earlier process told of a message (`message`) or an event (`event`)."""
        at = line["at"] - self.wall_offset
        if "kind" in line:
            known = {"kind", "at", "monotonic", "number", "sender"}
            detail = {name: value for name, value in line.items() if name not in known}
            self.events.append(Event(line["kind"], at, line["number"], line["sender"], detail))
            return
        coding = {name: coding for coding, name in _CODINGS.items()}.get(line["encoding"], 8)
        payload = b"".join(encode(line["text"], "ucs2" if coding == 8 else "gsm7"))
        submitted = Submitted(
            at, line["from"], line["to"], payload, coding, line["parts"], line["ref"], line["session"], None
        )
        self.row_states[self.add(submitted)] = State[line["state"].upper()]

    def summary(self) -> dict[str, Any]:
        """Totals, per sender too; a duplicate is a further message of the same sender to the same number.

        The parts of the busiest second: `max_` by the times at which they were read, `certain_` at least, however late
        that was.
        """
        pairs = Counter(zip(self.senders, self.numbers, strict=True))
        repeated: Counter[str] = Counter()
        for (sender, _), times in pairs.items():
            if times > 1:
                repeated[sender] += times - 1
        messages = Counter(self.senders)
        return {
            "messages": len(self),
            "parts": sum(map(len, self.busiest.values())),
            "numbers": len(set(self.numbers)),
            "duplicates": repeated.total(),
            "duplicate_examples": [[*pair] for pair, times in pairs.items() if times > 1][:10],
            "incomplete": len(self._unfinished),
            "repeated_parts": self.repeated_parts,
            "refused": dict(self.refused),
            "states": Counter(State(self.row_states[row]).name.lower() for row in self.last_rows),
            "senders": {
                sender: {
                    "messages": messages[sender],
                    "parts": len(busiest),
                    "duplicates": repeated[sender],
                    "max_parts_per_second": busiest.peak(),
                    "certain_parts_per_second": busiest.certain(),
                }
                for sender, busiest in self.busiest.items()
            },
            "longest_pause": round(self.longest_pause, 4),
            "events": Counter(event.kind for event in self.events),
            "first_at": round(self.arrived[0] + self.wall_offset, 6) if len(self) else None,
            "last_at": round(self.arrived[-1] + self.wall_offset, 6) if len(self) else None,
        }


def payload_of(text: str) -> tuple[bytes, int, int]:
    """The octets of a text that came over HTTP, their data coding and the number of parts."""
    encoding, payloads = packed(text)
    return b"".join(payloads), 0 if encoding == "gsm7" else 8, len(payloads)
