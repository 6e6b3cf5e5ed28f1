"""The fixtures that all integration tests stand on."""

from collections.abc import Callable
from pathlib import Path

import asyncpg
from redis import Redis


async def test_databases_are_fresh_and_migrated(make_database: Callable[[Path], str], tmp_path: Path) -> None:
    (tmp_path / "0001_things.sql").write_text("CREATE TABLE things (name text)")
    first = await asyncpg.connect(make_database(tmp_path))
    second = await asyncpg.connect(make_database(tmp_path))
    await first.execute("INSERT INTO things VALUES ('only here')")
    assert await first.fetchval("SELECT count(*) FROM things") == 1
    assert await second.fetchval("SELECT count(*) FROM things") == 0
    await first.close()
    await second.close()


def test_redis_is_empty_and_not_the_shared_number(redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
    assert not redis_url.endswith("/0")


def test_topic_prefixes_can_begin_a_topic(topic_prefix: str) -> None:
    assert topic_prefix.endswith(".")
    assert topic_prefix[:-1].isalnum()
