"""Domains that a campaign lists instead of naming a pool: its own pool, suspended and resumed like every other."""

from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.follow_pool import pool_exhausted
from volley_chassis.kafka import Received
from volley_contracts import PoolExhausted, new_id, now

LISTED = {"short_pool_id": None, "short_domains": ["A.example", "b.example"]}


@pytest.fixture(autouse=True)
def known_hosts(neighbours: Any) -> None:
    neighbours.hosts = ["a.example", "b.example", "c.example"]


async def test_a_list_is_a_pool_of_the_campaign_s_own(lab: Any) -> None:
    made = await lab.started(20, content=LISTED)
    own = UUID(made["content"]["short_pool_id"])
    assert made["content"]["short_domains"] == ["a.example", "b.example"]
    assert lab.neighbours.pools[own]["campaign_id"] == made["id"]
    same = await lab.edit(made, content={name: made["content"][name] for name in LISTED})
    assert same["content"] == made["content"]
    clone = await lab.do(made, "duplicate")
    assert (clone["content"]["short_pool_id"], clone["content"]["short_domains"]) == (None, ["a.example", "b.example"])
    await lab.edit(clone, schedule={"start": "manual"})
    await lab.do(clone, "submit")
    await lab.prepare()
    assert UUID((await lab.get(clone))["content"]["short_pool_id"]) not in {None, own}
    back = await lab.edit(made, content={"short_pool_id": str(lab.neighbours.add_pool("short"))})
    assert back["content"]["short_domains"] == []
    await lab.edit(back, 422, content={"short_pool_id": str(own)[:-4] + "0000"})


async def test_an_exhausted_list_suspends_and_another_domain_lets_resume_go_on(lab: Any) -> None:
    made = await lab.started(20, content=LISTED)
    own = UUID(made["content"]["short_pool_id"])
    lab.neighbours.pools[own] |= {"remaining": 0, "exhausted": True, "waiting": 1}
    event = PoolExhausted(
        account_id=lab.audience.account_id,
        pool_id=own,
        pool_name="Spring sale",
        purpose="short",
        waiting_campaigns=(UUID(made["id"]),),
        campaign_id=UUID(made["id"]),
        at=now(),
    )
    received = Received(str(new_id()), "t", "/link-svc", now(), event)
    for _ in range(2):
        await pool_exhausted(lab.pool, received, at=now())
    suspended = await lab.get(made)
    assert (suspended["status"], suspended["suspension"]["code"]) == ("suspended", "link_domains_exhausted")
    assert "content.short_domains" in suspended["suspension"]["sentence"]
    alerts = (await lab.client.get("/v1/alerts")).json()["items"]
    assert [(alert["code"], alert["campaign_id"]) for alert in alerts] == [("link_domains_exhausted", made["id"])]
    refused = await lab.do(made, "resume", 409)
    assert "content.short_domains" in str(refused)
    await lab.edit(made, content={"short_domains": ["a.example", "b.example", "c.example"]})
    assert lab.neighbours.lists[own] == ["a.example", "b.example", "c.example"]
    lab.neighbours.pools[own] |= {"remaining": 100}
    assert (await lab.do(made, "resume"))["status"] == "started"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"short_domains": ["a.example", "evil.example"]}, "content.short_domains[1]"),
        ({"optout_domains": ["evil.example"], "optout_pool_id": None}, "content.optout_domains[0]"),
        ({"short_domains": ["a.example"], "short_pool_id": str(new_id())}, "content.short_domains"),
        ({"short_domains": [f"{n}.example" for n in range(101)]}, "content.short_domains"),
    ],
)
async def test_bad_lists_are_named_and_change_nothing(lab: Any, content: dict[str, Any], field: str) -> None:
    draft = await lab.draft(20)
    refused = await lab.edit(draft, 422, content=content)
    assert [error["field"] for error in refused["errors"]] == [field]
    assert (await lab.get(draft))["content"] == draft["content"]
