"""Feeding by credit, publishing what was recorded, counting outcomes: nothing twice, nothing lost."""

import asyncio
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from campaign_svc.handlers.settle_outcomes import revise_outcomes, settle_outcomes
from volley_chassis.kafka import RawRecord, Received
from volley_contracts import CampaignBatch, MessageOutcomes, MessageOutcomesRevised, decode, new_id, now, topics


class Recorder:
    """Takes records as Kafka would; `crash` loses the process right after Kafka has them."""

    def __init__(self) -> None:
        self.records: list[RawRecord] = []
        self.crash = False

    async def publish_raw(self, records: Sequence[RawRecord]) -> None:
        self.records += records
        if self.crash:
            raise asyncio.CancelledError

    def batches(self, campaign: dict[str, Any]) -> list[CampaignBatch]:
        found = [decode(headers["ce_type"], value) for _, _, value, headers in self.records]
        return [b for b in found if isinstance(b, CampaignBatch) and str(b.campaign_id) == campaign["id"]]


@pytest.fixture
def stream() -> Any:
    return Recorder()


def outcomes(campaign: dict[str, Any], batch: CampaignBatch, *results: str) -> Received[MessageOutcomes]:
    """One result a recipient of the batch, or the same for all."""
    n = len(batch.recipients.numbers)
    return Received(
        f"{batch.campaign_id}:{batch.first_seq}:0",
        "volley.message.outcomes.v1",
        "/dispatch-svc",
        now(),
        MessageOutcomes(
            account_id=batch.account_id,
            campaign_id=batch.campaign_id,
            batch_no=batch.batch_no,
            sender_id=batch.sender.id,
            currency="EUR",
            seqs=list(range(batch.first_seq, batch.first_seq + n)),
            outcomes=list(results) if len(results) == n else [results[0]] * n,  # type: ignore[arg-type]
            variants=batch.recipients.variants,
            countries=batch.recipients.countries,
            parts=[1] * n,
            costs=[Decimal("0.0079")] * n,
            errors=[None] * n,
            at=now(),
        ),
    )


async def feed(lab: Any, campaign: dict[str, Any]) -> int:
    return await feed_campaign(lab.pool, UUID(campaign["id"]), at=now())


async def publish(lab: Any, stream: Any) -> None:
    while await publish_recorded(lab.pool, stream):
        pass


async def settle(lab: Any, received: Received[MessageOutcomes], times: int = 2) -> None:
    for _ in range(times):
        await settle_outcomes(lab.pool, received, at=now())


async def test_a_campaign_is_fed_by_credit_until_everybody_has_an_outcome(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=1_000)
    assert await feed(lab, made) == 300
    assert await feed(lab, made) == 0  # no credit before outcomes
    await publish(lab, stream)
    settled = 0
    while settled < 10:
        batch = stream.batches(made)[settled]
        await settle(lab, outcomes(made, batch, "submitted"))
        settled += 1
        fed = await feed(lab, made)
        assert fed == (100 if settled <= 7 else 0)
        await publish(lab, stream)
    done = await lab.get(made)
    assert done["status"] == "finished"
    assert done["counts"]["submitted"] == done["counts"]["settled"] == 1_000
    assert done["counts"]["progress"] == 1
    assert (done["cost"]["amount"], done["cost"]["parts"]) == ("7.9000", 1_000)
    assert (await lab.moves(made))[-2:] == ["first_handed_over", "finish"]
    batches = stream.batches(made)
    assert [(b.batch_no, b.first_seq) for b in batches] == [(n, 100 * n) for n in range(10)]
    numbers = [number for batch in batches for number in batch.recipients.numbers]
    assert len(set(numbers)) == len(numbers) == 1_000


async def test_a_batch_expires_when_its_sender_says(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=200)
    await lab.pool.execute("UPDATE senders SET validity_s = 600 WHERE id = $1", UUID(made["sender_id"]))
    await feed(lab, made)
    await publish(lab, stream)
    expiries = [batch.expires_at for batch in stream.batches(made)]
    assert len(expiries) == 2
    assert all(at and 500 < (at - now()).total_seconds() <= 600 for at in expiries)


