from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient

from link_svc.app import internal_server
from link_svc.config import LinkSettings
from volley_chassis import database
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_chassis.topics import create_topics
from volley_tools.stack.platform import Addresses

from .builders import SECRET
from .site import Site, running_site

MIGRATIONS = Path(__file__).parents[2] / "migrations"
TABLES = """domain_health, domains, pools, pool_domains, ranges, target_values, taken, waiting, ended_campaigns,
    outbox, inbox"""


@pytest.fixture(scope="module")
async def kafka_topics(infra: Addresses, topic_prefix: str) -> None:
    """The module's topics; making and deleting them takes seconds, so only who publishes asks for them."""
    await create_topics(infra.kafka, topic_prefix)


@pytest.fixture(scope="module")
def settings(infra: Addresses, topic_prefix: str, make_database: Callable[[Path], str]) -> LinkSettings:
    """With a database of the module, which `pool` empties for each test."""
    return LinkSettings(
        database_url=make_database(MIGRATIONS),
        kafka=infra.kafka,
        internal_token="token",
        topic_prefix=topic_prefix,
        stop_within=2,
        link_secret=SECRET,
        public_port=0,
        http_port=0,
        database_connections=20,
    )


@pytest.fixture
async def pool(settings: LinkSettings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        await opened.execute(f"TRUNCATE {TABLES}")
        yield opened


@pytest.fixture
async def site(settings: LinkSettings, pool: Pool) -> AsyncIterator[Site]:
    async with running_site(settings, pool) as running:
        yield running


@pytest.fixture
async def client(settings: LinkSettings, pool: Pool) -> AsyncIterator[AsyncClient]:
    app: Any = internal_server(settings, pool, Stream(settings, "link-svc"), "api").config.app
    async with AsyncClient(transport=ASGITransport(app), base_url="http://link-svc") as opened:
        yield opened
