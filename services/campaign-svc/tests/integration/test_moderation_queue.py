"""Moderation on the way: rejected, held for a reviewer, approved by somebody else."""

from typing import Any

import msgspec
import pytest

from volley_chassis.http import Caller

HELD = "Our casino opens today! {{ short_url }} {{ optout_url }}"
BANNED = "Cheap cocaine! {{ short_url }} {{ optout_url }}"


@pytest.fixture
async def reviewer(client_of: Any, caller: Caller) -> Any:
    async with client_of(msgspec.structs.replace(caller, actor="rita", role="reviewer")) as client:
        yield client


async def decide(client: Any, campaign: dict[str, Any], what: str, status: int = 200) -> dict[str, Any]:
    answer = await client.post(f"/v1/moderation/{campaign['id']}/{what}", json={"comment": "because"})
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def test_a_banned_text_is_rejected_with_its_span_and_can_be_mended(lab: Any) -> None:
    made = await lab.prepared(content={"variants": [{"text": BANNED}]})
    assert (made["status"], made["reason"]["code"]) == ("rejected", "content_rejected")
    (finding,) = made["moderation"]["findings"]
    assert (finding["matched"], finding["start"], finding["end"]) == ("cocaine", 6, 13)
    mended = await lab.edit(made, content={"variants": [{"text": "Cheap cake! {{ short_url }} {{ optout_url }}"}]})
    assert (mended["status"], mended["missing"]) == ("draft", [])
    await lab.do(made, "submit")
    await lab.prepare()
    assert (await lab.get(made))["status"] == "ready"


async def test_what_is_held_waits_in_the_queue_for_somebody_else(lab: Any, reviewer: Any) -> None:
    made = await lab.prepared(content={"variants": [{"text": HELD}]}, schedule={"start": "now"})
    assert (made["status"], made["moderation"]["verdict"]) == ("processing", "review")
    await lab.prepare()  # it is not judged again
    assert await lab.moves(made) == ["submit", "hold"]
    (waiting,) = (await reviewer.get("/v1/moderation/queue")).json()["items"]
    assert (waiting["campaign_id"], waiting["submitted_by"]) == (made["id"], "olga")
    assert (await decide(lab.client, made, "approve", 403))["code"] == "own_campaign"
    approved = await decide(reviewer, made, "approve")
    assert approved["status"] == "started"
    assert approved["content"]["hash"] == made["moderation"]["content_hash"]
    assert (approved["moderation"]["decided_by"], approved["moderation"]["comment"]) == ("rita", "because")
    assert (await reviewer.get("/v1/moderation/queue")).json()["items"] == []
    assert (await decide(reviewer, made, "approve", 409))["code"] == "not_waiting"


async def test_nobody_approves_a_campaign_that_they_created_wrote_or_submitted(
    lab: Any, client_of: Any, caller: Caller
) -> None:
    made = await lab.draft()
    async with (
        client_of(msgspec.structs.replace(caller, actor="wim", role="admin")) as writer,
        client_of(msgspec.structs.replace(caller, actor="nina", role="admin")) as renamer,
        client_of(msgspec.structs.replace(caller, actor="sam", role="admin")) as sender,
        client_of(msgspec.structs.replace(caller, actor="rita", role="reviewer")) as reviewer,
    ):
        edit = {"content": {"variants": [{"text": HELD}]}}
        assert (await writer.patch(f"/v1/campaigns/{made['id']}", json=edit)).status_code == 200
        assert (await renamer.patch(f"/v1/campaigns/{made['id']}", json={"name": "Spring"})).status_code == 200
        assert (await sender.post(f"/v1/campaigns/{made['id']}/submit")).status_code == 202
        await lab.prepare()
        for own in (lab.client, writer, renamer, sender):
            assert (await decide(own, made, "approve", 403))["code"] == "own_campaign"
        assert (await decide(reviewer, made, "approve"))["status"] == "ready"
        copy = (await sender.post(f"/v1/campaigns/{made['id']}/duplicate")).json()
        await sender.patch(f"/v1/campaigns/{copy['id']}", json={"schedule": {"start": "manual"}})
        assert (await sender.post(f"/v1/campaigns/{copy['id']}/submit")).status_code == 202
        await lab.prepare()
        assert (await decide(writer, copy, "approve", 403))["code"] == "own_campaign"


async def test_a_key_acts_for_the_user_whom_it_belongs_to(lab: Any, client_of: Any, caller: Caller) -> None:
    ada = "user:ada@shop.example"
    key = msgspec.structs.replace(caller, actor="key:vk_11111111", owner=ada)
    other_key = msgspec.structs.replace(key, actor="key:vk_22222222", role="admin")
    session = msgspec.structs.replace(caller, actor=ada, role="admin")
    rita = msgspec.structs.replace(caller, actor="key:vk_33333333", owner="user:rita@shop.example", role="reviewer")
    made = await lab.draft(content={"variants": [{"text": HELD}]})
    async with client_of(key) as program, client_of(other_key) as other, client_of(session) as herself:
        assert (await program.post(f"/v1/campaigns/{made['id']}/submit")).status_code == 202
        await lab.prepare()
        for own in (program, other, herself):
            assert (await decide(own, made, "approve", 403))["code"] == "own_campaign"
    async with client_of(rita) as reviewer:
        assert (await decide(reviewer, made, "approve"))["status"] == "ready"


