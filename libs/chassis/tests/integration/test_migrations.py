"""Code waits for its schema: as long as a migration is missing, by reading alone, and no longer than it is told."""

import asyncio
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from volley_chassis.migrations import NotMigratedError, migrate, wait_until_migrated
from volley_tools.pytest_stack import Until

WITHIN = 30
READ_ONLY = "?default_transaction_read_only=on"
MakeDatabase = Callable[[Path], str]


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """The migrations of a release."""
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "0001_first.sql").write_text("CREATE TABLE first (id integer)")
    return folder


def next_release(release: Path) -> Path:
    (release / "0002_second.sql").write_text("CREATE TABLE second (id integer)")
    return release


async def test_nothing_is_waited_for_where_everything_is_applied(make_database: MakeDatabase, release: Path) -> None:
    await wait_until_migrated(make_database(release) + READ_ONLY, release, WITHIN)


async def test_going_back_a_release_waits_for_nothing(
    make_database: MakeDatabase, release: Path, tmp_path: Path
) -> None:
    newer = tmp_path / "newer"
    newer.mkdir()
    (newer / "0001_first.sql").write_text((release / "0001_first.sql").read_text())
    await wait_until_migrated(make_database(next_release(newer)) + READ_ONLY, release, WITHIN)


async def test_a_new_database_is_waited_for_until_its_last_migration(
    make_database: MakeDatabase, release: Path, tmp_path: Path, until: Until
) -> None:
    database = make_database(tmp_path / "none")
    await run(database, "DROP TABLE schema_migrations")
    with capture_logs() as logs:
        async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
            waiting = group.create_task(wait_until_migrated(database + READ_ONLY, release, WITHIN))
            await until(lambda: tells(logs, "the database lacks 0001_first"))
            await migrate(database, release)
    assert waiting.done()
    assert logs[-1]["event"] == "every migration is applied"


async def test_an_old_schema_is_waited_for_until_its_last_migration(
    make_database: MakeDatabase, release: Path, until: Until
) -> None:
    database = make_database(release)
    with capture_logs() as logs:
        async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
            waiting = group.create_task(wait_until_migrated(database + READ_ONLY, next_release(release), WITHIN))
            await until(lambda: tells(logs, "the database lacks 0002_second"))
            assert not waiting.done()
            await migrate(database, release)
    assert waiting.done()


async def test_waiting_ends_with_the_names_of_what_is_missing(make_database: MakeDatabase, release: Path) -> None:
    database = make_database(release)
    with pytest.raises(NotMigratedError, match="0002_second") as raised:
        await wait_until_migrated(database, next_release(release), 1)
    assert "0001_first" not in str(raised.value)


async def test_a_database_that_does_not_answer_is_waited_for(release: Path, unused_tcp_port: int) -> None:
    with pytest.raises(NotMigratedError, match="does not answer: ConnectionRefusedError"):
        await wait_until_migrated(f"postgresql://u:p@127.0.0.1:{unused_tcp_port}/d", release, 1)


async def test_what_waiting_does_not_heal_fails_at_once(make_database: MakeDatabase, release: Path) -> None:
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await wait_until_migrated(make_database(release) + "_missing", release, WITHIN)


async def run(database: str, statement: str) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def tells(logs: list[MutableMapping[str, Any]], reason: str) -> bool:
    return any(line.get("reason") == reason for line in logs)
