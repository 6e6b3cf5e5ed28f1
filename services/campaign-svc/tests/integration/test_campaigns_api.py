"""The campaigns' API: steps, errors that name field and fix, ETags, lists, deletion, preview."""

from typing import Any
from uuid import UUID

import pytest

from volley_contracts import CampaignEdited, decode, new_id, topics


async def test_a_draft_is_filled_in_steps(lab: Any) -> None:
    created = await lab.client.post("/v1/campaigns", json={"name": "Été 50 % & más 🛍️"})
    campaign = created.json()
    assert (campaign["status"], campaign["type"]) == ("draft", "outbound")
    assert [fault["field"] for fault in campaign["missing"]] == [
        "audience.include",
        "sender_id",
        "content.variants",
        "schedule",
    ]
    segment = await lab.audience.segment("s", 0, 3)
    campaign = await lab.edit(campaign, audience={"include": [str(segment)]})
    campaign = await lab.edit(campaign, sender_id=str(await lab.audience.sender()))
    campaign = await lab.edit(campaign, content={"variants": [{"text": "Hi {{ optout_url }}"}]})
    assert [fault["field"] for fault in campaign["missing"]] == ["schedule", "content.optout_pool_id"]
    refused = await lab.do(campaign, "submit", 422)
    assert [error["field"] for error in refused["errors"]] == ["schedule", "content.optout_pool_id"]
    assert all(error["fix"] for error in refused["errors"])
    assert (await lab.get(campaign))["status"] == "draft"  # nothing half done
    assert await lab.moves(campaign) == []
    campaign = await lab.edit(campaign, content={"optout_pool_id": str(new_id())}, schedule={"start": "now"})
    assert campaign["missing"] == []
    assert campaign["content"]["variants"][0]["text"] == "Hi {{ optout_url }}"


async def test_another_name_or_other_tags_are_told(lab: Any) -> None:
    campaign = (await lab.client.post("/v1/campaigns", json={"name": "May"})).json()
    for edit in ({"tags": ["sale"]}, {"name": "June"}, {"type": "two_way"}, {"name": "June", "tags": ["sale"]}):
        campaign = await lab.edit(campaign, **edit)
    name = "volley.campaign.edited.v1"
    rows = await lab.pool.fetch("SELECT value FROM outbox WHERE headers ->> 'ce_type' = $1 ORDER BY id", name)
    told = [event for row in rows if isinstance(event := decode(name, row["value"]), CampaignEdited)]
    mine = [event for event in told if str(event.campaign_id) == campaign["id"]]
    assert [(event.campaign_name, event.tags) for event in mine] == [("May", ("sale",)), ("June", ("sale",))]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"type": "inbound"}, "type"),
        ({"audience": {"include": ["x"]}}, "include"),
        ({"audience": {"include": [str(UUID(int=7))]}}, "audience.include"),
        ({"sender_id": str(UUID(int=7))}, "sender_id"),
        ({"content": {"variants": [{"text": "Hi {{ nobody }}"}]}}, "content.variants[0].text"),
        ({"content": {"variants": [{"text": "Hi {{"}]}}, "content.variants[0].text"),
        ({"content": {"variants": [{"text": "a", "ratio": 50}, {"text": "b", "ratio": 51}]}}, "content.variants"),
        ({"content": {"target_url": "no url"}}, "content.target_url"),
        ({"schedule": {"start": "at"}}, "schedule.at"),
        ({"schedule": {"start": "at", "at": "2031-01-01T00:00:00"}}, "at"),
        ({"budget": {"amount": "-1", "currency": "EUR"}}, "budget.amount"),
        ({"max_parts_per_second": 0}, "max_parts_per_second"),
    ],
)
async def test_bad_input_names_the_field_and_changes_nothing(lab: Any, patch: dict[str, Any], field: str) -> None:
    campaign = (await lab.client.post("/v1/campaigns", json={"name": "n"})).json()
    refused = await lab.client.patch(f"/v1/campaigns/{campaign['id']}", json={"tags": ["new"]} | patch)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert field in [error["field"].rpartition("$.")[2] for error in refused.json()["errors"]] or field in refused.text
    assert (await lab.get(campaign))["tags"] == []


async def test_two_who_edit_at_once_hear_of_each_other(lab: Any) -> None:
    created = await lab.client.post("/v1/campaigns", json={"name": "n"})
    path, seen = f"/v1/campaigns/{created.json()['id']}", {"If-Match": created.headers["etag"]}
    first = await lab.client.patch(path, json={"name": "first"}, headers=seen)
    assert first.status_code == 200
    second = await lab.client.patch(path, json={"name": "second"}, headers=seen)
    assert (second.status_code, second.json()["code"]) == (412, "stale")
    again = await lab.client.patch(path, json={"name": "second"}, headers={"If-Match": first.headers["etag"]})
    assert again.json()["name"] == "second"
    for nonsense in ('"x"', "W/", '"99999999999999999999"'):
        assert (await lab.client.patch(path, json={}, headers={"If-Match": nonsense})).status_code == 412


