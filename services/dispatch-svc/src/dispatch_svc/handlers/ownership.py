"""The process as an owner of slices, and its memory of what may be sent.

One connection holds the owner's lock, hears of moves and work, and proves every second that it still stands. Nothing
is sent without a proof of the last few seconds: not by a process that lost its connection, nor by one that was frozen.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from uuid import UUID

import asyncpg
import structlog

from dispatch_svc import metrics
from dispatch_svc.domain.rendering import Approved
from dispatch_svc.store import campaigns, owners
from volley_chassis.database import Connection, prepare
from volley_contracts import SENDABLE, Content, now

log = structlog.get_logger()
# A dead owner's slices are judged later than this after its death, so nothing leaves when they are.
PROOF_SECONDS = 5.0
_BEAT_SECONDS = 1.0
_BEAT_TIMEOUT = 3.0
_AGAIN_SECONDS = 0.5


class Ownership:
    """`owner_id` is None while there is no proof. `on_work` gets the sender that has work, None for: any may."""

    def __init__(self, database_url: str, instance: str, on_work: Callable[[UUID | None], None]) -> None:
        self.owner_id: int | None = None
        self._database_url = database_url
        self._instance = instance
        self._on_work = on_work
        self._sendable: dict[UUID, Approved] = {}
        self._proved_until = 0.0
        self._stopping = False

    def alive(self) -> bool:
        return not self._stopping and time.monotonic() < self._proved_until

    def approved(self, campaign_id: UUID) -> Approved | None:
        """The texts that the campaign may send; None while it may send nothing."""
        return self._sendable.get(campaign_id)

    def may_send(self, campaign_id: UUID, content: Content) -> bool:
        approved = self._sendable.get(campaign_id)
        return approved is not None and approved.passes(content) and self.alive()

    def stop(self) -> None:
        """From now on nothing leaves; slices are still settled."""
        self._stopping = True

    def look_again(self, sender_id: UUID) -> None:
        """Look into the queue for the sender."""
        self._on_work(sender_id)

    async def keep(self) -> None:
        """Stay an owner until cancelled; a new one after every loss of the connection."""
        while True:
            try:
                await self._own()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("ownership lost; nothing is sent until it is back", error=repr(error))
            except Exception:
                log.exception("ownership failed; nothing is sent until it is back")
            metrics.OWNERSHIP_LOST.inc()
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _own(self) -> None:
        connection = await asyncpg.connect(
            self._database_url,
            timeout=_BEAT_TIMEOUT,
            # A frozen process keeps its connections. Postgres ends this one, so that others see that its owner is dead.
            server_settings={"idle_session_timeout": str(round(PROOF_SECONDS * 1000))},
        )
        connection.add_termination_listener(self._lost)
        try:
            await prepare(connection)
            await connection.add_listener("moved", self._moved)
            await connection.add_listener("work", self._work)
            owner_id = await owners.register(connection, self._instance)
            await self._beat(connection)
            self.owner_id = owner_id
            log.info("ownership taken", owner_id=owner_id)
            self._on_work(None)
            while True:
                await asyncio.sleep(_BEAT_SECONDS)
                await self._beat(connection)
        finally:
            self._lost()
            with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)

    async def _beat(self, connection: Connection) -> None:
        asked_at = time.monotonic()
        async with asyncio.timeout(_BEAT_TIMEOUT):
            # Moves that are heard of on the same connection come after this answer or are in it.
            self._sendable = await campaigns.sendable(connection)
        self._proved_until = asked_at + PROOF_SECONDS

    def _lost(self, *_: object) -> None:
        self.owner_id = None
        self._proved_until = 0.0
        self._sendable = {}

    def _moved(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        campaign, versions, status = str(payload).split(" ")
        _, content_version, content_hash = versions.split(":")
        if status in SENDABLE:
            before = self._sendable.get(UUID(campaign))
            since = before.since if before else now()
            self._sendable[UUID(campaign)] = Approved(content_hash or None, int(content_version), since)
        else:
            self._sendable.pop(UUID(campaign), None)
        self._on_work(None)

    def _work(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        self._on_work(UUID(str(payload)))
