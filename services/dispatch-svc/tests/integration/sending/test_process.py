"""The whole process, between the real Kafka and a provider, killed or frozen while it sends."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dispatch_svc.domain.routes import Route, read_config
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import routes
from volley_chassis.kafka import Received, Stream
from volley_chassis.topics import create_topics
from volley_contracts import CampaignMoved, MessageOutcomes, SuppressionChanged, new_id, now, topics
from volley_tools.pytest_stack import Until
from volley_tools.simulator import Options, Simulator
from volley_tools.stack.kafka import delete_topics
from volley_tools.stack.ports import Ports
from volley_tools.stack.processes import Child, stop_all

pytestmark = pytest.mark.fault
RECIPIENTS = 1000


class Told:
    """The outcomes that were told, each event once."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self._events: dict[str, MessageOutcomes] = {}

    async def hear(self, received: Received[MessageOutcomes]) -> None:
        self._events[received.id] = received.data

    async def all(self) -> bool:
        return len(self.seqs) >= RECIPIENTS

    @property
    def seqs(self) -> list[int]:
        return sorted(seq for event in self._events.values() for seq in event.seqs)

    @property
    def outcomes(self) -> dict[int, str]:
        return {
            seq: outcome
            for event in self._events.values()
            for seq, outcome in zip(event.seqs, event.outcomes, strict=True)
        }


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
async def make_process(settings: Any, prefix: str, tmp_path: Path) -> AsyncIterator[Callable[[str], Child]]:
    """A replica by its name, not started."""
    made: list[Child] = []
    ports = Ports(scattered=True)

    def make(name: str) -> Child:
        child = Child(
            name=name,
            command=[sys.executable, "-m", "dispatch_svc", "all"],
            log=tmp_path / f"{name}.log",
            ready=lambda: True,
            environment={
                "VOLLEY_DATABASE_URL": settings.database_url,
                "VOLLEY_KAFKA": settings.kafka,
                "VOLLEY_REDIS_URL": settings.redis_url,
                "VOLLEY_TOPIC_PREFIX": prefix,
                "VOLLEY_INTERNAL_TOKEN": "token",
                "VOLLEY_ROUTE_NETWORKS": "127.0.0.0/8",
                "VOLLEY_INSTANCE": name,
                "VOLLEY_HTTP_PORT": str(ports.take(8082)),
                "VOLLEY_RECOVER_AFTER": "6",
            },
        )
        made.append(child)
        return child

    yield make
    await asyncio.to_thread(stop_all, made, 10)  # the simulator has to answer meanwhile


@pytest.fixture
async def told(settings: Any, prefix: str) -> AsyncIterator[Told]:
    """What is heard on message.outcomes, and the stream to publish on."""
    told = Told(Stream(msgspec.structs.replace(settings, topic_prefix=prefix, instance="test"), "test"))
    told.stream.subscribe(topics.MESSAGE_OUTCOMES, {MessageOutcomes: told.hear})
    async with told.stream.running():
        yield told


async def add_route(queue: Any, simulator: Simulator, protocol: Any) -> None:
    values: dict[str, Any] = {"url": f"http://127.0.0.1:{simulator.http_port}", "token": "secret"}
    if protocol == "smpp":
        values = {"host": "127.0.0.1", "port": simulator.smpp_port, "system_id": "volley", "password": "secret"}
    route = Route(
        id=new_id(), account_id=queue.account_id, name="r", protocol=protocol, config=read_config(protocol, values)
    )
    async with queue.pool.acquire() as connection, connection.transaction():
        await routes.add(connection, Vault(""), route)
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
    queue: Any, simulator: Simulator, make_process: Any, told: Told, until: Until, protocol: str
) -> None:
    process = make_process("dispatch-0")
    await add_route(queue, simulator, protocol)
    await publish(queue, told.stream)
    process.start()
    for count in (150, 450):
        await until(has_sent(simulator, count))
        process.kill9()
        process.start()
    await until(told.all)
    outcomes = told.outcomes
    assert told.seqs == list(range(RECIPIENTS))
    assert outcomes.pop(999) == "suppressed"
    summary = simulator.provider.ledger.summary()
    assert summary["duplicates"] == 0
    if protocol == "http":  # it can be asked
        assert set(outcomes.values()) == {"submitted"}
        assert summary["messages"] == RECIPIENTS - 1
    else:
        assert set(outcomes.values()) <= {"submitted", "unknown"}
        assert summary["messages"] >= sum(outcome == "submitted" for outcome in outcomes.values())


@pytest.mark.parametrize("protocol", ["http", "smpp"])
async def test_a_frozen_process_loses_its_slices_and_sends_none_of_them_when_it_thaws(
    queue: Any, simulator: Simulator, make_process: Any, told: Told, until: Until, protocol: str
) -> None:
    frozen, other = make_process("dispatch-0"), make_process("dispatch-1")
    await add_route(queue, simulator, protocol)
    await publish(queue, told.stream)
    frozen.start()
    await until(has_sent(simulator, 150))
    other.start()
    frozen.freeze()
    of_frozen = [row["owner_id"] for row in await queue.pool.fetch("SELECT owner_id FROM owners")]

    async def all_taken() -> bool:
        query = "SELECT count(*) FROM slices WHERE owner_id = ANY($1) AND state <> 'done'"
        return not await queue.pool.fetchval(query, of_frozen)

    assert not await all_taken()
    await until(all_taken)
    frozen.thaw()
    await until(told.all)
    outcomes = told.outcomes
    assert told.seqs == list(range(RECIPIENTS))
    summary = simulator.provider.ledger.summary()
    assert summary["duplicates"] == 0
    submitted = sum(outcome == "submitted" for outcome in outcomes.values())
    unknown = sum(outcome == "unknown" for outcome in outcomes.values())
    assert submitted + unknown == RECIPIENTS - 1
    assert submitted <= summary["messages"] <= submitted + unknown
    assert protocol == "smpp" or not unknown  # an HTTP provider can be asked


def has_sent(simulator: Simulator, count: int) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(simulator.provider.ledger) >= count

    return enough
