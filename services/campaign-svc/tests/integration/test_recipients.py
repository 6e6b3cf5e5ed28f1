"""The audience is taken in a time that grows with it, whatever the planner believes of an account."""

from typing import Any
from uuid import UUID

from campaign_svc.store import recipients
from volley_chassis.database import Pool
from volley_contracts import new_id

from .conftest import Audience

PEOPLE = 300


async def test_an_account_that_is_new_since_the_last_analyze_is_not_read_once_for_each_member(pool: Pool) -> None:
    known = [Audience(pool, new_id()) for _ in range(3)]
    for one in known:
        await one.segment("everybody", 0, PEOPLE)
    await pool.execute("ANALYZE contacts, segments, segment_members, suppressions")
    new = Audience(pool, new_id())
    include, exclude = await new.segment("everybody", 0, PEOPLE), await new.segment("some", 0, PEOPLE // 2)

    assert _thrown_away(await _plan(pool, new.account_id, include, exclude)) < 10 * PEOPLE


async def _plan(pool: Pool, account_id: UUID, include: UUID, exclude: UUID) -> dict[str, Any]:
    """How Postgres took the audience; it is not kept."""
    choice: list[Any] = [[include], [exclude], ["US"], None, [0], [], None, False]
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            await connection.execute("SET LOCAL session_replication_role = replica")  # there is no such campaign
            explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {recipients.SQL['snapshot']}"
            statement = await connection.prepare(explain)
            choice += [None] * (len(statement.get_parameters()) - 2 - len(choice))
            plan: dict[str, Any] = (await statement.fetchval(new_id(), account_id, *choice))[0]["Plan"]
        finally:
            await transaction.rollback()
    return plan


def _thrown_away(node: dict[str, Any]) -> int:
    """Pairs of rows that were put together and did not fit, in all of the plan."""
    own = node.get("Rows Removed by Join Filter", 0) + node.get("Rows Removed by Filter", 0)
    return int(own * node["Actual Loops"]) + sum(map(_thrown_away, node.get("Plans", [])))
