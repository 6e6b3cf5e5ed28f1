"""The rules of moderation that accounts made for themselves."""

from uuid import UUID

import msgspec

from campaign_svc.domain.account_rules import MAX_RULES, AccountRule
from volley_chassis.database import Connection, Pool, queries

SQL = queries("campaign_svc.store", "moderation_rules.sql")


async def add(pool: Pool, account_id: UUID, rule: AccountRule) -> bool:
    """False where there is such a rule already, or as many as there may be."""
    id_, *values = msgspec.structs.astuple(rule)
    return await pool.fetchval(SQL["add"], id_, account_id, *values, MAX_RULES) is True


async def count(pool: Pool, account_id: UUID) -> int:
    return int(await pool.fetchval(SQL["count"], account_id))


async def of_account(
    connection: Connection | Pool, account_id: UUID, *, after: UUID | None = None, limit: int = MAX_RULES
) -> list[AccountRule]:
    """In the order in which they were made."""
    return [AccountRule(**dict(row)) for row in await connection.fetch(SQL["of_account"], account_id, after, limit)]


async def delete(pool: Pool, account_id: UUID, rule_id: UUID) -> bool:
    """Whether there was such a rule."""
    return await pool.fetchval(SQL["delete"], account_id, rule_id) is True
