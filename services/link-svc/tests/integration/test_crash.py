"""kill -9 of the redirect process under load: every click that was answered is in Kafka."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from link_svc.config import LinkSettings, keys_of
from volley_chassis.database import Pool
from volley_contracts import DomainClicks, new_id, topics
from volley_tools.stack.ports import Ports

from .builders import a_batch, a_pool, take
from .site import PERSON, recorded

pytestmark = pytest.mark.usefixtures("kafka_topics")
ANSWERS_BEFORE_THE_KILL = 300


@asynccontextmanager
async def redirecting(settings: LinkSettings, port: int, health: int) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = os.environ | {
        "VOLLEY_DATABASE_URL": settings.database_url,
        "VOLLEY_KAFKA": settings.kafka,
        "VOLLEY_TOPIC_PREFIX": settings.topic_prefix,
        "VOLLEY_INTERNAL_TOKEN": settings.internal_token,
        "VOLLEY_LINK_SECRET": settings.link_secret,
        "VOLLEY_PUBLIC_PORT": str(port),
        "VOLLEY_HTTP_PORT": str(health),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "link_svc", "redirect", env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


@pytest.mark.fault
async def test_answered_clicks_survive_kill_9(settings: LinkSettings, pool: Pool) -> None:
    account = new_id()
    batch = a_batch(account, count=500, short=await a_pool(pool, account, [None]))
    (piece,) = await take(pool, batch)
    assert piece.short is not None
    slugs = keys_of(settings).of(piece.short.domain_id, piece.short.key_id).make(piece.short.start, piece.count)
    answered: set[int] = set()
    ports = Ports(scattered=True)
    port, health = ports.take(8085), ports.take(8083)
    headers = {"Host": piece.short.host, **PERSON}
    async with redirecting(settings, port, health) as process, aiohttp.ClientSession(headers=headers) as session:
        await until_healthy(session, port)
        left = iter(enumerate(slugs))

        async def click() -> None:
            for seq, slug in left:
                async with session.get(f"http://127.0.0.1:{port}/{slug}", allow_redirects=False) as answer:
                    assert answer.status == 302
                answered.add(seq)
                if len(answered) == ANSWERS_BEFORE_THE_KILL:
                    process.send_signal(signal.SIGKILL)

        results = await asyncio.gather(*(click() for _ in range(20)), return_exceptions=True)
        assert any(isinstance(result, aiohttp.ClientError) for result in results)
    found = [event for _, event in await recorded(settings, topics.LINK_CLICKS) if isinstance(event, DomainClicks)]
    assert ANSWERS_BEFORE_THE_KILL <= len(answered) < 500
    assert answered <= {seq for event in found for seq in event.seqs if event.campaigns == [batch.campaign_id]}


async def until_healthy(session: aiohttp.ClientSession, port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(f"http://127.0.0.1:{port}/healthz"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
