"""Replicas of dispatch-svc's sending on the real Postgres and Redis, with a provider that only keeps a list."""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest

from dispatch_svc.clients import permits
from dispatch_svc.config import Settings
from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.handover import Client, Handed, MaySend, Outbound
from dispatch_svc.handlers.apply_move import apply_move
from dispatch_svc.handlers.cancel_unsent import cancel_unsent
from dispatch_svc.handlers.keep_sending import keep_sending
from dispatch_svc.handlers.means import Means, Pieces, RateCards, Room
from dispatch_svc.handlers.ownership import Ownership
from dispatch_svc.handlers.pace_senders import Bell
from dispatch_svc.handlers.take_batch import take_batch
from dispatch_svc.store import rate_cards
from volley_chassis import database
from volley_chassis.database import Pool
from volley_contracts import (
    Budget,
    CampaignMoved,
    Content,
    Event,
    LinkedBatch,
    MessageOutcomes,
    Recipients,
    Sender,
    Status,
    content_hash,
    decode,
    new_id,
    now,
)

MIGRATIONS = Path(__file__).parents[3] / "migrations"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


class Provider:
    """Takes messages. `answers` says by number what it answers; `silent` while no answer comes at all."""

    def __init__(self) -> None:
        self.taken: list[tuple[float, str, Outbound]] = []
        self.answers: Callable[[Outbound], Handed] = lambda m: Handed(m.ref, "submitted", [f"id-{m.ref}"])
        self.answering = asyncio.Event()
        self.answering.set()
        self.latency = 0.0
        self.healthy = True
        self.can_be_asked = False
        self.route_id = new_id()
        self.second: Provider | None = None

    async def has_taken(self, count: int) -> bool:
        return len(self.taken) >= count

    @property
    def refs(self) -> Counter[str]:
        return Counter(ref for _, ref, _ in self.taken)

    def choose(self, account_id: UUID, country: str, but: Collection[UUID] = ()) -> Client | None:
        if self.healthy and self.route_id not in but:
            return FakeClient(self, account_id)
        return self.second.choose(account_id, country, but) if self.second else None

    def get(self, route_id: UUID) -> Client | None:
        return FakeClient(self, new_id()) if route_id == self.route_id else None


