"""Removing a sender while a campaign with it is submitted: one of the two is refused, whoever comes first."""

import asyncio
from typing import Any
from uuid import UUID

import httpx

from campaign_svc.store import senders


def ask(lab: Any, method: str, path: str) -> asyncio.Task[httpx.Response]:
    return asyncio.create_task(lab.client.request(method, path))


async def test_a_campaign_is_not_submitted_with_a_sender_that_is_being_removed(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        await senders.lock(connection, lab.audience.account_id, UUID(draft["sender_id"]))
        submitted = ask(lab, "POST", f"/v1/campaigns/{draft['id']}/submit")
        assert await lab.waits_for(connection.get_server_pid(), submitted)
        await senders.delete(connection, lab.audience.account_id, UUID(draft["sender_id"]))
    answer = await submitted
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (422, ["sender_id"])
    assert (await lab.get(draft))["status"] == "draft"


async def test_a_sender_is_not_removed_while_a_campaign_with_it_is_being_submitted(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE campaign_history IN EXCLUSIVE MODE")  # holds the submission half-way
        submitted = ask(lab, "POST", f"/v1/campaigns/{draft['id']}/submit")
        submitting = await lab.waits_for(connection.get_server_pid(), submitted)
        removed = ask(lab, "DELETE", f"/v1/senders/{draft['sender_id']}")
        assert await lab.waits_for(submitting, removed)
    assert (await submitted).is_success
    answer = await removed
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")
    assert (await lab.get(draft))["status"] == "processing"


async def test_campaigns_are_submitted_with_one_sender_side_by_side(lab: Any) -> None:
    draft = await lab.draft()
    async with lab.pool.acquire() as connection, connection.transaction():
        assert await senders.hold(connection, lab.audience.account_id, UUID(draft["sender_id"]))
        await lab.do(draft, "submit")
