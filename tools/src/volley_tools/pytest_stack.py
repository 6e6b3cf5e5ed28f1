"""The pytest plugin of the workspace: real servers for integration tests, no sockets for unit tests.

Servers are those that VOLLEY_TEST_KAFKA (host:port), VOLLEY_TEST_POSTGRES (URL without a database) and
VOLLEY_TEST_REDIS (URL) name, all three; else a session starts its own in a temporary folder on first use. Either way
a session sees nobody else's data: its databases, topic prefixes and Redis number are its own.
"""

import asyncio
import inspect
import os
import tempfile
import uuid
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
import structlog
from redis import Redis

from volley_chassis.migrations import migrate
from volley_tools.stack.background import run_apart
from volley_tools.stack.kafka import delete_topics
from volley_tools.stack.platform import Addresses
from volley_tools.stack.postgres import create_database, drop_databases
from volley_tools.stack.supervisor import Stack

VARIABLES = ("VOLLEY_TEST_KAFKA", "VOLLEY_TEST_POSTGRES", "VOLLEY_TEST_REDIS")
REDIS_COUNTER = "volley:test-sessions"

MakeDatabase = Callable[[Path], str]
Until = Callable[[Callable[[], object]], Awaitable[None]]


def pytest_configure() -> None:
    """Logged tracebacks without local variables, as in the services: rendering those takes seconds."""
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], renderer])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests get no socket (an event loop's own pair is a Unix one, and allowed)."""
    for item in items:
        if "unit" in item.path.parts:
            item.add_marker(pytest.mark.disable_socket)


@pytest.fixture(scope="session")
def infra() -> Iterator[Addresses]:
    """Addresses of Kafka (`host:port`), Postgres (URL without a database) and Redis (URL)."""
    given = Addresses(*(os.environ.get(name, "") for name in VARIABLES))
    if given.kafka and given.postgres and given.redis:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="volley-test-") as folder:
        stack = Stack(Path(folder), services=(), given=given, scattered=True, durable=False)
        try:
            with stack:
                yield stack.addresses
        finally:
            stack.remove()


@pytest.fixture(scope="session")
def make_database(infra: Addresses) -> Iterator[MakeDatabase]:
    """Call it with a folder of migrations: the URL of a fresh database that has them applied.

    Plain code, callable from async tests too. All its databases are dropped when the session ends.
    """
    templates: dict[Path, str] = {}
    made: list[str] = []

    def create(template: str = "template1") -> str:
        made.append(name := f"test_{uuid.uuid4().hex}")
        run_apart(create_database(infra.postgres, name, template))
        return name

    def make(migrations: Path) -> str:
        folder = migrations.resolve()
        if folder not in templates:
            template = create()
            run_apart(migrate(f"{infra.postgres}/{template}", folder))
            templates[folder] = template
        return f"{infra.postgres}/{create(templates[folder])}"

    yield make
    run_apart(drop_databases(infra.postgres, made))


@pytest.fixture(scope="module")
def topic_prefix(infra: Addresses) -> Iterator[str]:
    """What the module's topics begin with, like `t3f9a0c1.`; its topics are deleted when it ends."""
    prefix = f"t{uuid.uuid4().hex[:10]}."
    yield prefix
    run_apart(delete_topics(infra.kafka, prefix))


@pytest.fixture(scope="session")
def redis_database(infra: Addresses) -> str:
    """URL of a Redis number that no other session uses."""
    server = infra.redis.rsplit("/", 1)[0]
    with Redis.from_url(f"{server}/0") as client:
        numbers = int(client.config_get("databases")["databases"])
        return f"{server}/{1 + int(client.incr(REDIS_COUNTER)) % (numbers - 1)}"


@pytest.fixture
def redis_url(redis_database: str) -> str:
    """URL of an empty Redis number."""
    with Redis.from_url(redis_database) as client:
        client.flushdb()
    return redis_database


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits until a condition, plain or awaited, holds. The test fails if it does not within half a minute."""

    async def wait(condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not await _value(condition()):  # noqa: ASYNC110 - a condition of any kind sets no event
                await asyncio.sleep(0.005)

    return wait


async def _value(met: object) -> object:
    return await met if inspect.isawaitable(met) else met
