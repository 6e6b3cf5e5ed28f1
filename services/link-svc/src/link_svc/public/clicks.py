"""Joins the clicks of a few milliseconds into one record a campaign and domain, and says when Kafka has them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from link_svc import metrics
from link_svc.domain.visitors import MAX_AGENT
from link_svc.public.links import Link
from volley_chassis.faults import fault_point
from volley_contracts import BotReason, Clicks

log = structlog.get_logger()
JOIN_SECONDS = 0.003
MOST = 1000
"""Clicks that are not held back for more: keeps a record well below Kafka's size limit."""

PUBLISH_SECONDS = 5.0
Publish = Callable[..., Awaitable[None]]


class ClickJoiner:
    """Takes clicks; a click's future is done once its record is acknowledged, or fails with what went wrong."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._pending: dict[tuple[UUID, UUID], Clicks] = {}
        self._count = 0
        self._acknowledged: asyncio.Future[None] | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    async def record(self, link: Link, reason: BotReason | None, agent: bytes, at: datetime) -> None:
        """Returns when the click cannot be lost any more."""
        loop = asyncio.get_running_loop()
        if self._acknowledged is None:
            self._acknowledged = loop.create_future()
            loop.call_later(JOIN_SECONDS, self._send, self._acknowledged)
        acknowledged = self._acknowledged
        clicks = self._pending.get((link.campaign_id, link.domain_id)) or self._begin(link)
        clicks.seqs.append(link.seq)
        clicks.variants.append(link.variant)
        clicks.at.append(at)
        clicks.reasons.append(reason)
        clicks.user_agents.append(agent[:MAX_AGENT].decode("latin-1"))
        self._count += 1
        if self._count >= MOST:
            self._send(acknowledged)
        await acknowledged  # shared: who cancels one visit cancels all, which only a forced shutdown does

    def _begin(self, link: Link) -> Clicks:
        clicks = self._pending[link.campaign_id, link.domain_id] = Clicks(
            account_id=link.account_id,
            campaign_id=link.campaign_id,
            domain_id=link.domain_id,
            seqs=[],
            variants=[],
            at=[],
            reasons=[],
            user_agents=[],
        )
        return clicks

    def _send(self, acknowledged: asyncio.Future[None]) -> None:
        if acknowledged is not self._acknowledged:  # it was full and left before its time
            return
        events, count = list(self._pending.values()), self._count
        self._pending, self._count, self._acknowledged = {}, 0, None
        task = asyncio.get_running_loop().create_task(self._publish_all(events, count, acknowledged))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish_all(self, events: Sequence[Clicks], count: int, acknowledged: asyncio.Future[None]) -> None:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._publish(*events)
        except Exception as error:  # noqa: BLE001 - the visitors wait for an answer, whatever it is
            log.warning("clicks could not be recorded", clicks=count, error=repr(error))
            if not acknowledged.done():
                acknowledged.set_exception(error)
                acknowledged.exception()  # the visitors may all have left
        else:
            fault_point("link.clicks_published")
            metrics.JOINED.observe(count)
            if not acknowledged.done():
                acknowledged.set_result(None)
