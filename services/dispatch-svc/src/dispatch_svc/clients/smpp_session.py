"""One SMPP 3.4 session as a transceiver: bind, window, answers, enquire_link, unbind.

A response is matched by its sequence number to the part that was written; nothing is awaited a message. What was
written and is not answered when the connection ends, or in time, is unknown.
"""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from struct import Struct
from typing import Final, cast

import structlog

from dispatch_svc.clients.batch import Batch
from dispatch_svc.domain.routes import SmppConfig
from volley_smpp import (
    BIND_TRANSCEIVER,
    DELIVER_SM,
    ENQUIRE_LINK,
    GENERIC_NACK,
    RESPONSE,
    SUBMIT_SM,
    UNBIND,
    Bind,
    FrameSplitter,
    PduError,
    Status,
    encode_bind,
    encode_deliver_resp,
    encode_pdu,
    status_name,
)

log = structlog.get_logger()
_REST_OF_HEADER: Final = Struct(">III")
_SUBMIT_RESP: Final = SUBMIT_SM | RESPONSE
_LAST_SEQUENCE: Final = 0x7FFF_0000
_TICK: Final = 0.25
_THROTTLED_FOR: Final = 1.0
_RETRY: Final = frozenset(
    {
        Status.ESME_RTHROTTLED,
        Status.ESME_RMSGQFUL,
        Status.ESME_RSYSERR,
        Status.ESME_RX_T_APPN,
        Status.ESME_RINVBNDSTS,
    }
)
"""The provider did not take the message and may take it later. Any other refusal is for good."""


class BindError(OSError):
    """The provider did not let us in; the message is what it said."""


