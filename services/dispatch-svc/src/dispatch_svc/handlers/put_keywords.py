"""Replaces an account's own keywords: they hold for every message that is received from then on."""

from collections.abc import Iterable
from uuid import UUID

from dispatch_svc.domain.keywords import Word, check_own
from dispatch_svc.store import keywords
from volley_chassis.database import Pool


async def put_keywords(pool: Pool, account_id: UUID, words: Iterable[Word]) -> list[Word]:
    """Those that hold now. NoWordError."""
    checked = check_own(words)
    async with pool.acquire() as connection, connection.transaction():
        await keywords.put(connection, account_id, checked)
        return await keywords.own(connection, account_id)
