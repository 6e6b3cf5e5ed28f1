"""Segments by conditions, counted before use; people who clicked; names that change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.record_clicks import correct_clickers, record_clicks
from campaign_svc.handlers.record_deliveries import record_deliveries
from volley_chassis.kafka import Received
from volley_contracts import ClickersRecounted, Clicks, MessageReceipts, new_id, now

PEOPLE = (
    ("+12025550001", ["vip"], {"city": "Oslo", "age": "40"}),
    ("+12025550002", ["vip", "new"], {"city": "Bergen"}),
    ("+12025550003", [], {"city": "Oslo"}),
    ("+447400123456", ["new"], {}),
)
EVERYBODY = {"all": [{"countries": ["US", "GB"]}]}


@pytest.fixture
async def people(lab: Any) -> list[str]:
    """Ids of contacts, as in PEOPLE."""
    ids = []
    for number, tags, attributes in PEOPLE:
        body = {"number": number, "tags": tags, "attributes": attributes}
        answer = await lab.client.post("/v1/contacts", json=body)
        assert answer.status_code == 201, answer.text
        ids.append(answer.json()["id"])
    return ids


async def made(lab: Any, name: str = "some", **body: Any) -> dict[str, Any]:
    answer = await lab.client.post("/v1/segments", json={"name": name, **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def members(lab: Any, segment: dict[str, Any]) -> set[str]:
    items = (await lab.client.get(f"/v1/segments/{segment['id']}/members")).json()["items"]
    return {item["number"] for item in items}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"all": [{"tag": "vip"}]}, {1, 2}),
        ({"all": [{"countries": ["GB"]}]}, {4}),
        ({"all": [{"attribute": "city"}]}, {1, 2, 3}),
        ({"all": [{"attribute": "city", "values": ["Oslo", "Rome"]}]}, {1, 3}),
        ({"any": [{"tag": "new"}, {"attribute": "age", "values": ["40"]}]}, {1, 2, 4}),
        ({"all": [{"tag": "vip"}], "none": [{"attribute": "city", "values": ["Oslo"]}]}, {2}),
        ({"any": [{"tag": "vip"}], "none": [{"attribute": "age"}]}, {2}),
        (EVERYBODY | {"none": [{"attribute": "city", "values": ["Oslo"]}]}, {2, 4}),
    ],
)
async def test_conditions_find_people_and_count_them_before(
    lab: Any, people: list[str], wanted: dict[str, Any], expected: set[int]
) -> None:
    assert len(people) == 4
    counted = await lab.client.post("/v1/segments/count", json={"filter": wanted})
    assert counted.status_code == 200, counted.text
    assert counted.json() == {"contacts": len(expected)}
    segment = await made(lab, filter=wanted)
    assert (segment["kind"], segment["members"], segment["filter"]) == ("dynamic", len(expected), wanted)
    assert await members(lab, segment) == {PEOPLE[n - 1][0] for n in expected}


async def test_segments_are_united_intersected_and_taken_from_each_other(lab: Any, people: list[str]) -> None:
    first, second = await made(lab, "first"), await made(lab, "second")
    for segment, ids in ((first, people[:2]), (second, people[1:3])):
        await lab.client.post(f"/v1/segments/{segment['id']}/members", json={"contact_ids": ids})
    one, two = {"segment_id": first["id"]}, {"segment_id": second["id"]}
    for wanted, count in (({"any": [one, two]}, 3), ({"all": [one, two]}, 1), ({"all": [one], "none": [two]}, 1)):
        answer = await lab.client.post("/v1/segments/count", json={"filter": wanted})
        assert answer.json() == {"contacts": count}, wanted


async def test_a_preview_looks_at_whom_a_dynamic_segment_means_by_now(lab: Any, people: list[str]) -> None:
    assert people
    vips = await made(lab, "vips", filter={"all": [{"tag": "vip"}]})
    draft = await lab.draft(audience={"include": [vips["id"]], "exclude": []})
    late = {"number": "+12025550009", "tags": ["vip"]}
    assert (await lab.client.post("/v1/contacts", json=late)).status_code == 201
    assert (await lab.get(draft, "/content-size"))["audience"] == 2  # it was looked up just now
    await lab.pool.execute("UPDATE segments SET refreshed_at = refreshed_at - interval '2 minutes'")
    assert (await lab.get(draft, "/content-size"))["audience"] == 3
    shown = {message["number"] for message in (await lab.get(draft, "/preview"))["items"]}
    assert "+12025550009" in shown


async def test_a_dynamic_segment_is_looked_up_anew_when_a_campaign_is_prepared(lab: Any, people: list[str]) -> None:
    wanted = {"all": [{"tag": "vip"}]}
    vips, news = await made(lab, "vips", filter=wanted), await made(lab, "news", filter={"all": [{"tag": "new"}]})
    late = {"number": "+12025550009", "tags": ["vip"]}
    assert (await lab.client.post("/v1/contacts", json=late)).status_code == 201
    assert (await lab.client.get(f"/v1/segments/{vips['id']}")).json()["members"] == 2
    prepared = await lab.prepared(audience={"include": [vips["id"]], "exclude": [news["id"]]})
    assert prepared["counts"]["recipients"] == 2
    assert prepared["counts"]["audience_dropped"] == {"excluded": 1}
    after = (await lab.client.get(f"/v1/segments/{vips['id']}")).json()
    assert after["members"] == 3
    assert after["refreshed_at"] > vips["refreshed_at"]
    await lab.client.delete(f"/v1/contacts/{people[0]}")
    again = await lab.client.post(f"/v1/segments/{vips['id']}/refresh")
    assert again.json()["members"] == 2


async def clicked(lab: Any, campaign: dict[str, Any], seqs: list[int], reasons: list[Any], rules: int = 1) -> None:
    event = Clicks(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        domain_id=new_id(),
        seqs=seqs,
        variants=[0] * len(seqs),
        at=[now()] * len(seqs),
        reasons=reasons,
        user_agents=["x"] * len(seqs),
        rules=rules,
    )
    for _ in range(2):
        await record_clicks(lab.pool, Received(str(new_id()), "type", "/test", now(), event))


async def received(lab: Any, campaign: dict[str, Any], statuses: dict[int, Any], at: datetime) -> None:
    event = MessageReceipts(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        seqs=[*statuses],
        variants=[0] * len(statuses),
        countries=["US"] * len(statuses),
        statuses=[*statuses.values()],
        errors=[None] * len(statuses),
        at=[at] * len(statuses),
    )
    again = Received(str(new_id()), "type", "/test", now(), event)
    await record_deliveries(lab.pool, [again, again])


async def replied(lab: Any, campaign: dict[str, Any], number: str, at: datetime) -> None:
    contact = (await lab.client.get("/v1/contacts", params={"number": number})).json()["items"][0]
    await lab.pool.execute(
        "INSERT INTO inbound_messages (id, account_id, from_number, to_address, text, campaign_id, contact_id, at)"
        " VALUES ($1, $2, $3, 'V', 'hi', $4, $5, $6)",
        *(new_id(), lab.audience.account_id, number, UUID(campaign["id"]), UUID(contact["id"]), at),
    )


async def count(lab: Any, **filters: Any) -> int:
    answer = await lab.client.post("/v1/segments/count", json={"filter": filters})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["contacts"])


async def test_engagement(lab: Any) -> None:
    campaign = await lab.started(recipients=5)
    await lab.pool.execute("UPDATE campaigns SET next_seq = 5 WHERE id = $1", UUID(campaign["id"]))
    await received(lab, campaign, {0: "delivered", 1: "undelivered", 2: "delivered"}, now())
    await received(lab, campaign, {3: "delivered"}, now())
    await clicked(lab, campaign, [0, 1, 1, 2], [None, None, None, "scanner"])
    await replied(lab, campaign, "+12025550000003", now())
    for kind, number in (("received", 3), ("clicked", 2), ("replied", 1)):
        assert await count(lab, all=[{kind: campaign["id"]}]) == number, kind
    assert await count(lab, all=[{"received": campaign["id"]}], none=[{"clicked": campaign["id"]}]) == 2


async def test_engagement_in_any_campaign_and_in_a_time_window(lab: Any) -> None:
    long_ago, lately, tomorrow = now() - timedelta(days=40), now() - timedelta(days=2), now() + timedelta(days=1)
    first, second = await lab.started(recipients=6), await lab.started(recipients=6)
    await received(lab, first, {0: "delivered", 1: "delivered"}, long_ago)
    await received(lab, second, {1: "delivered", 2: "delivered", 3: "rejected"}, lately)
    await clicked(lab, first, [4], [None])
    await replied(lab, first, "+12025550000000", long_ago)
    await replied(lab, second, "+12025550000005", lately)
    week = (now() - timedelta(days=7)).isoformat()
    for condition, number in (
        ({"engaged": "received"}, 3),
        ({"engaged": "received", "within_days": 7}, 2),
        ({"engaged": "received", "since": week}, 2),
        ({"engaged": "received", "until": week}, 2),
        ({"received": first["id"], "within_days": 7}, 0),
        ({"received": first["id"], "until": tomorrow.isoformat()}, 2),
        ({"engaged": "clicked", "within_days": 1}, 1),
        ({"clicked": first["id"], "until": week}, 0),
        ({"clicked": second["id"], "within_days": 1}, 0),
        ({"engaged": "replied"}, 2),
        ({"engaged": "replied", "since": week, "until": tomorrow.isoformat()}, 1),
        ({"replied": first["id"], "within_days": 7}, 0),
    ):
        assert await count(lab, all=[condition]) == number, condition
    wanted = {"all": [{"engaged": "received", "within_days": 7}]}
    made = await lab.client.post("/v1/segments", json={"name": "Reached lately", "filter": wanted})
    assert (made.json()["members"], made.json()["filter"]) == (2, wanted)
    for condition, field in (
        ({"tag": "vip", "within_days": 7}, "filter.all[0]"),
        ({"engaged": "clicked", "clicked": first["id"]}, "filter.all[0]"),
        ({"engaged": "clicked", "since": week, "within_days": 7}, "filter.all[0]"),
        ({"engaged": "clicked", "since": week, "until": week}, "filter.all[0].until"),
    ):
        refused = await lab.client.post("/v1/segments/count", json={"filter": {"all": [condition]}})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), refused.text


async def test_segment_clickers_of_a_finished_campaign(lab: Any) -> None:
    campaign = await lab.started(recipients=5)
    path = f"/v1/campaigns/{campaign['id']}/segment-clickers"
    assert (await lab.client.post(path)).json()["code"] == "not_finished"
    await clicked(lab, campaign, [0, 3, 4], [None, None, "link_preview"])
    await lab.pool.execute("UPDATE campaigns SET status = 'finished' WHERE id = $1", UUID(campaign["id"]))
    segment = (await lab.client.post(path)).json()
    assert (segment["kind"], segment["members"]) == ("static", 2)
    assert campaign["name"] in segment["name"]
    assert await members(lab, segment) == {"+12025550000000", "+12025550000003"}
    named = await lab.client.post(path, json={"name": segment["name"]})
    assert (named.status_code, named.json()["code"]) == (409, "name_taken")
    stranger = f"/v1/campaigns/{new_id()}/segment-clickers"
    assert (await lab.client.post(stranger)).status_code == 404


async def recounted(lab: Any, campaign: dict[str, Any], people: list[int], machines: list[int], rules: int) -> None:
    event = ClickersRecounted(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        seqs=[*people, *machines],
        clicked_at=[*(now() for _ in people), *(None for _ in machines)],
        rules=rules,
        at=now(),
    )
    for _ in range(2):
        await correct_clickers(lab.pool, Received(str(new_id()), "type", "/test", now(), event))


async def test_clickers_follow_a_recount_whatever_comes_late(lab: Any) -> None:
    campaign = await lab.started(recipients=5)
    await clicked(lab, campaign, [0, 1, 2], [None, None, None], rules=1)
    await clicked(lab, campaign, [2], [None], rules=2)  # the recount has not seen this one
    await recounted(lab, campaign, people=[0, 3], machines=[1, 2, 4], rules=2)
    await clicked(lab, campaign, [1, 4], [None, None], rules=1)  # what the recount has seen comes late
    await lab.pool.execute("UPDATE campaigns SET status = 'finished' WHERE id = $1", UUID(campaign["id"]))
    segment = (await lab.client.post(f"/v1/campaigns/{campaign['id']}/segment-clickers")).json()
    assert await members(lab, segment) == {f"+1202555000{seq:04}" for seq in (0, 2, 3)}
    counted = await lab.client.post("/v1/segments/count", json={"filter": {"all": [{"clicked": campaign["id"]}]}})
    assert counted.json() == {"contacts": 3}
    await clicked(lab, campaign, [1], [None], rules=2)
    counted = await lab.client.post("/v1/segments/count", json={"filter": {"all": [{"clicked": campaign["id"]}]}})
    assert counted.json() == {"contacts": 4}


async def test_names_and_conditions_change(lab: Any, people: list[str]) -> None:
    static, dynamic = await made(lab, "old"), await made(lab, "vips", filter={"all": [{"tag": "vip"}]})
    renamed = await lab.client.patch(f"/v1/segments/{static['id']}", json={"name": " new "})
    assert renamed.json() == static | {"name": "new"}
    taken = await lab.client.patch(f"/v1/segments/{static['id']}", json={"name": "vips"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    changed = await lab.client.patch(f"/v1/segments/{dynamic['id']}", json={"filter": {"all": [{"tag": "new"}]}})
    assert (changed.json()["name"], await members(lab, dynamic)) == ("vips", {PEOPLE[1][0], PEOPLE[3][0]})
    assert (await lab.client.patch(f"/v1/segments/{new_id()}", json={"name": "x"})).status_code == 404
    for method in ("members", "members/remove"):
        answer = await lab.client.post(f"/v1/segments/{dynamic['id']}/{method}", json={"contact_ids": people[:1]})
        assert (answer.status_code, answer.json()["code"]) == (409, "dynamic_segment")
    for query in ({"segment_id": dynamic["id"]}, {"segment_name": "vips"}):
        answer = await lab.client.post(
            "/v1/contact-imports", content=b"number\n", params=query, headers={"content-type": "text/csv"}
        )
        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "filter"),
        ({"none": [{"tag": "x"}]}, "filter"),
        ({"all": [{}]}, "filter.all[0]"),
        ({"all": [{"tag": "x"}, {"tag": "x", "attribute": "y"}]}, "filter.all[1]"),
        ({"any": [{"tag": "x", "values": ["y"]}]}, "filter.any[0]"),
        ({"all": [{"segment_id": str(new_id())}]}, "filter"),
        ({"all": [{"clicked": str(new_id())}]}, "filter"),
    ],
)
async def test_conditions_that_say_nothing_are_refused(lab: Any, wanted: dict[str, Any], field: str) -> None:
    for path, body in (("/v1/segments/count", {}), ("/v1/segments", {"name": "x"})):
        answer = await lab.client.post(path, json=body | {"filter": wanted})
        assert answer.status_code == 422, answer.text
        assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await lab.client.get("/v1/segments")).json()["total"] == 0