async def test_a_batch_carries_what_the_texts_need_and_no_more(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=10)
    await lab.pool.execute(
        'UPDATE contacts SET attributes = attributes || \'{"city": "Oslo"}\' WHERE account_id = $1',
        lab.audience.account_id,
    )
    await feed(lab, made)
    await publish(lab, stream)
    (batch,) = stream.batches(made)
    assert batch.recipients.fields == ("first_name",)
    assert batch.recipients.values == [("Zoe",)] * 10
    assert batch.content.hash == made["content"]["hash"]
    assert batch.content.variants == tuple(variant["text"] for variant in made["content"]["variants"])
    assert batch.short_pool_id == UUID(made["content"]["short_pool_id"])
    assert batch.sender.parts_per_second == 100
    assert [r[3]["ce_id"] for r in stream.records if made["id"] in r[3]["ce_id"]] == [f"{made['id']}:0"]


async def test_many_feeders_at_once_record_each_recipient_once(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=500)
    for _ in range(5):
        await asyncio.gather(*(feed(lab, made) for _ in range(4)), *(publish_recorded(lab.pool, stream) for _ in "abc"))
        known = len(stream.batches(made))
        await publish(lab, stream)
        for batch in stream.batches(made)[max(known - 1, 0) :]:
            await settle(lab, outcomes(made, batch, "submitted"))
        for batch in stream.batches(made):
            await settle(lab, outcomes(made, batch, "submitted"), times=1)
    batches = {batch.batch_no: batch for batch in stream.batches(made)}
    assert len(batches) == len(stream.batches(made)) == 5
    assert (await lab.get(made))["status"] == "finished"


async def test_a_crash_between_record_and_publish_loses_nothing(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=100)
    await feed(lab, made)  # and the process dies here
    assert stream.batches(made) == []
    await publish(lab, stream)  # another one sweeps
    assert len(stream.batches(made)) == 1


async def test_a_crash_between_publish_and_mark_repeats_the_same_batch(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=100)
    await feed(lab, made)
    stream.crash = True
    with pytest.raises(asyncio.CancelledError):
        await publish_recorded(lab.pool, stream)
    stream.crash = False
    # Meanwhile the world changes: contacts, the sender's pace. The batch does not.
    await lab.pool.execute("DELETE FROM contacts WHERE account_id = $1", lab.audience.account_id)
    await publish(lab, stream)
    first, second = stream.batches(made)
    assert first == second
    await publish(lab, stream)
    assert len(stream.batches(made)) == 2


async def test_what_is_on_its_way_comes_again_with_the_texts_that_passed(lab: Any, stream: Any) -> None:
    lab.pace = 10
    made = await lab.started(recipients=100)
    await feed(lab, made)
    await publish(lab, stream)
    old = stream.batches(made)
    await settle(lab, outcomes(made, old[0], "submitted"))
    await lab.pool.execute(
        "INSERT INTO attribute_names (account_id, name) VALUES ($1, 'city')", lab.audience.account_id
    )
    await lab.pool.execute(
        'UPDATE contacts SET attributes = attributes || \'{"city": "Oslo"}\' WHERE account_id = $1',
        lab.audience.account_id,
    )
    new = "New text for {{ city }}: {{ short_url }} {{ optout_url }}"
    edited = await lab.edit(made, content={"variants": [{"text": new}]})
    assert (edited["status"], edited["suspension"]["code"]) == ("suspended", "content_needs_review")
    assert await feed(lab, made) == 0  # held
    await lab.do(made, "resume", 409)
    await publish(lab, stream)
    assert stream.batches(made) == old
    await lab.prepare()
    passed = await lab.get(made)
    assert passed["status"] == "sending"
    assert passed["content"]["hash"] != made["content"]["hash"]
    await publish(lab, stream)
    again = stream.batches(made)[len(old) :]
    assert [(b.batch_no, b.first_seq, b.recipients.numbers) for b in again] == [
        (b.batch_no, b.first_seq, b.recipients.numbers) for b in old[1:]
    ]
    for batch in again:
        assert batch.content.variants == (new,)
        assert batch.content.hash == passed["content"]["hash"]
        assert batch.content.version > old[0].content.version
        assert set(batch.recipients.variants) == {0}
        assert batch.recipients.values == [("Oslo",)] * 10
    *_, last = await lab.events(made, topics.CAMPAIGN_LIFECYCLE)
    assert (last.content_hash, last.content_version) == (again[0].content.hash, again[0].content.version)
    for batch in again:
        await settle(lab, outcomes(made, batch, "submitted"))
    await feed(lab, made)
    await publish(lab, stream)
    late = stream.batches(made)[len(old) + len(again) :]
    assert {batch.content.variants for batch in late} == {(new,)}
    assert late[0].first_seq == 30


