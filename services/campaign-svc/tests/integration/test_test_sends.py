"""Texts tried out on the account's own numbers: sent like a campaign's, paid for, and counted apart from it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
import pytest

from campaign_svc.handlers.record_optout import record_optouts
from campaign_svc.handlers.settle_outcomes import revise_outcomes, settle_outcomes
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import (
    CampaignBatch,
    MessageOutcomes,
    MessageOutcomesRevised,
    OptedOut,
    content_hash,
    decode,
    is_aside,
    new_id,
    now,
    topics,
)

OWN = ["+12015550123", "+447911123456"]


@pytest.fixture
async def admin(client_of: Any, caller: Caller) -> Any:
    async with client_of(msgspec.structs.replace(caller, actor="ada", role="admin")) as client:
        answer = await client.put("/v1/test-numbers", json={"numbers": OWN})
        assert answer.status_code == 200, answer.text
        yield client


async def run(lab: Any, made: dict[str, Any], status: int = 202, **body: Any) -> dict[str, Any]:
    answer = await lab.client.post(f"/v1/campaigns/{made['id']}/tests", json=body)
    assert answer.status_code == status, answer.text
    return dict(answer.json())


async def batches(lab: Any) -> list[CampaignBatch]:
    rows = await lab.pool.fetch(
        "SELECT value, headers FROM outbox WHERE topic = $1 ORDER BY id", topics.CAMPAIGN_BATCHES.name
    )
    found = [decode(row["headers"]["ce_type"], row["value"]) for row in rows]
    return [b for b in found if isinstance(b, CampaignBatch) and b.account_id == lab.audience.account_id]


def outcomes(batch: CampaignBatch, kind: type[MessageOutcomes], *results: str) -> Received[Any]:
    sent = [result == "submitted" for result in results]
    event = kind(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        batch_no=0,
        sender_id=batch.sender.id,
        currency="EUR",
        seqs=list(range(len(results))),
        outcomes=list(results),  # type: ignore[arg-type]
        variants=[0] * len(results),
        countries=batch.recipients.countries,
        parts=[2 * each for each in sent],
        costs=[Decimal("0.08") * each for each in sent],
        errors=[None] * len(results),
        at=now(),
    )
    return Received(f"{batch.campaign_id}:{kind.__name__}", "t", "/dispatch-svc", now(), event)


async def test_a_text_goes_to_own_numbers_and_is_counted_apart(lab: Any, admin: Any) -> None:
    made = await lab.draft(schedule=None)
    test = await run(lab, made, variant=1)
    assert [message["number"] for message in test["messages"]] == sorted(OWN)
    assert test["messages"][0]["text"].startswith("Hello! Hi Zoe, see https://")
    (batch,) = await batches(lab)
    assert str(batch.campaign_id) == test["id"]
    assert is_aside(batch.campaign_id)
    assert not is_aside(UUID(made["id"]))
    text = made["content"]["variants"][1]["text"]
    assert batch.content.variants == (text,)
    assert batch.content.hash == content_hash((text,), made["content"]["target_url"])
    assert batch.recipients.fields == ("first_name",)
    assert batch.recipients.values == [("Zoe",)] * 2
    assert str(batch.short_pool_id) == made["content"]["short_pool_id"]
    for _ in range(2):
        await settle_outcomes(lab.pool, outcomes(batch, MessageOutcomes, "submitted", "unknown"), at=now())
    listed = await lab.get(made, "/tests")
    assert [message["outcome"] for message in listed["items"][0]["messages"]] == ["submitted", "unknown"]
    assert listed["cost"] == {"amount": "0.08", "currency": "EUR", "parts": 2}
    for _ in range(2):
        await revise_outcomes(lab.pool, outcomes(batch, MessageOutcomesRevised, "submitted", "submitted"), at=now())
    assert (await lab.get(made, "/tests"))["cost"] == {"amount": "0.16", "currency": "EUR", "parts": 4}
    still = await lab.get(made)
    assert (still["status"], still["revision"], still["counts"]["settled"]) == ("draft", made["revision"], 0)
    assert still["cost"]["amount"] == "0"
    assert (await lab.client.get("/v1/campaigns")).json()["total"] == 1


async def test_an_opt_out_of_a_test_counts_like_any(lab: Any, admin: Any) -> None:
    made = await lab.draft()
    await run(lab, made, numbers=[OWN[0]])
    (batch,) = await batches(lab)
    pressed = OptedOut(
        account_id=batch.account_id, campaign_id=batch.campaign_id, seq=0, variant=0, domain_id=new_id(), at=now()
    )
    for _ in range(2):
        await record_optouts(lab.pool, [Received(f"{batch.campaign_id}:o", "t", "/link-svc", now(), pressed)])
    found = (await lab.client.get("/v1/suppressions")).json()
    assert [item["number"] for item in found["items"]] == [OWN[0]]


async def test_what_cannot_be_tried_out_is_refused_with_the_reason(lab: Any, admin: Any) -> None:
    made = await lab.draft()
    assert (await run(lab, made, 422, numbers=["+12015550199"]))["errors"][0]["field"] == "numbers"
    assert (await run(lab, made, 422, variant=2))["errors"][0]["field"] == "variant"
    assert (await run(lab, made, 422, contact_id=str(new_id())))["errors"][0]["field"] == "contact_id"
    bare = (await lab.client.post("/v1/campaigns", json={"name": "bare"})).json()
    assert {error["field"] for error in (await run(lab, bare, 422))["errors"]} == {"sender_id", "content.variants"}
    banned = [{"text": "Cheap cocaine {{ short_url }} {{ optout_url }}"}]
    await lab.edit(made, content={"variants": banned})
    refused = await run(lab, made, 409)
    assert (refused["code"], refused["findings"][0]["matched"]) == ("content_rejected", "cocaine")
    assert await batches(lab) == []
    await admin.put("/v1/test-numbers", json={"numbers": []})
    assert (await run(lab, made, 409))["code"] == "content_rejected"
    assert (await lab.client.get("/v1/test-numbers")).json()["items"] == []


async def test_tests_are_rationed_by_account(lab: Any, admin: Any) -> None:
    made = await lab.draft()
    for _ in range(15):
        await run(lab, made)
    refused = await lab.client.post(f"/v1/campaigns/{made['id']}/tests", json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tests")
    assert 3000 < int(refused.headers["Retry-After"]) <= 3600
    await lab.pool.execute("UPDATE test_sends SET created_at = created_at - interval '1 hour'")
    await run(lab, made)
