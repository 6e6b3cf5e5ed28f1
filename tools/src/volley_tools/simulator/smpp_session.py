"""One SMPP connection: bind, submits and their answers, queries, deliveries, and ways to misbehave."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING, cast

from volley_smpp import (
    BIND_RECEIVER,
    BIND_TRANSMITTER,
    BINDS,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    QUERY_SM,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    FrameSplitter,
    PduError,
    Status,
    decode_bind,
    decode_message,
    encode_bind_resp,
    encode_message,
    encode_pdu,
    encode_submit_resp,
    header,
)
from volley_tools.simulator.outbox import Delivery

if TYPE_CHECKING:
    from volley_tools.simulator.smpp_door import SmppDoor

_DELIVERIES_AT_ONCE = 500
_WRITE_BUFFER = 1 << 20
_RETRY_SECONDS = 1.0
_NEVER_AGAIN = frozenset({Status.ESME_RX_P_APPN, Status.ESME_RX_R_APPN})


class Session(asyncio.Protocol):
    """A connection from accept to close."""

    transport: asyncio.Transport

    def __init__(self, door: SmppDoor) -> None:
        self.door = door
        self.number = next(door.session_numbers)
        self.bound: int | None = None
        self._splitter = FrameSplitter()
        self._answers: list[bytes] = []
        self._submit_answers: list[bytes] = []
        self._unanswered = 0
        self._submits = 0
        self._outgoing: list[bytes] = []
        self._deliveries: dict[int, Delivery] = {}
        self._sequences = count(1)
        self._writable = True
        self._link_asked = False
        self._link_timer: asyncio.TimerHandle | None = None

    # -- the connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it
        self.transport.set_write_buffer_limits(_WRITE_BUFFER)
        self.door.sessions.add(self)
        self._ask_link_later()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        self.door.sessions.discard(self)
        self.door.outbox.remove(self, list(self._deliveries.values()))
        if self._link_timer:
            self._link_timer.cancel()

    def data_received(self, data: bytes) -> None:
        now = time.monotonic()
        try:
            for frame in self._splitter.feed(data):
                self._receive(frame, now)
                if self.transport.is_closing():
                    break
        except PduError as error:
            self._answers.append(encode_pdu(GENERIC_NACK, 0, status=error.status))
            self._write_answers()
            self.transport.close()
            return
        self._write_answers()
        if pause := self.door.options.read_pause_ms:
            self._stop_reading()
            asyncio.get_running_loop().call_later(pause / 1000, self._read_again)

    def pause_writing(self) -> None:
        """The client does not read: no more is read from it, and no more delivered to it."""
        self._writable = False
        self._stop_reading()

    def resume_writing(self) -> None:
        self._writable = True
        self._read_again()
        self.door.outbox.flush()

    def _stop_reading(self) -> None:
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def _read_again(self) -> None:
        if self._writable and not self.transport.is_closing():
            self.transport.resume_reading()

    # -- what arrives

    def _receive(self, frame: bytes, now: float) -> None:
        _, command, status, sequence = header(frame)
        if command == SUBMIT_SM:
            self._submit(frame, sequence, now)
        elif command == DELIVER_SM | RESPONSE:
            self._delivered(sequence, status)
        elif command == ENQUIRE_LINK:
            self._answers.append(encode_pdu(ENQUIRE_LINK | RESPONSE, sequence))
        elif command == ENQUIRE_LINK | RESPONSE:
            self._link_asked = False
        elif command in BINDS:
            self._bind(frame, command, sequence)
        elif command == QUERY_SM:
            self._answers.append(self.door.answer_query(frame, sequence))
        elif command == UNBIND:
            self._answers.append(encode_pdu(UNBIND | RESPONSE, sequence))
            self._write_answers()
            self.transport.close()
        elif not command & RESPONSE:
            self._answers.append(encode_pdu(GENERIC_NACK, sequence, status=Status.ESME_RINVCMDID))

    def _bind(self, frame: bytes, command: int, sequence: int) -> None:
        options = self.door.options
        bind = decode_bind(frame)
        status = Status.ESME_ROK
        if self.bound is not None:
            status = Status.ESME_RALYBND
        elif options.refuse_binds:
            status = Status.ESME_RBINDFAIL
        elif bind.system_id != options.system_id:
            status = Status.ESME_RINVSYSID
        elif bind.password != options.password:
            status = Status.ESME_RINVPASWD
        self.transport.write(encode_bind_resp(command, sequence, "simulator", status))
        if not status:
            self.bound = command
            if command != BIND_TRANSMITTER:
                self.door.outbox.add(self)

    def _submit(self, frame: bytes, sequence: int, now: float) -> None:
        options = self.door.options
        if self.bound in (None, BIND_RECEIVER):
            self._answers.append(encode_submit_resp(sequence, "", Status.ESME_RINVBNDSTS))
            return
        if options.window and self._unanswered >= options.window:
            self._answers.append(encode_submit_resp(sequence, "", Status.ESME_RTHROTTLED))
            return
        try:
            answer = self.door.accept(decode_message(frame), sequence, self.number, now)
        except PduError as error:
            answer = encode_submit_resp(sequence, "", error.status)
        self._submits += 1
        if options.drop_after and self._submits > options.drop_after - options.drop_unanswered:
            if self._submits >= options.drop_after:
                self._write_answers()
                self.transport.close()
            return
        self._unanswered += 1
        self._submit_answers.append(answer)

    # -- what is answered

    def _write_answers(self) -> None:
        """One write for all that one read brought, unless submits are to be answered late; receipts first."""
        self._write_deliveries()
        self.door.provider.flush_journal()
        options = self.door.options
        if options.latency_ms or options.jitter_ms:
            self._answer_later(options.latency_ms, options.jitter_ms)
        else:
            self._unanswered -= len(self._submit_answers)
            self._answers += self._submit_answers
        self._submit_answers.clear()
        if self._answers:
            self.transport.write(b"".join(self._answers))
            self._answers.clear()

    def _answer_later(self, latency: float, jitter: float) -> None:
        by_delay: defaultdict[int, list[bytes]] = defaultdict(list)
        for answer in self._submit_answers:
            delay = latency + random.uniform(0, jitter) if jitter else latency  # noqa: S311  # a die
            by_delay[round(delay)].append(answer)
        loop = asyncio.get_running_loop()
        for delay, answers in by_delay.items():
            loop.call_later(delay / 1000, self._answer, answers)

    def _answer(self, answers: list[bytes]) -> None:
        self._unanswered -= len(answers)
        if not self.transport.is_closing():
            self.transport.write(b"".join(answers))

    # -- what the server begins

    @property
    def unacknowledged(self) -> int:
        return len(self._deliveries)

    def has_room(self) -> bool:
        return self._writable and len(self._deliveries) < _DELIVERIES_AT_ONCE and not self.transport.is_closing()

    def deliver(self, delivery: Delivery) -> None:
        """Send a receipt or reply; it stays with this session until the client acknowledges it."""
        sequence = next(self._sequences)
        self._deliveries[sequence] = delivery
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._write_deliveries)
        self._outgoing.append(encode_message(DELIVER_SM, sequence, delivery.message))

    def _write_deliveries(self) -> None:
        if self._outgoing and not self.transport.is_closing():
            self.transport.write(b"".join(self._outgoing))
        self._outgoing.clear()

    def _delivered(self, sequence: int, status: int) -> None:
        delivery = self._deliveries.pop(sequence, None)
        if delivery is None:
            return
        if not status:
            delivery.acknowledged()
        elif status not in _NEVER_AGAIN:
            asyncio.get_running_loop().call_later(_RETRY_SECONDS, self.door.outbox.put, delivery)
        self.door.outbox.flush()

    def _ask_link_later(self) -> None:
        if interval := self.door.options.enquire_link_ms:
            self._link_timer = asyncio.get_running_loop().call_later(interval / 1000, self._ask_link)

    def _ask_link(self) -> None:
        if self._link_asked:  # the last one was not answered: nobody is there any more
            self.transport.abort()
            return
        if self.bound is not None:
            self._link_asked = True
            self.transport.write(encode_pdu(ENQUIRE_LINK, next(self._sequences)))
        self._ask_link_later()
