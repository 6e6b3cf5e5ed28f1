"""The service as a process, killed again and again mid-campaign: nobody is lost, nobody is counted twice."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.clients.internal import Peers
from campaign_svc.config import Settings
from volley_chassis.kafka import Received, Stream
from volley_contracts import CampaignBatch, MessageOutcomes, now, topics

WITHIN = 120
RECIPIENTS = 4_000


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """`python -m campaign_svc all`, in a process of its own."""

    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.environment = os.environ | {
            "VOLLEY_DATABASE_URL": settings.database_url,
            "VOLLEY_KAFKA": settings.kafka,
            "VOLLEY_TOPIC_PREFIX": settings.topic_prefix,
            "VOLLEY_INTERNAL_TOKEN": "token",
            "VOLLEY_INSTANCE": "campaign-svc-0",
            "VOLLEY_HTTP_PORT": str(free_port()),
            "VOLLEY_LINK_URL": peers.link_url,
            "VOLLEY_DISPATCH_URL": peers.dispatch_url,
            "VOLLEY_LOG_LEVEL": "warning",
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "campaign_svc", "all", env=self.environment
        )

    async def stop(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return await self.process.wait()


class Rest:
    """Link-svc, dispatch-svc and a provider in one: answers every batch once, as two copies of one event."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.batches: dict[int, CampaignBatch] = {}
        self.seen = asyncio.Condition()
        stream.subscribe(topics.CAMPAIGN_BATCHES, {CampaignBatch: self.take})

    async def take(self, received: Received[CampaignBatch]) -> None:
        batch = received.data
        assert self.batches.setdefault(batch.first_seq, batch) == batch, "a batch that is published again is the same"
        n = len(batch.recipients.numbers)
        event = MessageOutcomes(
            account_id=batch.account_id,
            campaign_id=batch.campaign_id,
            batch_no=batch.batch_no,
            sender_id=batch.sender.id,
            currency="EUR",
            seqs=list(range(batch.first_seq, batch.first_seq + n)),
            outcomes=["submitted"] * n,
            variants=batch.recipients.variants,
            countries=batch.recipients.countries,
            parts=[1] * n,
            costs=[Decimal("0.0079")] * n,
            errors=[None] * n,
            at=now(),
        )
        for _ in range(2):
            await self.stream.publish(event, id=f"{batch.campaign_id}:{batch.first_seq}:0")
        async with self.seen:
            self.seen.notify_all()

    async def until(self, batches: int) -> None:
        async with asyncio.timeout(WITHIN), self.seen:
            await self.seen.wait_for(lambda: len(self.batches) >= batches)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[Service]:
    await service.start()
    try:
        yield service
    finally:
        if service.process and service.process.returncode is None:
            await service.stop(signal.SIGKILL)


@pytest.mark.fault
async def test_a_campaign_survives_kills_at_any_moment(lab: Any, settings: Settings, peers: Peers) -> None:
    stream = Stream(settings, "the-rest")
    rest = Rest(stream)
    draft = await lab.draft(recipients=RECIPIENTS, schedule={"start": "now"})
    async with stream.running(), running(Service(settings, peers)) as service:
        await lab.do(draft, "submit")
        for batches in (1, 17):
            await rest.until(batches)
            await service.stop(signal.SIGKILL)
            await service.start()
        async with asyncio.timeout(WITHIN):
            while (await lab.get(draft))["status"] != "finished":
                await asyncio.sleep(0.05)
        assert await service.stop(signal.SIGTERM) == 0
    done = await lab.get(draft)
    assert done["counts"]["submitted"] == done["counts"]["settled"] == RECIPIENTS
    assert done["cost"]["amount"] == str(Decimal("0.0079") * RECIPIENTS)
    numbers = [number for batch in rest.batches.values() for number in batch.recipients.numbers]
    assert len(numbers) == len(set(numbers)) == RECIPIENTS
    moves = await lab.moves(draft)
    assert moves == ["submit", "pass", "first_handed_over", "finish"]
    versions = await lab.pool.fetch(
        "SELECT version FROM campaign_history WHERE campaign_id = $1 ORDER BY version", UUID(draft["id"])
    )
    assert [row["version"] for row in versions] == [1, 2, 3, 4]
