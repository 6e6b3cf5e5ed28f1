"""Removing a sender while a campaign with it is submitted: one of the two is refused, whoever comes first."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from campaign_svc.store import senders
from volley_chassis.database import Connection, Pool

WITHIN = 30


async def until_somebody_waits_for(pool: Pool, backend: int, asked: asyncio.Task[Any]) -> int:
    """The backend that waits for a lock of `backend`; 0 if what was asked is done instead."""
    query = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
    async with asyncio.timeout(WITHIN):
        while not asked.done():
            if waits := await pool.fetchval(query, backend):
                return int(waits)
            await asyncio.sleep(0.02)
    return 0


async def backend_of(connection: Connection) -> int:
    return int(await connection.fetchval("SELECT pg_backend_pid()"))


def ask(lab: Any, method: str, path: str) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(lab.client.request(method, path))


async def test_a_campaign_is_not_submitted_with_a_sender_that_is_being_removed(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        await senders.lock(connection, lab.audience.account_id, UUID(draft["sender_id"]))
        submitted = ask(lab, "POST", f"/v1/campaigns/{draft['id']}/submit")
        assert await until_somebody_waits_for(lab.pool, await backend_of(connection), submitted)
        await senders.delete(connection, lab.audience.account_id, UUID(draft["sender_id"]))
    answer = await submitted
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["sender_id"])
    assert (await lab.get(draft))["status"] == "draft"


async def test_a_sender_is_not_removed_while_a_campaign_with_it_is_being_submitted(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE campaign_history IN EXCLUSIVE MODE")  # holds the submission half-way
        submitted = ask(lab, "POST", f"/v1/campaigns/{draft['id']}/submit")
        submitting = await until_somebody_waits_for(lab.pool, await backend_of(connection), submitted)
        removed = ask(lab, "DELETE", f"/v1/senders/{draft['sender_id']}")
        assert await until_somebody_waits_for(lab.pool, submitting, removed)
    assert (await submitted).is_success
    answer = await removed
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert (await lab.get(draft))["status"] == "processing"


async def test_campaigns_are_submitted_with_one_sender_side_by_side(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        assert await senders.hold(connection, lab.audience.account_id, UUID(draft["sender_id"]))
        await lab.do(draft, "submit")