async def test_a_new_ratio_acts_on_what_follows(lab: Any, stream: Any) -> None:
    lab.pace = 10
    made = await lab.started(recipients=100)
    await feed(lab, made)
    variants = [variant | {"ratio": ratio} for variant, ratio in zip(made["content"]["variants"], (1, 99), strict=True)]
    assert (await lab.edit(made, content={"variants": variants}))["status"] == "started"
    await publish(lab, stream)
    before = stream.batches(made)
    assert sum(sum(batch.recipients.variants) for batch in before) < 15
    settled = 0
    while settled < 100:
        for batch in stream.batches(made)[settled // 10 :]:
            await settle(lab, outcomes(made, batch, "submitted"))
            settled += len(batch.recipients.numbers)
        await feed(lab, made)
        await publish(lab, stream)
    assert sum(sum(batch.recipients.variants) for batch in stream.batches(made)[len(before) :]) >= 68


@pytest.mark.parametrize("move", ["pause", "abort"])
async def test_a_stopped_campaign_is_not_fed(lab: Any, stream: Any, move: str) -> None:
    made = await lab.started(recipients=1_000)
    await feed(lab, made)
    stopped = await lab.do(made, move, reason="wrong date")
    assert stopped["reason"]["sentence"] == "wrong date"
    await publish(lab, stream)
    assert len(stream.batches(made)) == (3 if move == "pause" else 0)
    for batch in stream.batches(made):
        await settle(lab, outcomes(made, batch, "submitted"))
    assert await feed(lab, made) == 0
    if move == "pause":
        assert (await lab.do(made, "resume"))["status"] == "sending"  # something was handed over meanwhile
        assert await feed(lab, made) == 300


async def test_outcomes_are_counted_by_kind_and_revised_once(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=5)
    await feed(lab, made)
    await publish(lab, stream)
    (batch,) = stream.batches(made)
    received = outcomes(made, batch, "submitted", "failed", "unknown", "unknown", "suppressed")
    await settle(lab, received, times=3)
    counts = (await lab.get(made))["counts"]
    assert [counts[k] for k in ("submitted", "failed", "unknown", "suppressed")] == [1, 1, 2, 1]
    assert (await lab.get(made))["status"] == "finished"
    known = received.data
    revised = MessageOutcomesRevised(
        account_id=known.account_id,
        campaign_id=known.campaign_id,
        batch_no=0,
        sender_id=known.sender_id,
        currency="EUR",
        seqs=[3],
        outcomes=["submitted"],
        variants=[0],
        countries=["US"],
        parts=[1],
        costs=[Decimal("0.0079")],
        errors=[None],
        at=now(),
    )
    for _ in range(2):
        await revise_outcomes(lab.pool, Received("r1", "t", "/s", now(), revised), at=now())
    counts = (await lab.get(made))["counts"]
    assert [counts[k] for k in ("submitted", "failed", "unknown", "suppressed")] == [2, 1, 1, 1]


async def test_outcomes_of_no_campaign_of_ours_are_let_be(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=5)
    await feed(lab, made)
    await publish(lab, stream)
    (batch,) = stream.batches(made)
    foreign = outcomes(made, CampaignBatch(**{f: getattr(batch, f) for f in batch.__struct_fields__}), "submitted")
    stranger = MessageOutcomes(
        **{f: getattr(foreign.data, f) for f in foreign.data.__struct_fields__} | {"account_id": new_id()}
    )
    await settle(lab, Received("x", "t", "/s", now(), stranger))
    assert (await lab.get(made))["counts"]["settled"] == 0


async def test_an_aborted_campaign_still_counts_what_comes_back(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=100)
    await feed(lab, made)
    await publish(lab, stream)
    await lab.do(made, "abort")
    (batch,) = stream.batches(made)
    await settle(lab, outcomes(made, batch, "cancelled"))
    aborted = await lab.get(made)
    assert (aborted["status"], aborted["counts"]["cancelled"]) == ("aborted", 100)


async def test_a_used_up_budget_suspends_and_a_higher_one_lets_it_go_on(lab: Any, stream: Any) -> None:
    made = await lab.started(recipients=1_000, budget={"amount": "1.50", "currency": "EUR"})
    await feed(lab, made)
    await publish(lab, stream)
    for batch in stream.batches(made)[:2]:
        await settle(lab, outcomes(made, batch, "submitted"))
    assert await feed(lab, made) == 0
    suspended = await lab.get(made)
    assert (suspended["status"], suspended["suspension"]["code"]) == ("suspended", "budget_exhausted")
    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["cause"]) == ("cause_holds", "budget_exhausted")
    await lab.edit(made, budget={"amount": "100", "currency": "EUR"})
    assert (await lab.do(made, "resume"))["status"] == "sending"
