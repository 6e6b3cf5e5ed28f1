"""schema.sql is what the migrations produce."""

from collections.abc import Callable
from pathlib import Path

from volley_tools import schema

SERVICE = Path(__file__).parents[2]


async def test_schema_is_the_result_of_the_migrations(make_database: Callable[[Path], str], tmp_path: Path) -> None:
    written = make_database(tmp_path)
    await schema.apply(written, SERVICE / "schema.sql")
    assert await schema.shape(written) == await schema.shape(make_database(SERVICE / "migrations"))
