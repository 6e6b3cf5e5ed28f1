"""Campaigns made and submitted by other services: each command twice, answered once a command."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from campaign_svc.handlers.obey_command import obey_command
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import CommandAnswered, CreateCampaign, SubmitCampaign, decode, new_id, now

TEXT = {"variants": [{"text": "Your order has shipped.", "ratio": 100}]}


async def command(pool: Pool, event: CreateCampaign | SubmitCampaign) -> CommandAnswered:
    """The answer to a command that comes twice."""
    command_id = str(new_id())
    for _ in range(2):
        await obey_command(pool, Received(command_id, "t", "/shop", now(), event), at=now())
    rows = await pool.fetch("SELECT value, headers FROM outbox WHERE headers ->> 'ce_id' = $1", f"answer:{command_id}")
    found = [decode(row["headers"]["ce_type"], row["value"]) for row in rows]
    first, again = found
    assert isinstance(first, CommandAnswered)
    assert isinstance(again, CommandAnswered)
    assert (first.accepted, first.problems) == (again.accepted, again.problems)
    return again


@pytest.fixture
async def choices(lab: Any) -> dict[str, Any]:
    """What a complete campaign of the account is made of."""
    made = await lab.draft()
    return {name: made[name] for name in ("audience", "sender_id")} | {
        "name": "Shipped",
        "content": TEXT,
        "schedule": {"start": "now"},
    }


def create(caller: Caller, choices: dict[str, Any], *, submit: bool, id_: UUID | None = None) -> CreateCampaign:
    return CreateCampaign(
        account_id=caller.account_id, campaign_id=id_ or new_id(), actor="shop", campaign=choices, submit=submit
    )


async def test_a_campaign_is_made_and_submitted_once(lab: Any, caller: Caller, choices: dict[str, Any]) -> None:
    event = create(caller, choices, submit=True)
    answer = await command(lab.pool, event)
    assert (answer.accepted, answer.status, answer.problems) == (True, "processing", [])
    history = (await lab.client.get(f"/v1/campaigns/{event.campaign_id}/history")).json()["items"]
    assert [(move["move"], move["actor"]) for move in history] == [("submit", "service:shop")]


async def test_who_sent_it_by_command_may_not_approve_it(
    lab: Any, client_of: Any, caller: Caller, choices: dict[str, Any]
) -> None:
    held = {"content": {"variants": [{"text": "Our casino opens today! Reply STOP to end.", "ratio": 100}]}}
    event = msgspec.structs.replace(create(caller, choices | held, submit=True), actor="Ada@shop.example")
    assert (await command(lab.pool, event)).accepted
    await lab.prepare()
    approval = f"/v1/moderation/{event.campaign_id}/approve", {"comment": "fine"}
    ada = msgspec.structs.replace(caller, actor="user:ada@shop.example", role="reviewer")
    key = msgspec.structs.replace(caller, actor="key:vk_11111111", owner=ada.actor, role="reviewer")
    for own in (ada, key):
        async with client_of(own) as client:
            assert (await client.post(approval[0], json=approval[1])).json()["code"] == "own_campaign"
    async with client_of(msgspec.structs.replace(caller, actor="user:rita@shop.example", role="reviewer")) as client:
        assert (await client.post(approval[0], json=approval[1])).json()["status"] == "started"


async def test_a_draft_is_made_and_submitted_by_two_commands(lab: Any, caller: Caller, choices: dict[str, Any]) -> None:
    event = create(caller, choices, submit=False)
    assert (await command(lab.pool, event)).status == "draft"
    submit = SubmitCampaign(account_id=caller.account_id, campaign_id=event.campaign_id, actor="shop")
    assert (await command(lab.pool, submit)).status == "processing"
    await lab.client.post(f"/v1/campaigns/{event.campaign_id}/abort")
    refused = await command(lab.pool, submit)
    assert (refused.accepted, refused.status, refused.problems[0].message) == (
        False,
        "aborted",
        "the campaign is aborted",
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"colour": "red"}, "campaign"),
        ({"schedule": {"start": "soon"}}, "campaign"),
        ({"sender_id": str(new_id())}, "sender_id"),
        ({"audience": {"include": [str(new_id())]}}, "audience.include"),
        ({"content": {"variants": [{"text": "Hi {{ nothing }}", "ratio": 100}]}}, "content.variants[0].text"),
        ({"schedule": None}, "schedule"),  # legal in a draft, and missing for submitting
    ],
)
async def test_a_refused_command_says_why_and_leaves_nothing(
    lab: Any, caller: Caller, choices: dict[str, Any], change: dict[str, Any], field: str
) -> None:
    event = create(caller, choices | change, submit=True)
    answer = await command(lab.pool, event)
    assert (answer.accepted, answer.status) == (False, None)
    assert answer.problems[0].field == field
    assert answer.problems[0].fix
    assert (await lab.client.get(f"/v1/campaigns/{event.campaign_id}")).status_code == 404


@pytest.mark.parametrize("actor", ["", " ", "shop\0"])
async def test_who_asks_has_a_name(lab: Any, caller: Caller, choices: dict[str, Any], actor: str) -> None:
    event = msgspec.structs.replace(create(caller, choices, submit=False), actor=actor)
    answer = await command(lab.pool, event)
    assert (answer.accepted, [problem.field for problem in answer.problems]) == (False, ["actor"])


async def test_another_accounts_campaign_is_out_of_reach(lab: Any, caller: Caller, choices: dict[str, Any]) -> None:
    mine = create(caller, choices, submit=False)
    await command(lab.pool, mine)
    stranger = new_id()
    taken = msgspec.structs.replace(mine, account_id=stranger, campaign={"name": "Mine"})
    assert [problem.message for problem in (await command(lab.pool, taken)).problems] == ["is taken"]
    submit = SubmitCampaign(account_id=stranger, campaign_id=mine.campaign_id, actor="eve")
    answer = await command(lab.pool, submit)
    assert (answer.accepted, answer.status) == (False, None)
    assert (await lab.client.get(f"/v1/campaigns/{mine.campaign_id}")).json()["status"] == "draft"