class Session(asyncio.Protocol):
    """`on_room` is called after answers came in, `on_deliver` with the deliver_sm of one read. `closed` ends it all."""

    def __init__(
        self, config: SmppConfig, on_room: Callable[[], None], on_deliver: Callable[["Session", list[bytes]], None]
    ) -> None:
        self.config = config
        self.bound_at: float | None = None
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.refusals = 0
        self._on_room, self._on_deliver = on_room, on_deliver
        self._transport: asyncio.Transport | None = None
        self._splitter = FrameSplitter()
        self._sequence = random.randrange(1, 1_000)  # noqa: S311 - not 1, so that a stray answer of before shows
        self._pending: dict[int, tuple[Batch, int, int]] = {}
        self._expiries: deque[tuple[float, int, int]] = deque()
        self._bound: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unbinding = self._paused = False
        self._heard = time.monotonic()
        self._enquired = float("-inf")
        self._ticker: asyncio.TimerHandle | None = None
        self._reason = "connection closed by the provider"
        self._hexadecimal = config.receipt_ids == "hexadecimal_to_decimal"

    # Life

    async def bind(self) -> None:
        """BindError or TimeoutError if the provider refuses or does not answer."""
        config = self.config
        bind = Bind(config.system_id, config.password, config.system_type)
        self._write(encode_bind(BIND_TRANSCEIVER, self._next_sequence(), bind))
        async with asyncio.timeout(config.timeout):
            await self._bound
        self.bound_at = time.monotonic()
        self._tick()

    @property
    def usable(self) -> bool:
        return self.bound_at is not None and not self._unbinding and not self.closed.done()

    def room(self) -> int:
        """How many submits may be written now."""
        if self._paused or not self.usable:
            return 0
        return self.config.window - len(self._pending)

    @property
    def unanswered(self) -> int:
        return len(self._pending)

    async def unbind(self, within: float) -> None:
        """Take nothing more, wait for what is unanswered, say goodbye, and close."""
        was_usable = self.usable
        self._unbinding = True
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while self._pending and not self.closed.done():
                    await asyncio.wait([self.closed], timeout=0.02)
                if was_usable and not self.closed.done():
                    self._write(encode_pdu(UNBIND, self._next_sequence()))
                    await asyncio.shield(self.closed)
        self.drop("closed")

    def drop(self, reason: str) -> None:
        """Close the connection at once."""
        if not self.closed.done():
            self._reason = reason
            if self._transport is not None:
                self._transport.abort()

    # Out

    def submit(self, batch: Batch, parts: Iterable[tuple[int, int]], encode: Callable[..., bytes]) -> None:
        """Write parts of a batch at once. `encode(sequence, message, part)` gives the PDU; PduError and ValueError
        refuse the message.
        """
        if self._sequence > _LAST_SEQUENCE:
            self._sequence = 0
        pdus = []
        pending, messages, sequence = self._pending, batch.messages, self._sequence
        first, now = sequence + 1, time.monotonic()
        for number, part in parts:
            try:
                pdu = encode(sequence + 1, messages[number], part)
            except (PduError, ValueError) as error:
                batch.failed(number, part, "refused", now, f"not_encodable: {error}", written=True)
                continue
            sequence += 1
            pending[sequence] = (batch, number, part)
            pdus.append(pdu)
        self._sequence = sequence
        if pdus:
            self._expiries.append((now + self.config.timeout, first, sequence))
            self._write(b"".join(pdus))

    def acknowledge(self, frames: list[bytes], status: int = 0) -> None:
        """Answer deliver_sm."""
        answers = [encode_deliver_resp(_REST_OF_HEADER.unpack_from(frame, 4)[2], status) for frame in frames]
        self._write(b"".join(answers))

    def hold(self) -> None:
        """Read nothing more until `go_on`: what came has to be worked off first."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def go_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and not self._transport.is_reading():
            self._transport.resume_reading()

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(data)

    def _next_sequence(self) -> int:
        self._sequence += 1
        return self._sequence

    # In

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=262_144)

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False
        self._on_room()

    def data_received(self, data: bytes) -> None:
        self._heard = now = time.monotonic()
        delivers: list[bytes] = []
        unpack = _REST_OF_HEADER.unpack_from
        try:
            for frame in self._splitter.feed(data):
                command, status, sequence = unpack(frame, 4)
                if command == _SUBMIT_RESP:
                    self._submitted(frame, status, sequence, now)
                elif command == DELIVER_SM:
                    delivers.append(frame)
                else:
                    self._other(command, status, sequence, now)
        except PduError as error:
            self._write(encode_pdu(GENERIC_NACK, 0, status=error.status))
            self.drop(f"the provider sent what is no PDU: {error}")
        if delivers:
            self._on_deliver(self, delivers)
        self._on_room()

    def connection_lost(self, error: Exception | None) -> None:
        if error is not None and self._reason.startswith("connection closed"):
            self._reason = str(error) or self._reason
        now = time.monotonic()
        pending, self._pending = self._pending, {}
        for batch, number, part in pending.values():
            batch.failed(number, part, "unknown", now, "connection_lost", written=True)
        if self._ticker:
            self._ticker.cancel()
        if not self.closed.done():
            self.closed.set_result(self._reason)
        if not self._bound.done():
            self._bound.set_exception(BindError(self._reason))
        self._on_room()

    def _submitted(self, frame: bytes, status: int, sequence: int, now: float) -> None:
        found = self._pending.pop(sequence, None)
        if found is None:  # it came after its time and is unknown by now, which a receipt may settle
            return
        batch, number, part = found
        if status == 0:
            end = frame.find(0, 16)
            provider_id = frame[16 : end if end >= 0 else len(frame)].decode("latin-1")
            batch.answered(number, part, self._as_in_receipts(provider_id) if self._hexadecimal else provider_id, now)
        else:
            self._refused(found, status, now)

    def _refused(self, found: tuple[Batch, int, int], status: int, now: float) -> None:
        batch, number, part = found
        self.refusals += 1
        if status in _RETRY:
            batch.failed(number, part, "retry", now, status_name(status), retry_after=_THROTTLED_FOR, written=True)
        else:
            batch.failed(number, part, "refused", now, status_name(status), written=True)

    def _as_in_receipts(self, provider_id: str) -> str:
        try:
            return str(int(provider_id, 16))
        except ValueError:
            return provider_id

    def _other(self, command: int, status: int, sequence: int, now: float) -> None:
        if command == ENQUIRE_LINK:
            self._write(encode_pdu(ENQUIRE_LINK | RESPONSE, sequence))
        elif command == BIND_TRANSCEIVER | RESPONSE:
            self._bind_answered(status)
        elif command == GENERIC_NACK:
            self._nacked(status, sequence, now)
        elif command == UNBIND:
            self._unbinding = True
            self._reason = "unbound by the provider"
            self._write(encode_pdu(UNBIND | RESPONSE, sequence))
            asyncio.get_running_loop().call_later(self.config.timeout, self.drop, self._reason)
        elif command == UNBIND | RESPONSE:
            self.drop("closed")
        elif not command & RESPONSE:
            self._write(encode_pdu(GENERIC_NACK, sequence, status=Status.ESME_RINVCMDID))

    def _bind_answered(self, status: int) -> None:
        if self._bound.done():
            return
        if status == 0:
            self._bound.set_result(None)
        else:
            self._bound.set_exception(BindError(f"bind refused: {status_name(status)}"))

    def _nacked(self, status: int, sequence: int, now: float) -> None:
        found = self._pending.pop(sequence, None)
        if found is not None:
            self._refused(found, status, now)
        elif not self._bound.done():
            self._bind_answered(status or Status.ESME_RBINDFAIL)

    # Time

    def _tick(self) -> None:
        now = time.monotonic()
        expired = self._expire(now)
        silent = now - self._heard
        if expired and silent > self.config.timeout:
            self.drop(f"no answer for {silent:.0f} s")
        elif silent > self.config.enquire_link + self.config.timeout:
            self.drop("no answer to enquire_link")
        else:
            if silent > self.config.enquire_link:
                self._enquire(now)
            self._ticker = asyncio.get_running_loop().call_later(_TICK, self._tick)

    def _enquire(self, now: float) -> None:
        if now - self._enquired > self.config.timeout:
            self._enquired = now
            self._write(encode_pdu(ENQUIRE_LINK, self._next_sequence()))

    def _expire(self, now: float) -> int:
        """Give up on answers that did not come in time."""
        expired = 0
        while self._expiries and self._expiries[0][0] <= now:
            _, first, last = self._expiries.popleft()
            for sequence in range(first, last + 1):
                found = self._pending.pop(sequence, None)
                if found is not None:
                    batch, number, part = found
                    batch.failed(number, part, "unknown", now, "no_answer_in_time", written=True)
                    expired += 1
        if expired:
            self._on_room()
        return expired
