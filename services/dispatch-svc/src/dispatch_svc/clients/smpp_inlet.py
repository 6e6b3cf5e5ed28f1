"""Takes what a provider delivers over a route's SMPP sessions, has it recorded, and only then acknowledges it."""

import asyncio
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import stamina
import structlog

from dispatch_svc.clients import metrics
from dispatch_svc.clients.smpp_deliveries import Deliveries
from dispatch_svc.clients.smpp_session import Session
from dispatch_svc.domain.handover import Inbound, OnInbound, OnReceipts, Receipt
from dispatch_svc.domain.routes import Route
from volley_smpp import PduError, Status, says_receipt

log = structlog.get_logger()
_MOST_WAITING: Final = 10_000
_AT_ONCE: Final = 1_000
_LOOK_FOR_OVERDUE: Final = 5.0
_TRIES: Final = 4


class Inlet:
    """`take` is a session's `on_deliver`; `pass_on` runs until cancelled."""

    def __init__(self, route: Route, on_receipts: OnReceipts, on_inbound: OnInbound) -> None:
        self._account_id, self._route_id = route.account_id, route.id
        self._on_receipts, self._on_inbound = on_receipts, on_inbound
        self._arrived = asyncio.Event()
        self._words: list[tuple[Session, bytes]] = []
        self._receipts: list[tuple[Session, bytes]] = []
        self._deliveries = Deliveries()

    def take(self, session: Session, frames: list[bytes]) -> None:
        for frame in frames:
            (self._receipts if says_receipt(frame) else self._words).append((session, frame))
        if self._waiting > _MOST_WAITING:
            session.hold()
        self._arrived.set()

    @property
    def _waiting(self) -> int:
        return len(self._words) + len(self._receipts)

    async def close(self) -> None:
        """Pass on the long messages that wait for parts; call it after `pass_on` was cancelled."""
        await self._tell([], self._deliveries.overdue(float("inf")))

    async def pass_on(self) -> None:
        """Acknowledge each deliver_sm after what it says is committed; what people say first."""
        while True:
            if self._waiting:
                await self._pass_on_some()
                continue
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), _LOOK_FOR_OVERDUE if len(self._deliveries) else None)
            except TimeoutError:
                await self._tell([], self._deliveries.overdue(time.monotonic()))

    async def _pass_on_some(self) -> None:
        waiting = self._words or self._receipts  # a STOP does not wait behind receipts
        some = waiting[:_AT_ONCE]
        status = await self._tell(*self._read([frame for _, frame in some]))
        del waiting[: len(some)]
        for session in {session for session, _ in some}:
            session.acknowledge([frame for of, frame in some if of is session], status)
            if self._waiting < _MOST_WAITING:
                session.go_on()

    def _read(self, frames: Iterable[bytes]) -> tuple[list[Receipt], list[Inbound]]:
        now, at = time.monotonic(), datetime.now(UTC)
        receipts, inbound = [], self._deliveries.overdue(now)
        for frame in frames:
            try:
                found = self._deliveries.read(frame, now, at)
            except PduError as error:  # acknowledged all the same: it would come again for ever
                log.warning("deliver_sm cannot be read", route_id=str(self._route_id), error=str(error))
                continue
            if isinstance(found, Receipt):
                receipts.append(found)
            elif found is not None:
                inbound.append(found)
        return receipts, inbound

    async def _tell(self, receipts: list[Receipt], inbound: list[Inbound]) -> int:
        """Have it committed; 0, or the SMPP status that makes the provider deliver it again later."""
        for kind, number in (("receipt", len(receipts)), ("inbound", len(inbound))):
            metrics.DELIVERED.labels(str(self._route_id), kind).inc(number)
        try:
            async for attempt in stamina.retry_context(on=Exception, attempts=_TRIES, wait_initial=0.2, timeout=None):
                with attempt:
                    if inbound:  # first, for one of them may be a STOP
                        await self._on_inbound(self._account_id, self._route_id, inbound)
                        inbound = []
                    if receipts:
                        await self._on_receipts(self._account_id, self._route_id, receipts)
        except Exception:
            log.exception("what a provider delivered could not be recorded", route_id=str(self._route_id))
            return Status.ESME_RX_T_APPN
        return 0
