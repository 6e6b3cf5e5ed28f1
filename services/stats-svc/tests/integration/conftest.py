from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from stats_svc.config import Settings
from volley_chassis import database
from volley_chassis.database import Pool
from volley_chassis.topics import create_topics
from volley_tools.stack.platform import Addresses

MIGRATIONS = Path(__file__).parents[2] / "migrations"


@pytest.fixture
async def settings(infra: Addresses, topic_prefix: str, make_database: Callable[[Path], str]) -> Settings:
    await create_topics(infra.kafka, topic_prefix)
    return Settings(
        database_url=make_database(MIGRATIONS),
        kafka=infra.kafka,
        internal_token="token",
        topic_prefix=topic_prefix,
        stop_within=5,
    )


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        yield opened