async def test_the_queue_has_filters_and_pages_and_the_longest_waiting_comes_first(lab: Any, reviewer: Any) -> None:
    spammy = {"variants": [{"text": f"Hurry!!!! {HELD}"}]}
    edited = await lab.started()
    names = {"Casino A": HELD, "Casino B": HELD}
    waiting = [await lab.prepared(name=name, content={"variants": [{"text": text}]}) for name, text in names.items()]
    await lab.edit(edited, content=spammy)
    await lab.prepare()
    ids = [campaign["id"] for campaign in (*waiting, edited)]

    async def queue(query: str = "") -> dict[str, Any]:
        answer = await reviewer.get(f"/v1/moderation/queue{query}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    first = await queue("?limit=2")
    rest = await queue(f"?limit=2&after={first['next']}")
    assert [item["campaign_id"] for item in first["items"] + rest["items"]] == ids
    assert (first["total"], rest["next"]) == (3, None)
    for query, expected in (
        ("?name=casino%20b", [ids[1]]),
        ("?changed=true", [ids[2]]),
        ("?changed=false&category=gambling", ids[:2]),
        ("?rule=shouting", [ids[2]]),
        ("?category=drugs", []),
        ("?submitted_by=olga", ids),
        ("?submitted_by=nobody", []),
    ):
        found = await queue(query)
        assert ([item["campaign_id"] for item in found["items"]], found["total"]) == (expected, len(expected)), query
    assert (await reviewer.get("/v1/moderation/queue?after=x")).status_code == 422


async def test_a_reviewer_sees_the_whole_content_every_target_and_samples(lab: Any, reviewer: Any) -> None:
    text = "Our casino opens, {{ first_name }}! {{ short_url }} {{ short_url.terms }} {{ optout_url }}"
    links = [{"name": "terms", "target_url": "https://shop.example/terms"}]
    target = "https://shop.example/{{ first_name }}"
    content = {"variants": [{"text": text}], "links": links, "target_url": target, "transliterate": True}
    made = await lab.prepared(content=content)
    seen = (await reviewer.get(f"/v1/campaigns/{made['id']}/moderation")).json()
    assert ([variant["text"] for variant in seen["variants"]], seen["transliterate"]) == ([text], True)
    assert (seen["target_url"], seen["links"]) == (target, links)
    assert (seen["sender_address"], seen["type"]) == (made["sender_address"], "outbound")
    assert (seen["own"], seen["hands"]) == (False, ["olga"])
    assert (await lab.get(made, "/moderation"))["own"] is True
    sample = seen["samples"][0]
    assert sample["text"].startswith("Our casino opens, Zoe! https://go.example/")
    assert sample["targets"]["short_url"] == "https://shop.example/Zoe"


async def test_a_decision_is_about_the_content_that_was_seen(lab: Any, reviewer: Any) -> None:
    made = await lab.started()
    await lab.edit(made, content={"variants": [{"text": HELD}]})
    await lab.prepare()
    seen = (await reviewer.get(f"/v1/campaigns/{made['id']}/moderation")).json()["moderation"]["content_hash"]
    await lab.edit(made, content={"variants": [{"text": f"Poker bonus! {HELD}"}]})
    await lab.prepare()
    body = {"comment": "fine", "content_hash": seen}
    for verdict in ("approve", "reject"):
        refused = await reviewer.post(f"/v1/moderation/{made['id']}/{verdict}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "content_changed")
    now_seen = (await lab.get(made))["moderation"]["content_hash"]
    passed = await reviewer.post(f"/v1/moderation/{made['id']}/approve", json={**body, "content_hash": now_seen})
    assert (passed.status_code, passed.json()["content"]["hash"]) == (200, now_seen)


async def test_a_reviewer_may_reject(lab: Any, reviewer: Any) -> None:
    made = await lab.prepared(content={"variants": [{"text": HELD}]})
    rejected = await decide(reviewer, made, "reject")
    assert (rejected["status"], rejected["reason"]["sentence"]) == ("rejected", "because")
    history = (await lab.get(made, "/history"))["items"]
    assert (history[-1]["move"], history[-1]["actor"], history[-1]["sentence"]) == ("reject", "rita", "because")
    assert [history[-1]["status_from"], history[-1]["status_to"]] == ["processing", "rejected"]
    times = [entry["at"] for entry in history]
    assert times == sorted(times)


async def test_changed_texts_of_an_active_campaign_wait_too(lab: Any, reviewer: Any) -> None:
    made = await lab.started()
    await lab.edit(made, content={"variants": [{"text": HELD}]})
    await lab.prepare()
    held = await lab.get(made)
    assert (held["status"], held["moderation"]["verdict"]) == ("suspended", "review")
    assert (await lab.do(made, "resume", 409))["cause"] == "content_needs_review"
    rejected = await decide(reviewer, made, "reject")
    assert (rejected["status"], rejected["suspension"]["code"]) == ("suspended", "content_rejected")
    await lab.edit(made, content={"variants": [{"text": f"Again: {HELD}"}]})
    await lab.prepare()
    assert (await decide(reviewer, made, "approve"))["status"] == "started"


async def test_a_banned_edit_of_an_active_campaign_leaves_it_suspended(lab: Any) -> None:
    made = await lab.started()
    await lab.do(made, "pause")
    await lab.edit(made, content={"variants": [{"text": BANNED}]})
    await lab.prepare()
    assert (await lab.get(made))["suspension"]["code"] == "content_rejected"
    await lab.edit(made, content={"variants": made["content"]["variants"]})
    await lab.prepare()
    assert (await lab.get(made))["status"] == "paused"


async def test_changed_texts_of_a_ready_campaign_are_prepared_again(lab: Any) -> None:
    made = await lab.prepared()
    edited = await lab.edit(made, content={"variants": [{"text": "Once more {{ short_url }} {{ optout_url }}"}]})
    assert edited["status"] == "processing"
    await lab.prepare()
    again = await lab.get(made)
    assert again["status"] == "ready"
    assert again["counts"]["recipients"] == 100
    assert again["content"]["hash"] != made["content"]["hash"]
