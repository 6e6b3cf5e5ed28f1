"""What a subscriber may rely on: every event at least once, in the order of its key, poison set aside."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from volley_chassis.kafka import Received, Stream, record_of
from volley_chassis.settings import ServiceSettings
from volley_chassis.topics import create_topics
from volley_contracts import (
    AlertRaised,
    AlertResolved,
    Event,
    SubmitCampaign,
    SuppressionChanged,
    Topic,
    encode,
    key_of,
    new_id,
    now,
    topics,
)
from volley_tools.pytest_stack import Until
from volley_tools.stack.platform import Addresses

ACCOUNT = new_id()
WITHIN = 30


def alert(alert_id: UUID | None = None) -> AlertRaised:
    return AlertRaised(account_id=ACCOUNT, alert_id=alert_id or new_id(), code="c", sentence="Something.", at=now())


async def test_an_event_arrives_with_its_envelope(settings: ServiceSettings) -> None:
    stream = Stream(settings, "writer")
    got: asyncio.Queue[Received[AlertRaised]] = asyncio.Queue()
    stream.subscribe(topics.ALERTS, {AlertRaised: got.put})
    sent = alert()
    async with stream.running():
        await stream.publish(sent, id="the-id")
        received = await asyncio.wait_for(got.get(), WITHIN)
    assert received.data == sent
    assert (received.id, received.type, received.source) == ("the-id", "volley.alert.raised.v1", "/writer")


async def test_records_that_leave_together_keep_the_order_and_the_partition_of_their_keys(
    settings: ServiceSettings,
) -> None:
    """More than a batch holds, and one alone that is larger than a batch."""
    stream, topic = Stream(settings, "writer"), topics.ALERTS.name
    sizes = (10, 120_000, 120_000, 600_000, 10, 120_000)
    sent = [(key, b"%d:" % place + b"x" * size) for place, size in enumerate(sizes) for key in (b"a", b"b", b"c")]
    one_by_one = AIOKafkaProducer(bootstrap_servers=settings.kafka)
    async with stream.running(), one_by_one:
        await stream.publish_raw([(topic, key, value, {"n": "1"}) for key, value in sent])
        for key in (b"a", b"b", b"c"):
            await one_by_one.send_and_wait(settings.topic_prefix + topic, b"last", key=key)
    found = await everything(settings, topic, len(sent) + 3)
    for key in (b"a", b"b", b"c"):
        mine = [record for record in found if record.key == key]
        assert [record.value for record in mine] == [*(value for its, value in sent if its == key), b"last"]
        assert len({record.partition for record in mine}) == 1


async def test_many_that_publish_to_one_partition_at_once_all_get_their_turn(settings: ServiceSettings) -> None:
    """Aiokafka alone tells those who have lost the race some sixty times of a timeout, after a second or so."""
    stream, topic, many = Stream(settings, "writer"), topics.ALERTS.name, 2_000
    async with stream.running(), asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
        for number in range(many):
            group.create_task(stream.publish_raw([(topic, b"a", b"%d" % number, {})]))
    found = await everything(settings, topic, many)
    assert sorted(int(record.value or b"") for record in found) == list(range(many))


async def everything(settings: ServiceSettings, topic: str, count: int) -> list[ConsumerRecord[bytes, bytes]]:
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + topic, bootstrap_servers=settings.kafka, auto_offset_reset="earliest"
    )
    async with consumer, asyncio.timeout(WITHIN):
        return [await consumer.getone() for _ in range(count)]


async def test_a_process_that_starts_before_its_topics_waits_for_them(
    settings: ServiceSettings, infra: Addresses, caplog: pytest.LogCaptureFixture, until: Until
) -> None:
    early = msgspec.structs.replace(settings, topic_prefix=f"{settings.topic_prefix}early.")
    stream = Stream(early, "early")
    got: asyncio.Queue[Received[AlertRaised]] = asyncio.Queue()
    stream.subscribe(topics.ALERTS, {AlertRaised: got.put})

    async def create_once_missed() -> None:
        await until(lambda: "not found in cluster metadata" in caplog.text)
        await create_topics(infra.kafka, early.topic_prefix)

    sent = alert()
    async with asyncio.timeout(WITHIN), asyncio.TaskGroup() as group:
        group.create_task(create_once_missed())
        async with stream.running():
            await stream.publish(sent)
            assert (await got.get()).data == sent


async def test_a_failing_handler_gets_the_event_again_and_nothing_overtakes(settings: ServiceSettings) -> None:
    stream = Stream(settings, "patient")
    seen: list[Event] = []
    done = asyncio.Event()
    outages = iter([ConnectionError("down"), ConnectionError("down")])

    async def handle(received: Received[AlertRaised] | Received[AlertResolved]) -> None:
        if error := next(outages, None):
            raise error
        seen.append(received.data)
        if len(seen) == 2:
            done.set()

    stream.subscribe(topics.ALERTS, {AlertRaised: handle, AlertResolved: handle})
    first = alert()
    second = AlertResolved(account_id=ACCOUNT, alert_id=first.alert_id, at=now())
    async with stream.running():
        await stream.publish(first, second)
        await asyncio.wait_for(done.wait(), WITHIN)
    assert seen == [first, second]


async def test_an_unacknowledged_event_comes_again_after_a_crash(settings: ServiceSettings) -> None:
    stream = Stream(settings, "crashing")
    reached = asyncio.Event()

    async def hang(_received: Received[AlertRaised]) -> None:
        reached.set()
        await asyncio.Event().wait()

    stream.subscribe(topics.ALERTS, {AlertRaised: hang})
    sent = alert()
    async with asyncio.timeout(WITHIN), stream.running():
        await stream.publish(sent, id="again")
        await reached.wait()

    again = Stream(settings, "crashing")
    got: asyncio.Queue[Received[AlertRaised]] = asyncio.Queue()
    again.subscribe(topics.ALERTS, {AlertRaised: got.put})
    async with again.running():
        assert (await asyncio.wait_for(got.get(), WITHIN)).id == "again"


async def test_what_has_come_is_handled_together_and_where_that_fails_one_by_one(settings: ServiceSettings) -> None:
    ids = [f"{number}" for number in range(10)]
    raised = [record_of(alert(ACCOUNT), source="test", id=id_) for id_ in ids]
    before = Stream(settings, "before")
    async with before.running():
        await before.publish_raw([(one.topic, one.key, one.value, one.headers) for one in raised])
    stream = Stream(settings, "many")
    calls: list[list[str]] = []
    done = asyncio.Event()

    async def handle(received: Sequence[Received[AlertRaised]]) -> None:
        calls.append([one.id for one in received])
        if "7" in calls[-1]:
            raise ValueError("a bug")
        if calls[-1] == ids[-1:]:
            done.set()

    stream.subscribe_many(topics.ALERTS, AlertRaised, handle)
    async with asyncio.timeout(WITHIN), stream.running():
        await done.wait()
    assert calls == [ids, *([id_] for id_ in ids[:8]), ["7"], ["7"], ["8"], ["9"]]


async def dead_letter(settings: ServiceSettings, topic: Topic) -> ConsumerRecord[bytes, bytes]:
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + topic.dead_letters,
        bootstrap_servers=settings.kafka,
        auto_offset_reset="earliest",
    )
    async with consumer:
        return await asyncio.wait_for(consumer.getone(), WITHIN)


@pytest.mark.parametrize(
    ("topic", "broken", "reason"),
    [(topics.SUPPRESSION_CHANGES, True, "truncated"), (topics.ALERTS, False, "a bug")],
)
async def test_poison_is_set_aside_with_its_reason(
    settings: ServiceSettings, topic: Topic, broken: bool, reason: str
) -> None:
    stream = Stream(settings, f"poisoned-{topic.name}")
    handled: asyncio.Queue[Event] = asyncio.Queue()
    good = (
        SuppressionChanged(account_id=ACCOUNT, number="+2", suppressed=True, reason="manual", at=now())
        if broken
        else AlertResolved(account_id=ACCOUNT, alert_id=new_id(), at=now())
    )

    async def fail(_received: Received[AlertRaised]) -> None:
        raise ValueError("a bug")

    async def handle(received: Received[Event]) -> None:
        await handled.put(received.data)

    stream.subscribe(topic, {AlertRaised: fail, type(good): handle})
    poison = record_of(good if broken else alert(), source="test", id="poison")
    value = b"{" if broken else poison.value
    async with stream.running():
        await stream.publish_raw([(poison.topic, poison.key, value, poison.headers)])
        await stream.publish(good)
        assert await asyncio.wait_for(handled.get(), WITHIN) == good
    letter = await dead_letter(settings, topic)
    headers = {name: text.decode() for name, text in letter.headers}
    assert letter.value == value
    assert headers["ce_id"] == "poison"
    assert reason in headers["dead_reason"]


COMMAND = SubmitCampaign(account_id=ACCOUNT, campaign_id=new_id(), actor="shop")
HEADERS = record_of(COMMAND, source="shop", id="bad").headers
WRONG: dict[str, tuple[dict[str, bytes | None], bytes, str]] = {
    "no type": ({"ce_type": None}, encode(COMMAND), "ce_type is missing: use one of volley.campaign.submit.v1"),
    "misspelt": ({"ce_type": b"volley.campaign.sumbit.v1"}, encode(COMMAND), "'volley.campaign.sumbit.v1': use one of"),
    "not for here": ({"ce_type": b"volley.alert.resolved.v1"}, encode(COMMAND), "use one of volley.campaign.submit.v1"),
    "no id": ({"ce_id": b""}, encode(COMMAND), "ce_id is missing"),
    "no source": ({"ce_source": None}, encode(COMMAND), "ce_source is missing"),
    "no time": ({"ce_time": b"tomorrow"}, encode(COMMAND), "ce_time is no time"),
    "no text": ({"ce_type": b"\xff\xfe"}, encode(COMMAND), "use one of"),
    "another header": ({"trace": b"\xff\xfe", "ce_id": b""}, encode(COMMAND), "ce_id is missing"),
    "no JSON": ({}, b"submit it", "malformed"),
    "a field less": ({}, b"{}", "account_id"),
    "no id in it": ({}, encode(COMMAND).replace(str(COMMAND.campaign_id).encode(), b"7"), "campaign_id"),
    "nothing in it": ({}, b"", "truncated"),
}


async def test_whatever_other_services_write_the_next_command_is_obeyed(settings: ServiceSettings) -> None:
    """What is no command is set aside with what is wrong with it; of the headers the time may be missing."""
    stream = Stream(settings, "commanded")
    got: asyncio.Queue[Received[SubmitCampaign]] = asyncio.Queue()
    stream.subscribe(topics.CAMPAIGN_COMMANDS, {SubmitCampaign: got.put})
    name = settings.topic_prefix + topics.CAMPAIGN_COMMANDS.name
    good = HEADERS | {"ce_id": "good"}
    del good["ce_time"]
    before = now()
    async with AIOKafkaProducer(bootstrap_servers=settings.kafka) as others:
        for changes, value, _ in WRONG.values():
            sent = {**{key: text.encode() for key, text in HEADERS.items()}, **changes}
            headers = [(key, text) for key, text in sent.items() if text is not None]
            await others.send_and_wait(name, value, partition=0, headers=headers)
        headers = [(key, text.encode()) for key, text in good.items()]
        await others.send_and_wait(name, encode(COMMAND), partition=0, key=key_of(COMMAND), headers=headers)
    async with stream.running(), asyncio.timeout(WITHIN):
        received = await got.get()
        while got.qsize():
            received = await got.get()
    assert (received.id, received.data) == ("good", COMMAND)
    assert before.replace(microsecond=0) <= received.time <= now(), "the record's own time"
    dead = AIOKafkaConsumer(
        settings.topic_prefix + topics.CAMPAIGN_COMMANDS.dead_letters,
        bootstrap_servers=settings.kafka,
        auto_offset_reset="earliest",
    )
    async with dead, asyncio.timeout(WITHIN):
        letters = [await dead.getone() for _ in WRONG]
    reasons = [dict(letter.headers)["dead_reason"].decode() for letter in letters]
    for reason, (case, (_, _, said)) in zip(reasons, WRONG.items(), strict=True):
        assert said in reason, case
