"""Rules of an account's own, and what contacts bring into texts, through the API."""

from typing import Any

import msgspec
import pytest

from volley_chassis.http import Caller
from volley_contracts import new_id

OUT = "{{ short_url }} {{ optout_url }}"


@pytest.fixture
async def reviewer(client_of: Any, caller: Caller) -> Any:
    async with client_of(msgspec.structs.replace(caller, actor="rita", role="reviewer")) as client:
        yield client


async def add(client: Any, status: int = 201, **rule: str) -> dict[str, Any]:
    answer = await client.post("/v1/moderation/rules", json=rule)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


def texts(text: str) -> dict[str, Any]:
    return {"variants": [{"text": f"{text} {OUT}"}]}


async def test_a_rule_of_the_account_acts_until_it_is_taken_back(lab: Any, reviewer: Any) -> None:
    made = await add(
        reviewer, kind="term", value="Flash  Sale", verdict="reject", category="brand", reason="not our tone"
    )
    assert (made["value"], made["created_by"]) == ("flash sale", "rita")
    rejected = await lab.prepared(content=texts("Our FLASH-SALE is on."))
    assert rejected["status"] == "rejected"
    (finding,) = rejected["moderation"]["findings"]
    assert (finding["rule"], finding["scope"], finding["category"]) == ("account_term", "account", "brand")
    assert (finding["matched"], finding["start"], finding["end"]) == ("FLASH-SALE", 4, 14)
    assert "not our tone" in rejected["reason"]["sentence"]
    listed = (await lab.client.get("/v1/moderation/rules")).json()
    assert (listed["total"], listed["items"]) == (1, [made])
    assert (await reviewer.delete(f"/v1/moderation/rules/{made['id']}")).status_code == 204
    assert (await lab.prepared(content=texts("Our FLASH-SALE is on.")))["status"] == "ready"


async def test_other_accounts_have_other_rules(lab: Any, client_of: Any, caller: Caller) -> None:
    stranger = msgspec.structs.replace(caller, account_id=new_id(), role="admin")
    async with client_of(stranger) as client:
        made = await add(client, kind="term", value="spring", verdict="reject")
        assert (await client.get("/v1/moderation/rules")).json()["total"] == 1
    assert (await lab.prepared(content=texts("Spring is here.")))["status"] == "ready"
    async with client_of(msgspec.structs.replace(caller, role="reviewer")) as client:
        assert (await client.delete(f"/v1/moderation/rules/{made['id']}")).status_code == 404


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "term", "value": "x"},
        {"kind": "term", "value": "!!!"},
        {"kind": "term", "value": "a\x07b"},
        {"kind": "host", "value": "https://evil.example/"},
        {"kind": "own_domain", "value": "localhost"},
        {"kind": "other", "value": "evil.example"},
        {"kind": "term", "value": "fine", "verdict": "pass"},
    ],
)
async def test_rules_that_mean_nothing_are_refused(reviewer: Any, rule: dict[str, str]) -> None:
    assert (await add(reviewer, 422, **rule))["errors"]


async def test_the_same_rule_twice_is_refused(reviewer: Any) -> None:
    await add(reviewer, kind="host", value="Evil.example")
    assert (await add(reviewer, 409, kind="host", value="evil.example"))["code"] == "rule_exists"


async def test_global_rules_are_there_to_read(reviewer: Any) -> None:
    found = (await reviewer.get("/v1/moderation/global-rules")).json()["items"]
    assert {"banned_term", "look_alike_host", "missing_opt_out"} <= {rule["rule"] for rule in found}


async def test_look_alikes_of_the_account_s_domains_are_found(lab: Any, reviewer: Any) -> None:
    lab.neighbours.hosts = ["go.northwind.example"]
    await add(reviewer, kind="own_domain", value="southwind.example")
    for text, status in (
        ("See northw1nd.example/a", "rejected"),
        ("See southwind.test/a", "processing"),
        ("See go.northwind.example/a and southwind.example", "ready"),
    ):
        assert (await lab.prepared(content=texts(text)))["status"] == status, text


async def test_what_a_contact_brings_into_a_text_is_judged_and_never_a_link(lab: Any) -> None:
    made = await lab.prepared(recipients=50)
    await lab.pool.execute(
        "UPDATE contacts SET attributes = jsonb_build_object('first_name', 'Cocaine here') WHERE account_id = $1"
        " AND number = '+12025550000007'",
        lab.audience.account_id,
    )
    await lab.edit(made, content=texts("Dear {{ first_name }}"))
    await lab.prepare()
    rejected = await lab.get(made)
    assert rejected["status"] == "rejected"
    (finding,) = rejected["moderation"]["findings"]
    assert (finding["field"], finding["variant"], finding["matched"]) == ("first_name", None, "Cocaine")
    await lab.pool.execute(
        "UPDATE contacts SET attributes = jsonb_build_object('first_name', $2::text) WHERE account_id = $1",
        lab.audience.account_id,
        "https://evil.example/x",
    )
    shown = (await lab.get(made, "/preview"))["items"][0]["text"]
    assert "https: evil. example/x" in shown
