"""dispatch-svc alone, with real servers and the SMSC simulator: its queue is filled by Kafka, as link-svc would."""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import aiohttp
import asyncpg
import msgspec

from bench import people
from dispatch_svc.domain.cost import RateCard
from dispatch_svc.domain.routes import Route, SmppConfig
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import rate_cards, routes
from volley_chassis.database import prepare
from volley_chassis.kafka import Stream
from volley_chassis.settings import ServiceSettings
from volley_contracts import (
    CampaignMoved,
    Content,
    LinkedBatch,
    Recipients,
    Sender,
    Status,
    content_hash,
    new_id,
    now,
)
from volley_tools.demo.provider import PASSWORD, SYSTEM_ID, Provider
from volley_tools.stack.platform import SERVICES
from volley_tools.stack.ports import HOST
from volley_tools.stack.supervisor import Stack

VARIANTS = ("Hi {{ first_name }}, the sale is on: https://go.example.com/abcd Opt out: https://out.example.org/abcd",)
BATCH = 500
PEOPLE_APART = 1_000_000


class Campaign(msgspec.Struct, frozen=True):
    """A campaign of `recipients` on a sender of its own, known to the SMSC by `address`."""

    id: UUID
    sender: Sender
    recipients: int
    first_person: int


class Dispatching(msgspec.Struct, frozen=True):
    """`stack` has dispatch-svc only; `stream` publishes what the other services would."""

    stack: Stack
    provider: Provider
    stream: Stream
    connection: asyncpg.Connection
    account_id: UUID
    versions: dict[UUID, int]

    async def queued(self, number: int, pace: int, recipients: int) -> Campaign:
        """A campaign whose whole audience is in the queue, and that may not send yet."""
        sender = Sender(id=new_id(), address=f"Sender{number}", kind="alphanumeric", parts_per_second=pace)
        campaign = Campaign(new_id(), sender, recipients, number * PEOPLE_APART)
        size = max(1, min(BATCH, pace))
        for batch_no, first in enumerate(range(0, recipients, size)):
            await self.stream.publish(self._batch(campaign, batch_no, first, min(size, recipients - first)))
        while await self._taken(campaign) < recipients:  # noqa: ASYNC110 - the table is polled
            await asyncio.sleep(0.1)
        return campaign

    async def move(self, campaign: Campaign, status: Status) -> float:
        """Publish a move; when that was acknowledged, by the monotonic clock."""
        version = self.versions[campaign.id] = self.versions.get(campaign.id, 0) + 1
        moved = CampaignMoved(
            account_id=self.account_id,
            campaign_id=campaign.id,
            campaign_name=campaign.sender.address,
            move="bench",
            status_from="ready",
            status_to=status,
            version=version,
            actor="bench",
            at=now(),
        )
        await self.stream.publish(moved)
        return time.monotonic()

    def _batch(self, campaign: Campaign, batch_no: int, first: int, count: int) -> LinkedBatch:
        persons = range(campaign.first_person + first, campaign.first_person + first + count)
        return LinkedBatch(
            account_id=self.account_id,
            campaign_id=campaign.id,
            batch_no=batch_no,
            first_seq=first,
            sender=campaign.sender,
            content=Content(variants=VARIANTS, hash=content_hash(VARIANTS, None), target_url=None),
            recipients=Recipients(
                numbers=[people.number(person) for person in persons],
                countries=["US"] * count,
                variants=[0] * count,
                fields=("first_name",),
                values=[(people.FIRST_NAMES[person % 8],) for person in persons],
            ),
        )

    async def _taken(self, campaign: Campaign) -> int:
        query = "SELECT coalesce(sum(size), 0) FROM pieces WHERE campaign_id = $1"
        return int(await self.connection.fetchval(query, campaign.id))


@asynccontextmanager
async def dispatching(processes: int, settings: Mapping[str, str] | None = None) -> AsyncIterator[Dispatching]:
    """Start it with so many processes of dispatch-svc, with a route and prices; stop it and forget its data."""
    services = [service for service in SERVICES if service.name == "dispatch-svc"]
    with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
        stack = Stack(
            Path(folder),
            services,
            scattered=True,
            replicas={"dispatch-svc": processes},
            settings=settings or {},
            with_simulator=True,
        )
        try:
            with stack:
                async with aiohttp.ClientSession() as session, _filling(stack) as (stream, connection):
                    account_id = new_id()
                    await _furnish(connection, account_id, stack.simulator.smpp_port)
                    provider = Provider(session, stack.simulator.url)
                    await provider.behave(receipts=False)
                    yield Dispatching(stack, provider, stream, connection, account_id, {})
        finally:
            stack.remove()


@asynccontextmanager
async def _filling(stack: Stack) -> AsyncIterator[tuple[Stream, asyncpg.Connection]]:
    platform = stack.platform
    url = f"{platform.addresses.postgres}/{platform.database(platform.replica('dispatch-svc').service)}"
    settings = ServiceSettings(
        database_url=url, kafka=platform.addresses.kafka, internal_token="", instance="bench", topic_prefix=""
    )
    stream = Stream(settings, "bench")
    connection = await asyncpg.connect(url)
    await prepare(connection)
    try:
        async with stream.running():
            yield stream, connection
    finally:
        await connection.close()


async def _furnish(connection: asyncpg.Connection, account_id: UUID, smpp_port: int) -> None:
    config = SmppConfig(host=HOST, port=smpp_port, system_id=SYSTEM_ID, password=PASSWORD, receipts=False)
    async with connection.transaction():
        await rate_cards.put(connection, account_id, RateCard("EUR", {"US": Decimal("0.0079")}))
        route = Route(id=new_id(), account_id=account_id, name="smsc", protocol="smpp", config=config)
        await routes.add(connection, Vault(""), route)
        await routes.announce(connection)
