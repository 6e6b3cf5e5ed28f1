"""Words that mean something to an account, beside the built-in ones."""

from collections.abc import Mapping
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


async def find(connection: Connection, account_id: UUID, plain: str) -> Word | None:
    row = await connection.fetchrow(_SQL["find"], account_id, plain)
    return Word(**dict(row)) if row else None