class FakeClient:
    """One process's client of the provider."""

    gives_receipts = True

    def __init__(self, provider: Provider, account_id: UUID) -> None:
        self.provider, self.account_id, self.route_id = provider, account_id, provider.route_id

    def __hash__(self) -> int:
        return hash(self.route_id)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FakeClient) and other.route_id == self.route_id

    @property
    def healthy(self) -> bool:
        return self.provider.healthy

    @property
    def can_be_asked(self) -> bool:
        return self.provider.can_be_asked

    async def hand_over(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        provider, answers = self.provider, []
        for message in messages:
            if not may_send():
                answers.append(Handed(message.ref, "not_sent"))
                continue
            answer = provider.answers(message)
            if answer.result in {"submitted", "unknown"}:
                provider.taken.append((time.monotonic(), message.ref, message))
            answers.append(answer)
        await asyncio.sleep(provider.latency)
        await provider.answering.wait()
        return answers

    async def find(self, ref: str) -> Handed | None:
        return Handed(ref, "submitted", [f"id-{ref}"]) if ref in self.provider.refs else None


class Replica:
    """The sending loops of one process."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self.settings, self.provider = settings, provider
        self._stack = contextlib.AsyncExitStack()
        self._task: asyncio.Task[None] | None = None
        self._before: set[asyncio.Task[Any]] = set()
        self.means: Means

    async def start(self) -> None:
        settings = self.settings
        self._before = asyncio.all_tasks()
        pool = await self._stack.enter_async_context(database.pool(settings))
        client = await self._stack.enter_async_context(permits.connect(settings.redis_url))
        bell = Bell()
        self.means = Means(
            settings=settings,
            pool=pool,
            redis=client,
            routes=self.provider,
            ownership=Ownership(settings.database_url, settings.instance, bell.ring),
            pieces=Pieces(pool),
            cards=RateCards(pool, rate_cards.find),
            room=Room(settings.messages_in_flight),
        )
        self._task = asyncio.create_task(keep_sending(self.means, bell))

    async def has_looked(self) -> bool:
        """It has become an owner, and so has looked for dead ones."""
        return self.means.ownership.owner_id is not None

    async def crash(self) -> None:
        """Nothing more happens in this process: its connections are gone before it can settle anything."""
        self.means.pool.terminate()
        assert self._task
        mine = [task for task in asyncio.all_tasks() if task not in self._before]
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        self._task = None

    async def stop(self) -> None:
        """Gracefully, as at SIGTERM."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._stack.aclose()


def a_content(*variants: str, version: int = 0, hash_: str | None = None) -> Content:
    return Content(variants=variants, hash=hash_ or content_hash(variants, None), version=version)


class Queue:
    """An account with a campaign, put into the queue as link-svc and campaign-svc would: every event twice."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.account_id = new_id()
        self.campaign_id = new_id()
        self._version = 0

    async def set_prices(self, **prices: str) -> None:
        async with self.pool.acquire() as connection, connection.transaction():
            card = RateCard("EUR", {country: Decimal(price) for country, price in prices.items()})
            await rate_cards.put(connection, self.account_id, card)

    async def move(self, status: Status, content: Content | None = None, budget: Budget | None = None) -> None:
        """`content` are the texts that passed; without, nobody says which did, and as little of a budget."""
        self._version += 1
        moved = CampaignMoved(
            account_id=self.account_id,
            campaign_id=self.campaign_id,
            campaign_name="Test",
            move="test",
            status_from="ready",
            status_to=status,
            version=self._version,
            actor="test",
            at=now(),
            content_hash=content.hash if content else None,
            content_version=content.version if content else 0,
            budget=budget,
        )
        await apply_move(self.pool, moved)
        await apply_move(self.pool, moved)

    def batch(
        self, first_seq: int, count: int, *, pace: int = 100_000, sender: UUID | None = None, **more: Any
    ) -> LinkedBatch:
        variants = more.get("variants", ("Hi {{ name }}",))
        return LinkedBatch(
            account_id=self.account_id,
            campaign_id=self.campaign_id,
            batch_no=first_seq // 500,
            first_seq=first_seq,
            sender=Sender(
                id=sender or self.account_id,
                address="VOLLEY",
                kind="alphanumeric",
                parts_per_second=pace,
                version=more.get("pace_version", 0),
            ),
            sendable=more.get("sendable", ()),
            content=more.get("content") or a_content(*variants, hash_=more.get("hash")),
            recipients=Recipients(
                numbers=[f"+4477{first_seq + n:08d}" for n in range(count)],
                countries=[more.get("country", "GB")] * count,
                variants=[0] * count,
                fields=("name",),
                values=[(f"N{first_seq + n}",) for n in range(count)],
            ),
            despite_optout=more.get("despite_optout", False),
            expires_at=more.get("expires_at"),
            validity_s=more.get("validity_s"),
        )

    async def put(self, total: int, *, size: int = 500, **more: Any) -> None:
        for first in range(0, total, size):
            batch = self.batch(first, min(size, total - first), **more)
            await take_batch(self.pool, batch)
            await take_batch(self.pool, batch)

    async def events(self) -> list[Event]:
        rows = await self.pool.fetch("SELECT value, headers FROM outbox ORDER BY id")
        return [decode(row["headers"]["ce_type"], row["value"]) for row in rows]

    async def outcomes(self) -> dict[int, list[tuple[str, str | None]]]:
        """By seq, every outcome that was told, with its error; of all outcomes but the revised ones."""
        told: dict[int, list[tuple[str, str | None]]] = {}
        for event in await self.events():
            if type(event) is MessageOutcomes and event.campaign_id == self.campaign_id:
                for seq, outcome, error in zip(event.seqs, event.outcomes, event.errors, strict=True):
                    told.setdefault(seq, []).append((outcome, error))
        return told

    async def settled(self) -> int:
        return sum(map(len, (await self.outcomes()).values()))

    async def has_settled(self, count: int) -> bool:
        return await self.settled() >= count

    async def stands_still(self) -> bool:
        """Nothing is on its way."""
        return not await self.pool.fetchval("SELECT count(*) FROM slices WHERE state <> 'done'")

    async def has_returned(self) -> bool:
        return bool(await self.pool.fetchval("SELECT count(*) FROM returned"))

    def sibling(self) -> "Queue":
        """Another campaign of the account."""
        other = Queue(self.pool)
        other.account_id = self.account_id
        return other


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def settings(infra: Any, make_database: Callable[[Path], str], redis_url: str) -> Settings:
    return Settings(
        database_url=make_database(MIGRATIONS),
        kafka=infra.kafka,
        internal_token="token",
        redis_url=redis_url,
        instance="dispatch-0",
        stop_within=5,
        recover_after=0.0,
        database_connections=8,
    )


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        yield opened


@pytest.fixture
async def queue(pool: Pool) -> Queue:
    queue = Queue(pool)
    await queue.set_prices(GB="0.01", US="0.0079")
    return queue


StartReplica = Callable[..., Awaitable[Replica]]


@pytest.fixture
async def start_replica(settings: Settings, provider: Provider) -> AsyncIterator[StartReplica]:
    """Start a process's sending loops; all are stopped at the end."""
    replicas: list[Replica] = []

    async def start(name: str = "dispatch-0") -> Replica:
        replica = Replica(msgspec.structs.replace(settings, instance=name), provider)
        replicas.append(replica)
        await replica.start()
        return replica

    yield start
    provider.answering.set()
    for replica in replicas:
        await replica.stop()


@pytest.fixture
async def cancelling(pool: Pool) -> AsyncIterator[None]:
    """The loop that cancels what will never be sent."""
    task = asyncio.create_task(cancel_unsent(pool))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
