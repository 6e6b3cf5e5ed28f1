"""A campaign's way through the API and the worker's use cases, on a real database."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.domain.audience import variant_of
from campaign_svc.handlers.prepare_campaign import prepare_next
from campaign_svc.handlers.start_scheduled import start_next_due
from volley_chassis.http import Caller
from volley_contracts import CampaignMoved, new_id, now, topics


async def test_from_draft_to_started(lab: Any) -> None:
    ready = await lab.prepared()
    assert (ready["status"], ready["counts"]["recipients"]) == ("ready", 100)
    assert (ready["moderation"]["verdict"], ready["moderation"]["findings"]) == ("pass", [])
    assert (ready["forecast"]["cost"], ready["forecast"]["currency"]) == ("0.7900", "EUR")
    assert ready["content"]["hash"] == ready["moderation"]["content_hash"]
    assert ready["allowed"] == ["start", "abort", "delete"]
    assert (await lab.do(ready, "start"))["status"] == "started"
    assert await lab.moves(ready) == ["submit", "pass", "start"]
    moved = await lab.events(ready, topics.CAMPAIGN_LIFECYCLE)
    assert all(isinstance(event, CampaignMoved) for event in moved)
    assert [(e.move, e.status_to, e.version) for e in moved] == [
        ("submit", "processing", 1),
        ("pass", "ready", 2),
        ("start", "started", 3),
    ]
    assert moved[-1].recipients == 100


async def test_it_became_ready_when_preparing_was_done_and_not_when_that_began(lab: Any) -> None:
    made = await lab.draft()
    await lab.do(made, "submit")
    begun = now()
    assert await prepare_next(lab.pool, lab.peers, at=begun)
    ready = await lab.get(made)
    times = [datetime.fromisoformat(entry["at"]) for entry in (await lab.get(made, "/history"))["items"]]
    assert (ready["status"], times) == ("ready", sorted(times))
    assert begun < times[-1] <= now()


async def test_a_move_that_waits_for_another_is_of_the_moment_in_which_it_is_made(lab: Any) -> None:
    made = await lab.started()
    async with lab.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM campaigns WHERE id = $1 FOR UPDATE", UUID(made["id"]))
        paused = asyncio.create_task(lab.do(made, "pause"))
        assert await lab.waits_for(connection.get_server_pid(), paused)
        waited_until = now()
    await paused
    last = (await lab.get(made, "/history"))["items"][-1]
    assert last["move"] == "pause"
    assert datetime.fromisoformat(last["at"]) >= waited_until


async def test_everybody_who_cannot_be_texted_is_dropped_with_a_reason(lab: Any) -> None:
    everybody = await lab.audience.segment("everybody", 0, 20)
    again = await lab.audience.segment("again", 15, 10)  # 5 of them once more
    abroad = await lab.audience.segment("abroad", 0, 3, country="DE")  # no price
    elsewhere = await lab.audience.segment("elsewhere", 0, 4, country="GB")  # the sender is not valid there
    unwanted = await lab.audience.segment("unwanted", 0, 2)
    await lab.audience.suppress("+12025550000002", "+12025550000003", "+12025550000000")
    await lab.pool.execute(
        "UPDATE contacts SET number = 'x' WHERE account_id = $1 AND number LIKE '%24'", lab.audience.account_id
    )
    made = await lab.prepared(
        audience={
            "include": [str(segment) for segment in (everybody, again, abroad, elsewhere)],
            "exclude": [str(unwanted)],
        },
        sender_id=str(await lab.audience.sender(countries=["US", "DE"])),
    )
    assert made["counts"]["audience_dropped"] == {
        "duplicate": 5,
        "excluded": 2,
        "suppressed": 2,
        "invalid": 1,
        "sender_country": 4,
        "unroutable": 3,
    }
    assert made["counts"]["recipients"] == 20


async def test_the_database_splits_variants_as_the_domain_does(lab: Any) -> None:
    made = await lab.prepared(recipients=500)
    rows = await lab.pool.fetch(
        "SELECT seq, variant, fields FROM recipients WHERE campaign_id = $1 ORDER BY seq", UUID(made["id"])
    )
    assert [row["seq"] for row in rows] == list(range(500))
    assert [row["variant"] for row in rows] == [variant_of(seq, [70, 30]) for seq in range(500)]
    assert all(row["fields"] == {"first_name": "Zoe"} for row in rows)


async def test_one_variant_is_everybodys(lab: Any) -> None:
    made = await lab.prepared(content={"variants": [{"text": "Hi {{ short_url }} {{ optout_url }}"}]})
    values = await lab.pool.fetch(
        "SELECT DISTINCT variant, fields FROM recipients WHERE campaign_id = $1", UUID(made["id"])
    )
    assert [(row["variant"], row["fields"]) for row in values] == [(0, {})]


async def test_another_account_s_segments_are_nobody(lab: Any, client_of: Any) -> None:
    other = Caller(account_id=UUID(int=1), actor="eve", role="operator")
    made = await lab.draft()
    async with client_of(other) as eve:
        assert (await eve.get(f"/v1/campaigns/{made['id']}")).status_code == 404
        mine = (await eve.post("/v1/campaigns", json={"name": "mine"})).json()
        for patch in ({"audience": made["audience"]}, {"sender_id": made["sender_id"]}):
            refused = await eve.patch(f"/v1/campaigns/{mine['id']}", json=patch)
            assert refused.status_code == 422
        listed = (await eve.get("/v1/campaigns")).json()
        assert made["id"] not in {item["id"] for item in listed["items"]}


async def test_who_was_excluded_is_not_texted_because_the_segment_is_gone(lab: Any) -> None:
    excluded = await lab.audience.segment("vip", 0, 1)
    draft = await lab.draft()
    audience = {**draft["audience"], "exclude": [str(excluded)]}
    assert (await lab.client.patch(f"/v1/campaigns/{draft['id']}", json={"audience": audience})).status_code == 200
    assert (await lab.client.delete(f"/v1/segments/{excluded}")).status_code == 204
    refused = await lab.client.post(f"/v1/campaigns/{draft['id']}/submit")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["audience.exclude"]


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("coverage", "no_coverage"),
        ("pools", "unknown_pool"),
        ("purpose", "unknown_pool"),
        ("audience", "no_recipients"),
        ("budget", "budget_currency"),
        ("segment", "unknown_segment"),
    ],
)
async def test_what_cannot_be_prepared_goes_back_to_its_author(lab: Any, what: str, code: str) -> None:
    changes: dict[str, Any] = {}
    if what == "purpose":
        changes["content"] = {"short_pool_id": str(lab.neighbours.add_pool("optout"))}
    if what == "audience":
        changes["audience"] = {"include": [str(await lab.audience.segment("abroad", 0, 3, country="DE"))]}
    if what == "budget":
        changes["budget"] = {"amount": "10", "currency": "USD"}
    draft = await lab.draft(**changes)
    if what == "coverage":
        lab.neighbours.coverage = None
    if what == "pools":
        lab.neighbours.pools.clear()
    await lab.do(draft, "submit")
    if what == "segment":
        await lab.pool.execute("DELETE FROM segments WHERE id = $1", UUID(draft["audience"]["include"][0]))
    await lab.prepare()
    returned = await lab.get(draft)
    assert (returned["status"], returned["reason"]["code"]) == ("draft", code)
    assert await lab.moves(draft) == ["submit", "return_to_draft"]
    assert not await lab.pool.fetchval("SELECT count(*) FROM recipients WHERE campaign_id = $1", UUID(draft["id"]))


async def test_an_outage_of_a_neighbour_only_delays_processing(lab: Any) -> None:
    draft = await lab.draft()
    await lab.do(draft, "submit")
    lab.neighbours.down = True
    await lab.prepare()
    assert (await lab.get(draft))["status"] == "processing"
    lab.neighbours.down = False
    await lab.pool.execute("UPDATE campaigns SET prepare_after = now() WHERE id = $1", UUID(draft["id"]))
    await lab.prepare()
    assert (await lab.get(draft))["status"] == "ready"


async def test_a_pool_that_will_not_last_is_forecast(lab: Any) -> None:
    pool_id = lab.neighbours.add_pool("short", remaining=60)
    made = await lab.prepared(content={"short_pool_id": str(pool_id)})
    assert [pool["ends_at_message"] for pool in made["forecast"]["pools"]] == [61, None]


async def test_campaigns_under_way_take_of_the_same_domains(lab: Any) -> None:
    """One is sending by another sender, from another pool that has a domain of ours; one is scheduled for later."""
    shared = str(new_id())
    mine, theirs = lab.neighbours.add_pool("short", remaining=150), lab.neighbours.add_pool("short", remaining=100)
    lab.neighbours.pools[mine]["domains"] = {str(new_id()): 100, shared: 50}
    lab.neighbours.pools[theirs]["domains"] = {str(new_id()): 50, shared: 50}
    wish = {"content": {"short_pool_id": str(mine)}}
    alone = await lab.prepared(150, **wish)
    assert [pool["ends_at_message"] for pool in alone["forecast"]["pools"]] == [None, None]
    await lab.started(400, content={"short_pool_id": str(theirs)})
    beside = await lab.prepared(150, **wish)
    # 200 messages for both, who are equally fast.
    assert [pool["ends_at_message"] for pool in beside["forecast"]["pools"]] == [101, None]
    assert beside["forecast"]["shared_with"] == 0

    schedule = {"start": "at", "at": (now() + timedelta(hours=1)).isoformat()}
    scheduled = await lab.prepared(90, **wish, schedule=schedule)
    assert scheduled["status"] == "scheduled"
    sender = {"sender_id": scheduled["sender_id"]}
    at_once = (await lab.prepared(50, **wish, **sender))["forecast"]
    assert (at_once["shared_with"], at_once["pools"][0]["ends_at_message"]) == (1, None)
    later = schedule | {"at": (now() + timedelta(hours=2)).isoformat()}
    last = (await lab.prepared(50, **wish, schedule=later))["forecast"]
    assert last["pools"][0]["ends_at_message"] == 11


async def test_a_schedule_starts_on_time_or_a_little_late(lab: Any) -> None:
    at = now() + timedelta(hours=1)
    made = await lab.prepared(schedule={"start": "at", "at": at.isoformat()})
    assert made["status"] == "scheduled"
    while await start_next_due(lab.pool, at=at - timedelta(seconds=1)):
        pass
    assert (await lab.get(made))["status"] == "scheduled"
    while await start_next_due(lab.pool, at=at + timedelta(hours=2)):
        pass
    assert (await lab.get(made))["status"] == "started"


async def test_a_schedule_that_was_missed_suspends_and_alerts(lab: Any) -> None:
    at = now() + timedelta(hours=1)
    made = await lab.prepared(schedule={"start": "at", "at": at.isoformat(), "lateness_limit_s": 60})
    while await start_next_due(lab.pool, at=at + timedelta(seconds=61)):
        pass
    suspended = await lab.get(made)
    assert (suspended["status"], suspended["suspension"]["code"]) == ("suspended", "missed_schedule")
    (alert,) = (await lab.client.get("/v1/alerts", params={"open": True})).json()["items"]
    assert (alert["code"], alert["campaign_id"]) == ("missed_schedule", made["id"])
    assert (await lab.do(made, "resume"))["status"] == "started"
    assert (await lab.client.get("/v1/alerts", params={"open": True})).json()["items"] == []
    assert len(await lab.events(made, topics.ALERTS)) == 2


async def test_rescheduling_moves_between_ready_scheduled_and_started(lab: Any) -> None:
    made = await lab.prepared()
    at = (now() + timedelta(hours=1)).isoformat()
    assert (await lab.edit(made, schedule={"start": "at", "at": at}))["status"] == "scheduled"
    assert (await lab.edit(made, schedule={"start": "manual"}))["status"] == "ready"
    assert (await lab.edit(made, schedule={"start": "now"}))["status"] == "started"


async def test_two_workers_prepare_a_campaign_once(lab: Any) -> None:
    draft = await lab.draft()
    await lab.do(draft, "submit")
    await asyncio.gather(lab.prepare(), lab.prepare(), lab.prepare())
    assert await lab.moves(draft) == ["submit", "pass"]
    assert (await lab.get(draft))["counts"]["recipients"] == 100
