"""A link-svc with many live links, made as campaigns make them: batches in, batches with URLs out."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import aiohttp
import msgspec

from volley_chassis.kafka import Received, Stream
from volley_chassis.settings import ServiceSettings
from volley_contracts import CampaignBatch, Content, LinkedBatch, Recipients, Sender, new_id, topics
from volley_tools.stack.platform import SERVICES
from volley_tools.stack.supervisor import Stack

BATCH = 500
IN_FLIGHT = 40
TARGET = "https://shop.example/spring?utm_source=sms"


class Links(msgspec.Struct):
    """One domain's or more links: each of `hosts` has 500 slugs of eight characters in `slugs`, in the same order."""

    stack: Stack
    hosts: list[str]
    slugs: str

    @property
    def url(self) -> str:
        return self.stack.public_url()

    def settings(self) -> ServiceSettings:
        """With which the benchmark itself reads and writes Kafka."""
        return ServiceSettings(database_url="", kafka=self.stack.addresses.kafka, internal_token="")


@asynccontextmanager
async def links(count: int, *, campaigns: int, domains: int) -> AsyncIterator[Links]:
    """Servers and link-svc with `count` links (a multiple of 500), spread over campaigns and domains."""
    with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
        services = [service for service in SERVICES if service.name == "link-svc"]
        stack = Stack(Path(folder), services=services, scattered=True)
        try:
            with stack:
                made = Links(stack, [], "")
                await _make(made, count, campaigns, await _pool(stack, domains))
                yield made
        finally:
            stack.remove()


async def _pool(stack: Stack, domains: int) -> tuple[UUID, UUID]:
    """An account and its pool of as many domains."""
    account = new_id()
    headers = {
        "x-volley-internal": stack.platform.secrets.internal_token,
        "x-volley-account": str(account),
        "x-volley-actor": "bench",
        "x-volley-role": "operator",
    }
    async with aiohttp.ClientSession(stack.url("link-svc"), headers=headers, raise_for_status=True) as session:
        ids = []
        for number in range(domains):
            async with session.post("/v1/domains", json={"host": f"go{number}.example"}) as answer:
                ids.append((await answer.json())["id"])
        async with session.post("/v1/pools", json={"name": "p", "purpose": "short", "domain_ids": ids}) as answer:
            return account, UUID((await answer.json())["id"])


async def _make(made: Links, count: int, campaigns: int, pool: tuple[UUID, UUID]) -> None:
    ids = [new_id() for _ in range(campaigns)]
    parts: list[str] = []
    room = asyncio.Semaphore(IN_FLIGHT)
    stream = Stream(made.settings(), "bench")

    async def arrived(received: Received[LinkedBatch]) -> None:
        short = received.data.short
        assert short is not None
        made.hosts.append(short.urls[0].split("/")[2])
        parts.append("".join(url.rpartition("/")[2] for url in short.urls))
        room.release()

    stream.subscribe(topics.LINK_BATCHES, {LinkedBatch: arrived})
    async with stream.running():
        for number in range(count // BATCH):
            await room.acquire()
            await stream.publish(_batch(*pool, ids[number % campaigns], number // campaigns))
        for _ in range(IN_FLIGHT):
            await room.acquire()
    made.slugs = "".join(parts)
    assert len(made.slugs) == 8 * count


def _batch(account: UUID, pool: UUID, campaign: UUID, number: int) -> CampaignBatch:
    return CampaignBatch(
        account_id=account,
        campaign_id=campaign,
        batch_no=number,
        first_seq=BATCH * number,
        sender=Sender(id=account, address="SHOP", kind="alphanumeric", parts_per_second=1000),
        content=Content(variants=("a", "b"), target_url=TARGET, hash="h"),
        recipients=Recipients(
            numbers=[f"+1555{n:07}" for n in range(BATCH)],
            countries=["US"] * BATCH,
            variants=[n % 2 for n in range(BATCH)],
        ),
        short_pool_id=pool,
    )
