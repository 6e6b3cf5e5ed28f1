"""What accounts want answered to keywords in place of Volley's own texts, and what the accounts are called."""

from datetime import datetime
from uuid import UUID

import msgspec

from campaign_svc.domain.keyword_replies import Answered
from volley_chassis.database import Connection, Pool, queries
from volley_chassis.http import Caller

SQL = queries("campaign_svc.store", "keyword_replies.sql")


class KeywordReply(msgspec.Struct, frozen=True, kw_only=True):
    """`language` (ISO 639) None: to words of every language that has none of its own. `text` None: nothing is sent."""

    keyword: Answered
    language: str | None
    text: str | None
    changed_at: datetime
    changed_by: str


async def of_account(connection: Connection | Pool, account_id: UUID) -> list[KeywordReply]:
    return [KeywordReply(**dict(row)) for row in await connection.fetch(SQL["all"], account_id)]


async def find(
    connection: Connection, account_id: UUID, keyword: Answered, language: str | None
) -> tuple[bool, str | None]:
    """Whether the account says what is answered to a keyword of the language, and what that is."""
    row = await connection.fetchrow(SQL["find"], account_id, keyword, language)
    return (True, row["text"]) if row else (False, None)


async def put(
    connection: Connection,
    account_id: UUID,
    keyword: Answered,
    language: str | None,
    text: str | None,
    *,
    at: datetime,
    by: str,
) -> None:
    await connection.execute(SQL["put"], account_id, _key(keyword, language), text, at, by)


async def drop(connection: Connection, account_id: UUID, keyword: Answered, language: str | None) -> None:
    await connection.execute(SQL["drop"], account_id, _key(keyword, language))


async def account_name(connection: Connection | Pool, account_id: UUID) -> str | None:
    """As the gateway last said."""
    name: str | None = await connection.fetchval(SQL["account_name"], account_id)
    return name


async def name_account(connection: Connection | Pool, caller: Caller) -> None:
    """Keep what the caller's account is called."""
    if caller.account_name:
        await connection.execute(SQL["name_account"], caller.account_id, caller.account_name)


def _key(keyword: Answered, language: str | None) -> str:
    return f"{keyword}:{language}" if language else keyword
