import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from volley_chassis.settings import ServiceSettings
from volley_chassis.topics import create_topics
from volley_tools.stack.platform import Addresses

_tests = itertools.count()
MIGRATIONS = Path(__file__).parent / "migrations"


@pytest.fixture
async def settings(infra: Addresses, topic_prefix: str, make_database: Callable[[Path], str]) -> ServiceSettings:
    prefix = f"{topic_prefix}{next(_tests)}."  # topics of its own for each test
    await create_topics(infra.kafka, prefix)
    return ServiceSettings(
        database_url=make_database(MIGRATIONS),
        kafka=infra.kafka,
        internal_token="token",
        topic_prefix=prefix,
        stop_within=5,
    )
