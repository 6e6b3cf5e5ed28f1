"""The SMPP client of a route: keeps its sessions bound, hands messages over, passes receipts and replies on."""

import asyncio
import random
import ssl
import time
from binascii import crc32
from datetime import datetime
from typing import Final

import structlog

from dispatch_svc.clients import metrics
from dispatch_svc.clients.batch import Batch
from dispatch_svc.clients.outside import connect
from dispatch_svc.clients.smpp_inlet import Inlet
from dispatch_svc.clients.smpp_session import Session
from dispatch_svc.domain.breaker import Breaker
from dispatch_svc.domain.handover import Handed, MaySend, OnInbound, OnReceipts, Outbound
from dispatch_svc.domain.routes import Condition, Route, SmppConfig
from volley_chassis.faults import fault_point
from volley_chassis.outside import Outside
from volley_contracts import now as utc_now
from volley_smpp import ESM_UDH, Address, Part, Status, SubmitEncoder, address_of, udh

log = structlog.get_logger()
_RESOLUTION: Final = 0.002
_LOOK_AGAIN: Final = 0.05
_FIRST_DELAY, _LONGEST_DELAY = 0.25, 30.0
_STABLE_AFTER: Final = 5.0
_BUSY: Final = {Status.ESME_RTHROTTLED.name, Status.ESME_RMSGQFUL.name}
_MANY_SECONDS: Final = 600
_ENCODERS_KEPT: Final = 1000
_Kind = tuple[str, str, int, bool, str]
"""What messages share that one encoder serves: sender, its kind, data coding, whether they are long, validity."""


