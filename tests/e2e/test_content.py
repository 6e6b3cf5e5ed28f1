"""Texts end to end: edited while they are sent, forged on the way, tried out on own numbers, approved by others."""

import time
import uuid
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from volley_chassis.kafka import record_of
from volley_contracts import LinkedBatch, content_hash, decode, topics
from volley_tools.demo import people, story
from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 3_000, 500, 60.0
BINDS_WITHIN = 1.0
HOUSE_NUMBER = "+12015550123"


async def written(
    api: Api, route: story.Json, name: str, recipients: int = RECIPIENTS
) -> tuple[story.Json, story.Things]:
    content = people.csv_file(recipients)
    things = await story.prepare_plain(api, name, content, route, PACE)
    return await story.write_plain(api, things, name), things


def texts(campaign: story.Json, **changes: str) -> story.Json:
    """The campaign's variants with words replaced."""
    variants = [dict(variant) for variant in campaign["content"]["variants"]]
    for variant in variants:
        for old, new in changes.items():
            variant["text"] = variant["text"].replace(old, new)
    return {"content": {"variants": variants}}


async def with_key(api: Api, role: str) -> Api:
    made = await api.post("/v1/api-keys", {"name": f"{role} {uuid.uuid4()}", "role": role})
    return Api(api.session, api.url, made["key"])


async def with_user(api: Api) -> tuple[Api, Api]:
    """An administrator who signs in: by a key that she made, and by her session."""
    credentials = {"email": f"{uuid.uuid4()}@example.com", "password": "correct horse battery"}
    await api.post("/v1/users", {**credentials, "name": "Ada", "role": "admin"})
    session = Api(api.session, api.url, (await api.post("/v1/sessions", credentials))["token"])
    return await with_key(session, "admin"), session


async def test_nothing_of_the_old_texts_leaves_after_an_edit(
    mine: Api, smpp_route: story.Json, provider: Provider
) -> None:
    campaign, things = await written(mine, smpp_route, "editing")
    await story.move(mine, campaign, "submit")
    await provider.accepted(300, seconds=SECONDS)
    edited = await mine.patch(f"/v1/campaigns/{campaign['id']}", texts(campaign, sale="fair", off="less"))
    answered = time.time()
    assert edited["suspension"]["code"] == "content_needs_review"
    await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)

    messages = (await provider.ledger()).of_sender(things.senders[0]["address"])
    numbers = [message["to"] for message in messages]
    assert len(numbers) == len(set(numbers)) == RECIPIENTS
    new = [m for m in messages if "fair" in m["text"] or "less" in m["text"]]
    old = [m for m in messages if "sale" in m["text"] or "off" in m["text"].partition("http")[0]]
    assert len(new) + len(old) == RECIPIENTS
    assert max(message["at"] for message in old) <= answered + BINDS_WITHIN
    assert max(message["at"] for message in old) <= min(message["at"] for message in new)
    assert len(old) < RECIPIENTS / 2
    history = [entry["move"] async for entry in mine.pages(f"/v1/campaigns/{campaign['id']}/history")]
    assert "edit_text" in history
    assert "pass_text" in history


async def test_an_edit_that_needs_a_review_holds_until_somebody_else_passes_it(
    mine: Api, smpp_route: story.Json, provider: Provider
) -> None:
    campaign, things = await written(mine, smpp_route, "reviewing", 1_000)
    reviewer = await with_key(mine, "reviewer")
    rule = await reviewer.post(
        "/v1/moderation/rules", {"kind": "term", "value": "clearance", "reason": "ask marketing"}
    )
    await story.move(mine, campaign, "submit")
    await provider.accepted(100, seconds=SECONDS)
    program, herself = await with_user(mine)
    await program.patch(f"/v1/campaigns/{campaign['id']}", texts(campaign, sale="clearance"))
    answered = time.time()

    async def held() -> Any:
        return [item async for item in mine.pages("/v1/moderation/queue") if item["campaign_id"] == campaign["id"]]

    (waiting,) = await until(held, seconds=SECONDS, what="the queue")
    (finding,) = waiting["moderation"]["findings"]
    assert (finding["scope"], finding["matched"], finding["reason"]) == ("account", "clearance", "ask marketing")
    for own in (mine, program, herself):  # who made it; whose key has changed it; and she herself
        with pytest.raises(ApiError) as refused:
            await own.post(f"/v1/moderation/{campaign['id']}/approve", {"comment": "mine"})
        assert refused.value.problem["code"] == "own_campaign"
    before = (await provider.ledger()).of_sender(things.senders[0]["address"])
    assert max(message["at"] for message in before) <= answered + BINDS_WITHIN
    seen = {"comment": "fine by me", "content_hash": waiting["moderation"]["content_hash"]}
    await reviewer.post(f"/v1/moderation/{campaign['id']}/approve", seen)
    await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    after = (await provider.ledger()).of_sender(things.senders[0]["address"])
    assert len({message["to"] for message in after}) == len(after) == 1_000
    assert any("clearance" in message["text"] for message in after[len(before) :])
    assert not any("sale in" in message["text"] for message in after[len(before) :])
    await reviewer.delete(f"/v1/moderation/rules/{rule['id']}")


