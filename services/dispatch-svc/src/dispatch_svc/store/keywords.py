"""Words that mean something to an account, beside the built-in ones."""

from collections.abc import Collection, Mapping
from uuid import UUID

from dispatch_svc.domain.keywords import Word
from volley_chassis.database import Connection, queries

_SQL = queries(__package__, "keywords.sql")


async def put(connection: Connection, account_id: UUID, words: Mapping[str, Word]) -> None:
    """Replace the account's own words, by how they are recognised; call it in a transaction."""
    given = words.values()
    columns = ([one.word for one in given], [one.keyword for one in given], [one.language for one in given])
    await connection.execute(_SQL["clear"], account_id)
    await connection.execute(_SQL["fill"], account_id, list(words), *columns)


async def own(connection: Connection, account_id: UUID) -> list[Word]:
    return [Word(**dict(row)) for row in await connection.fetch(_SQL["own"], account_id)]


async def among(connection: Connection, account_id: UUID, plains: Collection[str]) -> dict[str, Word]:
    """Those of the texts that are words of the account, by how they are recognised."""
    rows = await connection.fetch(_SQL["among"], account_id, list(plains))
    return {row["plain"]: Word(row["word"], row["keyword"], row["language"]) for row in rows}
