"""A campaign made in the wizard's steps: each saved by itself, half done if need be, until nothing is missing."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from volley_contracts import new_id

TEXT = "Hi {{ first_name | there }}, see {{ short_url }} - stop: {{ optout_url }}"


async def put(lab: Any, made: dict[str, Any], step: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer: httpx.Response = await lab.client.put(f"/v1/campaigns/{made['id']}/steps/{step}", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def open_steps(lab: Any, made: dict[str, Any]) -> list[str]:
    return [state["step"] for state in (await lab.get(made, "/steps"))["items"] if not state["complete"]]


@pytest.fixture
async def made(lab: Any) -> dict[str, Any]:
    return dict((await lab.client.post("/v1/campaigns", json={"name": "In steps"})).json())


async def test_a_campaign_is_made_step_by_step_in_any_order(lab: Any, made: dict[str, Any]) -> None:
    segment = await lab.audience.segment("people", 0, 20, first_name="Zoe")
    assert await open_steps(lab, made) == ["audience", "sender", "content", "schedule", "review"]
    refused = await lab.do(made, "submit", 422)
    assert {error["field"] for error in refused["errors"]} >= {"audience.include", "sender_id", "schedule"}

    half = await put(lab, made, "schedule", schedule={"start": "at"})
    assert [problem["field"] for problem in half["problems"]] == ["schedule.at"]
    half = await put(lab, made, "content", variants=[{"text": TEXT, "ratio": 60}, {"text": "", "ratio": 30}])
    assert not half["complete"]
    assert [problem["field"] for problem in half["problems"]] == [
        "content.variants",
        "content.variants[1].text",
        "content.target_url",
        "content.short_pool_id",
        "content.optout_pool_id",
    ]
    assert [v["text"] for v in (await lab.get(made))["content"]["variants"]] == [TEXT, ""]
    assert await open_steps(lab, made) == ["audience", "sender", "content", "schedule", "review"]
    assert (await lab.do(made, "submit", 422))["errors"]

    assert (await put(lab, made, "audience", include=[str(segment)]))["complete"]
    assert (await put(lab, made, "sender", sender_id=str(await lab.audience.sender())))["complete"]
    assert (await put(lab, made, "schedule", schedule={"start": "manual"}, max_parts_per_second=5))["complete"]
    assert (await put(lab, made, "basics", name="Done in steps", tags=["a"], type="outbound"))["complete"]
    assert await open_steps(lab, made) == ["content", "review"]
    whole = await put(
        lab,
        made,
        "content",
        variants=[{"text": TEXT}],
        target_url="https://shop.example/",
        short_pool_id=str(lab.neighbours.add_pool("short")),
        optout_pool_id=str(lab.neighbours.add_pool("optout")),
    )
    assert whole["complete"]
    assert await open_steps(lab, made) == []
    review = await lab.get(made, "/steps/review")
    assert (review["complete"], review["verdict"], review["findings"]) == (True, "pass", [])
    await lab.do(made, "submit")
    await lab.prepare()
    done = await lab.get(made)
    assert (done["status"], done["name"], done["max_parts_per_second"]) == ("ready", "Done in steps", 5)


@pytest.mark.parametrize(
    ("step", "body", "field"),
    [
        ("basics", {"name": " "}, "name"),
        ("audience", {"include": [str(new_id())]}, "audience.include"),
        ("sender", {"sender_id": str(new_id())}, "sender_id"),
        ("content", {"variants": [{"text": "Hi {{ first_name"}]}, "content.variants[0].text"),
        ("content", {"variants": [], "target_url": "shop"}, "content.target_url"),
        ("schedule", {"schedule": {"start": "at", "at": "2001-01-01T00:00:00Z"}}, "schedule.at"),
        ("schedule", {"max_parts_per_second": 0}, "max_parts_per_second"),
        ("schedule", {"start": "now"}, "start"),
    ],
)
async def test_each_step_is_validated_alone(
    lab: Any, made: dict[str, Any], step: str, body: dict[str, Any], field: str
) -> None:
    refused = await put(lab, made, step, 422, **body)
    assert field in {error["field"] for error in refused["errors"]}
    assert (await lab.get(made))["revision"] == 1


async def test_a_step_is_replaced_whole_and_guarded_by_its_etag(lab: Any, made: dict[str, Any]) -> None:
    segment = str(await lab.audience.segment("some", 0, 3))
    await put(lab, made, "audience", include=[segment])
    await put(lab, made, "audience")
    assert (await lab.get(made))["audience"] == {"include": [], "exclude": []}
    path = f"/v1/campaigns/{made['id']}/steps/sender"
    stale = await lab.client.put(path, json={"sender_id": None}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")


async def test_the_review_foresees_cost_end_and_pools_and_keeps_nothing_of_it(lab: Any) -> None:
    short = lab.neighbours.add_pool("short", remaining=70)
    draft = await lab.draft(100, content={"short_pool_id": str(short)}, schedule={"start": "manual"})
    review = await lab.get(draft, "/steps/review")
    assert (review["complete"], review["recipients"], review["obstacle"]) == (True, 100, None)
    assert [country["country"] for country in review["forecast"]["countries"]] == ["US"]
    pools = {pool["purpose"]: pool for pool in review["forecast"]["pools"]}
    assert (pools["short"]["ends_at_message"], pools["short"]["lacking"]) == (71, 30)
    still = await lab.get(draft)
    assert (still["status"], still["forecast"]) == ("draft", None)
    assert not await lab.pool.fetchval("SELECT count(*) FROM recipients WHERE campaign_id = $1", UUID(draft["id"]))
    await lab.do(draft, "submit")
    await lab.prepare()
    made = (await lab.get(draft))["forecast"]
    changing = ("start_at", "finish_at")
    assert {**made, **dict.fromkeys(changing)} == {**review["forecast"], **dict.fromkeys(changing)}


async def test_the_review_says_for_what_processing_would_send_it_back(lab: Any) -> None:
    draft = await lab.draft()
    lab.neighbours.coverage = None
    review = await lab.get(draft, "/steps/review")
    assert (review["complete"], review["forecast"]) == (False, None)
    assert review["obstacle"] == "The account has no rate card or no route yet: nothing can be sent."


async def test_the_review_foresees_what_moderation_will_say(lab: Any, made: dict[str, Any]) -> None:
    await put(lab, made, "content", variants=[{"text": "Cheap cocaine at bit.ly/x1"}])
    review = await lab.get(made, "/steps/review")
    assert review["verdict"] == "reject"
    assert {finding["rule"] for finding in review["findings"]} == {
        "banned_term",
        "public_shortener",
        "foreign_host",
        "missing_opt_out",
    }
    lab.neighbours.down = True
    assert (await lab.get(made, "/steps/review"))["verdict"] == "reject"


async def test_steps_of_an_active_campaign_follow_its_status(lab: Any) -> None:
    started = await lab.started()
    assert (await lab.get(started, "/steps"))["items"][-1] == {"step": "review", "complete": True, "problems": []}
    assert (await put(lab, started, "audience", 409))["code"] == "not_editable"
    kept = {**started["content"], "variants": [{"text": ""}]}
    kept.pop("hash")
    assert (await put(lab, started, "content", 422, **kept))["errors"]
