"""Replaces an account's own keywords: they hold for every message that is received from then on."""

from collections.abc import Iterable
from uuid import UUID

from dispatch_svc.domain.keywords import Word, check_own
from dispatch_svc.store import keywords
from volley_chassis.database import Pool
from volley_chassis.etags import check, one_at_a_time, tag_of


async def put_keywords(pool: Pool, account_id: UUID, words: Iterable[Word], if_match: str | None = None) -> list[Word]:
    """Those that hold now. NoWordError, StaleError."""
    checked = check_own(words)
    async with pool.acquire() as connection, connection.transaction():
        await one_at_a_time(connection, "keywords", account_id)
        check(if_match, tag_of(await keywords.own(connection, account_id)))
        await keywords.put(connection, account_id, checked)
        return await keywords.own(connection, account_id)