class SmppClient:
    """See domain.handover.Client. `open` it first; `close` says goodbye to the provider."""

    can_be_asked = False

    def __init__(self, route: Route, on_receipts: OnReceipts, on_inbound: OnInbound, outside: Outside) -> None:
        assert isinstance(route.config, SmppConfig)
        self.route_id, self.account_id = route.id, route.account_id
        self.config = route.config
        self._outside = outside
        self.gives_receipts = route.config.receipts
        self._sessions: list[Session] = []
        self._encoders: dict[_Kind, SubmitEncoder] = {}
        self._starved: set[Batch] = set()
        self._inlet = Inlet(route, on_receipts, on_inbound)
        self._tasks: list[asyncio.Task[None]] = []
        self._breaker = Breaker()
        self._error: str | None = None
        self._error_at: datetime | None = None
        self._since: datetime | None = None
        self._closing = False

    # Life

    def open(self) -> None:
        """Start to keep the route's sessions bound."""
        self._tasks = [asyncio.create_task(self._keep_bound()) for _ in range(self.config.sessions)]
        self._tasks.append(asyncio.create_task(self._inlet.pass_on()))

    async def close(self, within: float) -> None:
        """Take nothing more, wait for answers for `within` seconds, and unbind."""
        self._closing = True
        await asyncio.gather(*(session.unbind(within) for session in self._sessions))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._inlet.close()

    @property
    def healthy(self) -> bool:
        bound = not self._closing and any(session.usable for session in self._sessions)
        return bound and not self._breaker.is_open(time.monotonic())

    def condition(self) -> Condition:
        bound = sum(session.usable for session in self._sessions)
        return Condition(
            healthy=self.healthy,
            sessions=bound,
            connected_since=self._since if bound else None,
            last_error=self._error,
            last_error_at=self._error_at,
        )

    async def _keep_bound(self) -> None:
        delay = _FIRST_DELAY
        while not self._closing:
            started = time.monotonic()
            try:
                reason = await self._one_session()
            except (OSError, TimeoutError, ValueError) as error:  # a host may be no name in IDNA
                reason = str(error) or f"no answer within {self.config.timeout:g} s"
            if not self._closing:
                self._error, self._error_at = reason, utc_now()
                metrics.LOST.labels(str(self.route_id)).inc()
                log.warning("route lost its session", route_id=str(self.route_id), reason=reason)
            delay = _FIRST_DELAY if time.monotonic() - started > _STABLE_AFTER else min(delay * 2, _LONGEST_DELAY)
            await asyncio.sleep(delay * random.uniform(0.5, 1.0))  # noqa: S311 - spreads reconnections

    async def _one_session(self) -> str:
        """Connect, bind, and stay until the session ends; why it did."""
        config = self.config
        async with asyncio.timeout(config.timeout):
            session = await connect(
                self._outside,
                config.host,
                config.port,
                lambda: Session(config, self._ring, self._inlet.take),
                tls_of(config) if config.tls else None,
            )
        self._sessions.append(session)
        try:
            await session.bind()
            if not self._since or sum(other.usable for other in self._sessions) == 1:
                self._since = utc_now()
            log.info("route bound", route_id=str(self.route_id))
            self._ring()
            return await asyncio.shield(session.closed)
        finally:
            session.drop("closed")
            self._sessions.remove(session)

    # Out

    async def hand_over(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        batch = Batch(messages)
        while batch.left:
            pause = self._write_due(batch, may_send)
            if batch.left:
                await batch.pause(pause)
        self._starved.discard(batch)
        handed = batch.results()
        metrics.count(self.route_id, handed)
        self._judge(handed)
        return handed

    def _judge(self, handed: list[Handed]) -> None:
        """A provider that takes some works, and one that refuses them for what they are. Who has enough only waits."""
        failed = [one for one in handed if one.result in {"retry", "unknown"} and one.error not in _BUSY]
        if any(one.result in {"submitted", "refused"} for one in handed):
            self._breaker.succeeded()
        elif failed:
            self._error, self._error_at = failed[0].error, utc_now()
            if seconds := self._breaker.failed(time.monotonic()):
                log.warning("route is down", route_id=str(self.route_id), reason=self._error, seconds=seconds)

    async def find(self, ref: str) -> Handed | None:
        """SMPP asks by the provider's id, which is what is missing."""
        raise OSError(f"an SMPP provider cannot be asked for {ref}")

    def _write_due(self, batch: Batch, may_send: MaySend) -> float:
        """Write what is due, as far as there is room; the seconds after which to look again."""
        now = time.monotonic()
        wait = batch.wait(now)
        if wait is None:
            return _LOOK_AGAIN
        if not batch.stopped and not may_send():
            batch.stop(now)
            return 0
        if wait > 0:
            return min(max(wait, _RESOLUTION), _LOOK_AGAIN)
        usable = [] if self._closing else [session for session in self._sessions if session.usable]
        if not usable:
            batch.give_back(now)
            return _LOOK_AGAIN
        session = max(usable, key=Session.room)
        room = session.room()
        if room <= 0:
            self._starved.add(batch)
            return _LOOK_AGAIN
        parts = batch.take(now, room)
        if parts:
            session.submit(batch, parts, self._encode)
            fault_point("dispatch.chunk_written")
        following = batch.wait(now)
        return _LOOK_AGAIN if following is None else min(max(following, _RESOLUTION), _LOOK_AGAIN)

    def _ring(self) -> None:
        """There may be room again."""
        if self._starved:
            for batch in self._starved:
                batch.ring()
            self._starved.clear()

    def _encode(self, sequence: int, message: Outbound, part: int) -> bytes:
        parts = message.parts
        long = len(parts) > 1
        key = (message.sender, message.sender_kind, message.data_coding, long, _validity(message.valid_for))
        encoder = self._encoders.get(key) or self._encoder(key)
        payload = parts[part]
        if long:
            payload = udh(Part(crc32(message.ref.encode()), len(parts), part + 1)) + payload
        return encoder.encode(sequence, message.to[1:], payload, _reference(message.ref))

    def _encoder(self, key: _Kind) -> SubmitEncoder:
        sender, kind, data_coding, long, validity = key
        if len(self._encoders) >= _ENCODERS_KEPT:
            self._encoders.clear()
        encoder = self._encoders[key] = SubmitEncoder(
            _address(sender, kind),
            data_coding=data_coding,
            esm_class=ESM_UDH if long else 0,
            registered_delivery=int(self.config.receipts),
            validity=validity,
        )
        return encoder


def _validity(seconds: int | None) -> str:
    """A validity_period from now, in whole minutes where there are many, so that encoders are shared; "": none."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds if seconds < _MANY_SECONDS else -(-seconds // 60) * 60, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02}{hours:02}{minutes:02}{rest:02}000R"


def tls_of(config: SmppConfig) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=config.tls_ca)


def _address(sender: str, kind: str) -> Address:
    if kind == "alphanumeric":
        return Address(5, 0, sender)
    if kind == "short_code":
        return Address(3, 1, sender)
    return address_of(sender) if sender.startswith("+") else Address(1, 1, sender)


def _reference(ref: str) -> bytes:
    """user_message_reference: the recipient's place in the campaign, which shows in the provider's logs."""
    seq = ref[ref.rfind(":") + 1 :]
    number = int(seq) if seq.isdecimal() else crc32(ref.encode())
    return b"\x02\x04\x00\x02" + (number & 0xFFFF).to_bytes(2)
