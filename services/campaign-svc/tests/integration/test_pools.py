"""A domain pool runs out and is filled again: suspension, one alert, and a resume that asks whether it is over."""

from typing import Any
from uuid import UUID

from campaign_svc.handlers.feed_campaign import feed_campaign
from campaign_svc.handlers.follow_pool import pool_exhausted, pool_refilled
from volley_chassis.kafka import Received
from volley_contracts import AlertRaised, AlertResolved, PoolExhausted, PoolRefilled, new_id, now, topics


async def exhaust(lab: Any, campaign: dict[str, Any], purpose: str = "short") -> UUID:
    """The pool of the campaign runs out, and the event comes twice."""
    pool_id = UUID(campaign["content"][f"{purpose}_pool_id"])
    lab.neighbours.pools[pool_id] |= {"remaining": 0, "exhausted": True, "waiting": 1}
    event = PoolExhausted(
        account_id=lab.audience.account_id,
        pool_id=pool_id,
        pool_name="links",
        purpose=purpose,  # type: ignore[arg-type]
        waiting_campaigns=(UUID(campaign["id"]),),
        at=now(),
    )
    received = Received(str(new_id()), "t", "/link-svc", now(), event)
    for _ in range(2):
        await pool_exhausted(lab.pool, received, at=now())
    return pool_id


async def refill(lab: Any, pool_id: UUID, remaining: int = 1_000) -> None:
    lab.neighbours.pools[pool_id] |= {"remaining": remaining, "exhausted": False, "waiting": 0}
    event = PoolRefilled(
        account_id=lab.audience.account_id, pool_id=pool_id, pool_name="links", remaining=remaining, at=now()
    )
    received = Received(str(new_id()), "t", "/link-svc", now(), event)
    for _ in range(2):
        await pool_refilled(lab.pool, received, at=now())


async def open_alerts(lab: Any) -> list[dict[str, Any]]:
    return list((await lab.client.get("/v1/alerts", params={"open": True})).json()["items"])


async def test_every_campaign_of_the_pool_stops_with_one_alert(lab: Any) -> None:
    first = await lab.started()
    pools = {k: first["content"][k] for k in ("short_pool_id", "optout_pool_id")}
    second = await lab.started(content=pools)
    paused = await lab.started(content=pools)
    await lab.do(paused, "pause")
    other = await lab.started()
    await exhaust(lab, first)
    for campaign in (first, second):
        stopped = await lab.get(campaign)
        assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "link_domains_exhausted")
        assert "links" in stopped["suspension"]["sentence"]
    assert (await lab.get(paused))["status"] == "paused"
    assert (await lab.get(other))["status"] == "started"
    (alert,) = await open_alerts(lab)
    assert (alert["code"], alert["pool_id"]) == ("link_domains_exhausted", pools["short_pool_id"])
    assert len([e for e in await lab.events(first, topics.ALERTS) if isinstance(e, AlertRaised)]) == 1


async def test_the_event_comes_again_for_each_further_campaign_and_the_alert_does_not(lab: Any) -> None:
    first = await lab.started()
    second = await lab.started(content={k: first["content"][k] for k in ("short_pool_id", "optout_pool_id")})
    await exhaust(lab, first)
    (alert,) = await open_alerts(lab)
    await exhaust(lab, second)
    assert await open_alerts(lab) == [alert]
    assert [await lab.moves(campaign) for campaign in (first, second)] == [["submit", "pass", "suspend"]] * 2
    assert len([e for e in await lab.events(first, topics.ALERTS) if isinstance(e, AlertRaised)]) == 1


async def test_a_resume_is_refused_while_the_pool_is_empty_and_says_what_is_missing(lab: Any) -> None:
    made = await lab.started()
    pool_id = await exhaust(lab, made, "optout")
    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["cause"]) == ("cause_holds", "optout_domains_exhausted")
    assert "add a domain" in refused["missing"]
    assert (await lab.get(made))["status"] == "suspended"
    # A domain was added; the event that says so is still on its way.
    lab.neighbours.pools[pool_id]["remaining"] = 5
    assert (await lab.do(made, "resume"))["status"] == "started"
    assert await open_alerts(lab) == []
    assert await feed_campaign(lab.pool, UUID(made["id"]), at=now()) == 100
    await refill(lab, pool_id, 5)
    assert len([e for e in await lab.events(made, topics.ALERTS) if isinstance(e, AlertResolved)]) == 1


async def feed_and_publish(lab: Any, campaign: dict[str, Any]) -> None:
    """Every recipient is fed, and link-svc has heard of it."""
    assert await feed_campaign(lab.pool, UUID(campaign["id"]), at=now()) == 100
    await lab.pool.execute("UPDATE batches SET published_at = now() WHERE campaign_id = $1", UUID(campaign["id"]))


async def test_a_resume_that_no_pool_can_make_possible_is_an_illegal_move(lab: Any) -> None:
    made = await lab.started()
    await exhaust(lab, made)
    await lab.do(made, "abort")
    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["campaign_status"], refused["allowed"]) == ("illegal_move", "aborted", ["delete"])


