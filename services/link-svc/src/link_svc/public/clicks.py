"""Joins clicks into few records, one a domain, and says when Kafka has them.

The clicks of one round leave together; while Kafka acknowledges them the next round collects. So a lonely click is
hardly held back, and under load a round becomes as long as an acknowledgement takes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import structlog

from link_svc import metrics
from link_svc.public.links import Link
from volley_chassis.faults import fault_point
from volley_contracts import BotReason, DomainClicks
from volley_visitors import MAX_AGENT, RULES

log = structlog.get_logger()
JOIN_SECONDS = 0.001
PATIENCE_SECONDS = 0.05
"""A round leaves after that much time though the one before it is not acknowledged: a partition of Kafka may be slow
while the others are not."""

PUBLISH_SECONDS = 5.0
Publish: TypeAlias = Callable[..., Awaitable[None]]
Recorded: TypeAlias = Callable[[bool], None]
"""Is told whether Kafka has the click."""


class ClickJoiner:
    """Takes clicks and tells each when it cannot be lost any more."""

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._round: dict[UUID, DomainClicks] = {}
        self._places: dict[tuple[UUID, UUID], tuple[DomainClicks, int]] = {}
        self._recorded: list[Recorded] = []
        self._publishing: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def record(self, link: Link, reason: BotReason | None, agent: bytes, at: datetime, recorded: Recorded) -> None:
        """Calls `recorded` later."""
        clicks, place = self._places.get((link.domain_id, link.campaign_id)) or self._begin(link)
        clicks.places.append(place)
        clicks.seqs.append(link.seq)
        clicks.variants.append(link.variant)
        clicks.at.append(at)
        clicks.reasons.append(reason)
        clicks.user_agents.append(agent[:MAX_AGENT].decode("latin-1"))
        clicks.links.append(link.name)
        clicks.countries.append(link.country)
        self._recorded.append(recorded)
        if self._timer is None:
            wait = PATIENCE_SECONDS if self._publishing else JOIN_SECONDS
            self._timer = asyncio.get_running_loop().call_later(wait, self._send)

    def _begin(self, link: Link) -> tuple[DomainClicks, int]:
        """The record of the link's domain, and the place of its campaign there."""
        clicks = self._round.get(link.domain_id)
        if clicks is None:
            clicks = self._round[link.domain_id] = DomainClicks(
                account_id=link.account_id,
                domain_id=link.domain_id,
                campaigns=[],
                places=[],
                seqs=[],
                variants=[],
                at=[],
                reasons=[],
                user_agents=[],
                links=[],
                rules=RULES,
            )
        clicks.campaigns.append(link.campaign_id)
        found = self._places[link.domain_id, link.campaign_id] = clicks, len(clicks.campaigns) - 1
        return found

    def _send(self) -> None:
        self._timer = None
        events, recorded = list(self._round.values()), self._recorded
        self._round, self._places, self._recorded = {}, {}, []
        task = asyncio.get_running_loop().create_task(self._publish_all(events, recorded))
        self._publishing.add(task)

    async def _publish_all(self, events: Sequence[DomainClicks], recorded: Sequence[Recorded]) -> None:
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self._publish(*events)
        except Exception as error:  # noqa: BLE001 - the visitors wait for an answer, whatever it is
            log.warning("clicks could not be recorded", clicks=len(recorded), error=repr(error))
            safe = False
        else:
            fault_point("link.clicks_published")
            metrics.JOINED.observe(len(recorded))
            safe = True
        metrics.VISITS.labels("clicked" if safe else "failed").inc(len(recorded))
        self._end_round()
        for tell in recorded:
            tell(safe)

    def _end_round(self) -> None:
        """Let those that came meanwhile leave."""
        task = asyncio.current_task()
        assert task is not None
        self._publishing.discard(task)
        if self._timer is not None:
            self._timer.cancel()
            self._send()
