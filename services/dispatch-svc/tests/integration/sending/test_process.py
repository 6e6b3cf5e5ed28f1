"""The whole process, between the real Kafka and a provider, killed while it sends."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dispatch_svc.domain.routes import Route, read_config
from dispatch_svc.store import routes
from volley_chassis.kafka import Received, Stream
from volley_chassis.topics import create_topics
from volley_contracts import CampaignMoved, MessageOutcomes, SuppressionChanged, new_id, now, topics
from volley_tools.simulator import Options, Simulator
from volley_tools.stack.kafka import delete_topics
from volley_tools.stack.ports import Ports
from volley_tools.stack.processes import Child, stop_all

pytestmark = pytest.mark.fault
RECIPIENTS = 1000


@pytest.fixture
async def prefix(infra: Any) -> AsyncIterator[str]:
    prefix = f"t{new_id().hex}."
    await create_topics(infra.kafka, prefix)
    yield prefix
    await delete_topics(infra.kafka, prefix)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator(Options(smpp_port=0, http_port=0, latency_ms=20, receipts=False))
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def process(settings: Any, prefix: str, tmp_path: Path) -> AsyncIterator[Child]:
    child = Child(
        name="dispatch",
        command=[sys.executable, "-m", "dispatch_svc", "all"],
        log=tmp_path / "dispatch.log",
        ready=lambda: True,
        environment={
            "VOLLEY_DATABASE_URL": settings.database_url,
            "VOLLEY_KAFKA": settings.kafka,
            "VOLLEY_REDIS_URL": settings.redis_url,
            "VOLLEY_TOPIC_PREFIX": prefix,
            "VOLLEY_INTERNAL_TOKEN": "token",
            "VOLLEY_INSTANCE": "dispatch-0",
            "VOLLEY_HTTP_PORT": str(Ports(scattered=True).take(8082)),
            "VOLLEY_RECOVER_AFTER": "6",
        },
    )
    yield child
    await asyncio.to_thread(stop_all, [child], 10)  # the simulator has to answer meanwhile


async def add_route(queue: Any, simulator: Simulator, protocol: Any) -> None:
    values: dict[str, Any] = {"url": f"http://127.0.0.1:{simulator.http_port}", "token": "secret"}
    if protocol == "smpp":
        values = {"host": "127.0.0.1", "port": simulator.smpp_port, "system_id": "volley", "password": "secret"}
    route = Route(
        id=new_id(), account_id=queue.account_id, name="r", protocol=protocol, config=read_config(protocol, values)
    )
    async with queue.pool.acquire() as connection, connection.transaction():
        await routes.add(connection, route)
        await routes.announce(connection)


async def publish(queue: Any, stream: Stream) -> None:
    """The campaign's start, an opt-out and its batches, every event twice."""
    moved = CampaignMoved(
        account_id=queue.account_id,
        campaign_id=queue.campaign_id,
        campaign_name="Test",
        move="start",
        status_from="ready",
        status_to="started",
        version=1,
        actor="test",
        at=now(),
    )
    stop = SuppressionChanged(
        account_id=queue.account_id, number="+447700000999", suppressed=True, reason="manual", at=now()
    )
    batches = [queue.batch(first, 100, pace=400) for first in range(0, RECIPIENTS, 100)]
    for event in (stop, moved, *batches):
        await stream.publish(event)
        await stream.publish(event)


@pytest.mark.parametrize("protocol", ["http", "smpp"])
async def test_kill9_sends_nobody_twice_and_loses_nobody(
    queue: Any, settings: Any, simulator: Simulator, prefix: str, process: Child, until: Any, protocol: str
) -> None:
    told: dict[str, MessageOutcomes] = {}

    async def hear(received: Received[MessageOutcomes]) -> None:
        told[received.id] = received.data

    stream = Stream(msgspec.structs.replace(settings, topic_prefix=prefix, instance="test"), "test")
    stream.subscribe(topics.MESSAGE_OUTCOMES, {MessageOutcomes: hear})
    await add_route(queue, simulator, protocol)

    async def has_sent(count: int) -> bool:
        return simulator.provider.ledger.summary()["messages"] >= count

    async def all_told() -> bool:
        return sum(len(event.seqs) for event in told.values()) >= RECIPIENTS

    async with stream.running():
        await publish(queue, stream)
        process.start()
        for count in (150, 450):
            await until(lambda count=count: has_sent(count))
            process.kill9()
            process.start()
        await until(all_told)
    outcomes = {
        seq: outcome for event in told.values() for seq, outcome in zip(event.seqs, event.outcomes, strict=True)
    }
    assert sorted(seq for event in told.values() for seq in event.seqs) == list(range(RECIPIENTS))
    assert outcomes.pop(999) == "suppressed"
    summary = simulator.provider.ledger.summary()
    assert summary["duplicates"] == 0
    if protocol == "http":  # it can be asked
        assert set(outcomes.values()) == {"submitted"}
        assert summary["messages"] == RECIPIENTS - 1
    else:
        assert set(outcomes.values()) <= {"submitted", "unknown"}
        assert summary["messages"] >= sum(outcome == "submitted" for outcome in outcomes.values())