async def test_a_text_that_nobody_approved_is_never_sent(
    mine: Api, smpp_route: story.Json, provider: Provider, stack: Stack
) -> None:
    """Somebody who can write to the topics changes texts on their way: by hash and all, and hash left as it was."""
    campaign, things = await written(mine, smpp_route, "forging", 200)
    patch = {"schedule": {"start": "manual"}, "max_parts_per_second": 5}
    await mine.patch(f"/v1/campaigns/{campaign['id']}", patch)
    await story.move(mine, campaign, "submit")
    await story.wait_for_status(mine, campaign, "ready", seconds=SECONDS)
    await story.move(mine, campaign, "start")
    await provider.accepted(1, seconds=SECONDS)
    genuine = await a_piece(stack, campaign["id"])
    forged = ("FORGED {{ short_url }}",) * 2
    hashes = (genuine.content.hash, content_hash(forged, genuine.content.target_url))
    for first_seq, hash_ in zip((100_000, 200_000), hashes, strict=True):
        content = msgspec.structs.replace(genuine.content, variants=forged, hash=hash_)
        await publish(stack, msgspec.structs.replace(genuine, first_seq=first_seq, content=content))

    async def refused() -> bool:
        stats = await mine.get(f"/v1/campaigns/{campaign['id']}/stats")
        return bool(stats["totals"]["failed"] >= 2 * len(genuine.recipients.numbers))

    await until(refused, seconds=SECONDS, what="the forged texts to be refused")
    await story.move(mine, campaign, "abort")
    ledger = await provider.ledger()
    assert not [message for message in ledger.messages if "FORGED" in message["text"]]
    assert ledger.of_sender(things.senders[0]["address"])


async def test_a_test_reaches_own_numbers_and_is_counted_apart(
    mine: Api, smpp_route: story.Json, provider: Provider
) -> None:
    campaign, things = await written(mine, smpp_route, "trying", 50)
    await mine.put("/v1/test-numbers", {"numbers": [HOUSE_NUMBER]})
    path = f"/v1/campaigns/{campaign['id']}"
    test = await mine.post(f"{path}/tests", {"variant": 1})
    assert [message["number"] for message in test["messages"]] == [HOUSE_NUMBER]

    async def submitted() -> Any:
        tests = await mine.get(f"{path}/tests")
        return tests if tests["items"][0]["messages"][0]["outcome"] == "submitted" else None

    tests = await until(submitted, seconds=SECONDS, what="the test's outcome")
    (message,) = (await provider.ledger()).of_sender(things.senders[0]["address"])
    assert message["to"] == HOUSE_NUMBER
    assert "20% off this week" in message["text"]
    assert "https://s.trying.example/" in message["text"]
    assert Decimal(tests["cost"]["amount"]) == Decimal(story.PRICES["US"]) * message["parts"]
    domains = {d["host"]: d["used"] async for d in mine.pages("/v1/domains")}
    assert set(domains.values()) == {1}
    still = await mine.get(path)
    assert (still["status"], still["counts"]["settled"], Decimal(still["cost"]["amount"])) == ("draft", 0, Decimal(0))

    await story.move(mine, campaign, "submit")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    assert finished["counts"]["submitted"] == 50

    async def counted() -> Any:
        stats = await mine.get(f"{path}/stats")
        return stats if stats["totals"]["submitted"] >= 50 else None

    stats = await until(counted, seconds=SECONDS, what="the figures")
    assert stats["totals"]["submitted"] == 50


async def a_piece(stack: Stack, campaign_id: str) -> LinkedBatch:
    """A batch of the campaign as it was on its way to dispatch-svc."""
    consumer = AIOKafkaConsumer(
        stack.platform.topic_prefix + topics.LINK_BATCHES.name,
        bootstrap_servers=stack.addresses.kafka,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        async for record in consumer:
            kind = dict(record.headers)["ce_type"].decode()
            event = decode(kind, record.value)
            if isinstance(event, LinkedBatch) and str(event.campaign_id) == campaign_id:
                return event
    finally:
        await consumer.stop()
    raise AssertionError("the topic ended")


async def publish(stack: Stack, piece: LinkedBatch) -> None:
    record = record_of(piece, source="somebody", id=f"{piece.campaign_id}:{piece.first_seq}")
    producer = AIOKafkaProducer(bootstrap_servers=stack.addresses.kafka)
    await producer.start()
    try:
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        topic = stack.platform.topic_prefix + record.topic
        await producer.send_and_wait(topic, record.value, key=record.key, headers=headers)
    finally:
        await producer.stop()