async def test_a_pool_that_its_last_message_used_up_stops_nobody_who_needs_no_more(lab: Any) -> None:
    made = await lab.started()
    await feed_and_publish(lab, made)
    pool_id = await exhaust(lab, made)
    await lab.do(made, "resume", 409)
    await refill(lab, pool_id, 0)
    assert await open_alerts(lab) == []
    assert (await lab.get(made))["status"] == "suspended"  # a person resumes, not the system
    assert (await lab.do(made, "resume"))["status"] == "started"


async def test_a_pool_with_nothing_left_is_no_pool_to_go_on_with(lab: Any) -> None:
    made = await lab.started()
    pool_id = await exhaust(lab, made)
    await refill(lab, pool_id, 0)
    assert await open_alerts(lab) == []
    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["cause"]) == ("cause_holds", "link_domains_exhausted")
    await feed_campaign_by_hand(lab, made)
    await lab.do(made, "resume", 409)  # fed, but link-svc has not heard of it
    lab.neighbours.pools[pool_id]["remaining"] = 1
    assert (await lab.do(made, "resume"))["status"] == "started"


async def feed_campaign_by_hand(lab: Any, campaign: dict[str, Any]) -> None:
    """All of a suspended campaign stands in a batch that is not published yet."""
    await lab.pool.execute("UPDATE campaigns SET next_seq = recipients WHERE id = $1", UUID(campaign["id"]))
    await lab.pool.execute(
        "INSERT INTO batches (campaign_id, batch_no, first_seq, count, content_hash)"
        " SELECT id, 0, 0, recipients, content_hash FROM campaigns WHERE id = $1",
        UUID(campaign["id"]),
    )


async def test_a_pool_must_have_enough_for_all_that_waits(lab: Any) -> None:
    made = await lab.started()
    await feed_and_publish(lab, made)
    pool_id = await exhaust(lab, made)
    lab.neighbours.pools[pool_id] |= {"remaining": 40, "waiting": 60}
    refused = await lab.do(made, "resume", 409)
    assert "60 messages wait" in refused["missing"]
    lab.neighbours.pools[pool_id]["remaining"] = 60
    assert (await lab.do(made, "resume"))["status"] == "started"


async def test_another_pool_may_be_chosen_once_nothing_waits_for_the_former(lab: Any) -> None:
    made = await lab.started()
    await feed_and_publish(lab, made)
    pool_id = await exhaust(lab, made)
    lab.neighbours.pools[pool_id] |= {"remaining": 0, "waiting": 60}
    lab.neighbours.hosts = ["a.example"]
    other = {"short_pool_id": str(lab.neighbours.add_pool("short"))}
    for content in (other, {"short_pool_id": None, "short_domains": ["a.example"]}):
        refused = await lab.edit(made, 422, content=content)
        assert [error["field"] for error in refused["errors"]] == ["content.short_pool_id"]
        assert "60 messages still wait" in refused["errors"][0]["message"]
    lab.neighbours.pools[pool_id] |= {"remaining": 10, "waiting": 0}
    assert (await lab.edit(made, content=other))["content"]["short_pool_id"] == other["short_pool_id"]


async def test_a_campaign_launched_after_its_pool_ran_out_stops_before_it_feeds(lab: Any) -> None:
    first = await lab.started()
    late = await lab.prepared(content={k: first["content"][k] for k in ("short_pool_id", "optout_pool_id")})
    pool_id = await exhaust(lab, first)
    await lab.do(late, "start")
    assert await feed_campaign(lab.pool, UUID(late["id"]), at=now()) == 0
    assert (await lab.get(late))["suspension"]["code"] == "link_domains_exhausted"
    await refill(lab, pool_id)
    await lab.do(late, "resume")
    assert await feed_campaign(lab.pool, UUID(late["id"]), at=now()) == 100


async def test_a_neighbour_that_is_away_is_no_answer(lab: Any) -> None:
    made = await lab.started()
    await exhaust(lab, made)
    lab.neighbours.down = True
    assert (await lab.do(made, "resume", 503))["code"] == "unavailable"
    assert (await lab.get(made))["status"] == "suspended"


async def test_the_first_who_acknowledges_an_alert_stands(lab: Any) -> None:
    made = await lab.started()
    await exhaust(lab, made)
    (alert,) = await open_alerts(lab)
    for _ in range(2):
        answer = await lab.client.post(f"/v1/alerts/{alert['id']}/acknowledge")
        assert answer.json()["acknowledged_by"] == "olga"
    assert (await lab.client.post(f"/v1/alerts/{new_id()}/acknowledge")).status_code == 404
    assert (await lab.client.get(f"/v1/alerts/{new_id()}")).status_code == 404
    assert (await lab.client.get(f"/v1/alerts/{alert['id']}")).json() == answer.json()
    other = str(new_id())
    for query, found in (
        ({"acknowledged": True}, 1),
        ({"acknowledged": False}, 0),
        ({"campaign_id": made["id"], "open": True, "acknowledged": True}, 1),
        ({"campaign_id": made["id"], "open": False}, 0),
        ({"campaign_id": other}, 0),
    ):
        assert len((await lab.client.get("/v1/alerts", params=query)).json()["items"]) == found, query