async def test_an_illegal_move_names_the_status_and_what_is_allowed(lab: Any) -> None:
    draft = await lab.draft()
    for what in ("start", "pause", "resume", "abort"):
        refused = await lab.do(draft, what, 409)
        assert (refused["code"], refused["campaign_status"]) == ("illegal_move", "draft")
        assert refused["allowed"] == ["submit", "delete"]


async def test_nul_characters_break_nothing(lab: Any) -> None:
    made = await lab.started()
    await lab.do(made, "pause", 422, reason="\x00")
    await lab.do(made, "pause")
    assert (await lab.client.get("/v1/campaigns", params={"name": "\x00"})).status_code == 422
    await lab.edit(made, 422, content={"variants": [{"text": "\x00 {{ short_url }} {{ optout_url }}"}]})


async def test_what_an_active_campaign_cannot_change_is_named(lab: Any) -> None:
    made = await lab.started()
    refused = await lab.edit(made, 409, audience={"include": []}, name="new")
    assert (refused["code"], refused["fields"]) == ("not_editable", ["include"])
    assert "name" in refused["editable"]


@pytest.mark.parametrize("status", ["draft", "started"])
async def test_deleting_ends_what_is_active_and_hides_it(lab: Any, status: str) -> None:
    made = await (lab.draft() if status == "draft" else lab.started())
    assert (await lab.client.delete(f"/v1/campaigns/{made['id']}")).status_code == 204
    assert (await lab.client.get(f"/v1/campaigns/{made['id']}")).status_code == 404
    assert (await lab.client.delete(f"/v1/campaigns/{made['id']}")).status_code == 404
    moves = [event.move for event in await lab.events(made, topics.CAMPAIGN_LIFECYCLE)]
    assert moves[-2:] == (["delete"] if status == "draft" else ["abort", "delete"])
    listed = (await lab.client.get("/v1/campaigns")).json()
    assert listed["items"] == []
    deleted = (await lab.client.get("/v1/campaigns", params={"status": "deleted"})).json()
    assert ([item["id"] for item in deleted["items"]], deleted["total"]) == ([made["id"]], 1)
    history = (await lab.client.get(f"/v1/campaigns/{made['id']}/history")).json()["items"]
    assert history[-1]["move"] == "delete"


async def test_a_duplicate_is_a_draft_with_the_same_choices(lab: Any) -> None:
    made = await lab.started()
    clone = await lab.do(made, "duplicate", 201)
    assert (clone["status"], clone["name"], clone["schedule"]) == ("draft", "Spring sale (copy)", None)
    for same in ("audience", "sender_id", "tags", "type"):
        assert clone[same] == made[same]
    assert clone["content"] == made["content"] | {"hash": None}
    assert clone["counts"]["recipients"] is None


async def test_lists_are_filtered_and_paged(lab: Any) -> None:
    for number in range(5):
        body = {"name": f"Sale {number}", "tags": ["even"] if number % 2 == 0 else ["odd", "x"]}
        await lab.client.post("/v1/campaigns", json=body)
    draft = (await lab.client.get("/v1/campaigns", params={"limit": 2})).json()
    assert ([item["name"] for item in draft["items"]], draft["total"]) == (["Sale 4", "Sale 3"], 5)
    following = (await lab.client.get("/v1/campaigns", params={"limit": 2, "after": draft["next"]})).json()
    assert [item["name"] for item in following["items"]] == ["Sale 2", "Sale 1"]
    last = (await lab.client.get("/v1/campaigns", params={"limit": 2, "after": following["next"]})).json()
    assert ([item["name"] for item in last["items"]], last["next"]) == (["Sale 0"], None)

    async def names(**params: Any) -> list[str]:
        answer = await lab.client.get("/v1/campaigns", params=params)
        assert answer.status_code == 200, answer.text
        assert answer.json()["total"] == len(answer.json()["items"])
        return [item["name"] for item in answer.json()["items"]]

    assert await names(name="SALE 3") == ["Sale 3"]
    assert await names(name="%") == []
    assert await names(tag=["odd", "x"], sort="created") == ["Sale 1", "Sale 3"]
    assert await names(status=["sending", "paused"]) == []
    assert len(await names(status=["draft", "paused"])) == 5
    assert await names(type="two_way") == []
    assert await names(created_before="2020-01-01T00:00:00Z") == []
    assert len(await names(created_from="2020-01-01T00:00:00Z")) == 5
    assert await names(sender_id=str(new_id())) == []
