"""Opt-outs and messages from people, each event twice, by the handlers and through Kafka."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from campaign_svc import consumers
from campaign_svc.config import SERVICE, Settings
from campaign_svc.handlers.receive_inbound import receive_inbound
from campaign_svc.handlers.record_optout import record_optouts
from campaign_svc.handlers.suppress_number import suppress_number
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received, Stream
from volley_contracts import (
    Event,
    InboundMessage,
    OptedOut,
    Replied,
    SuppressionChanged,
    SuppressionReason,
    decode,
    new_id,
    now,
)

from .conftest import Audience

NUMBER = "+12025550143"


async def twice(handler: Callable[..., Any], pool: Pool, event: Event) -> None:
    received = Received(str(new_id()), "type", "/test", now(), event)
    await handler(pool, received)
    await handler(pool, received)


async def launched(
    pool: Pool,
    account_id: UUID,
    contact_id: UUID,
    *,
    at: datetime | None,
    sender_id: UUID | None = None,
    fed: int = 1,
) -> UUID:
    """A campaign with one recipient (seq 0), who gets the second variant."""
    campaign_id = new_id()
    await pool.execute(
        "INSERT INTO campaigns (id, account_id, name, created_at, created_by, updated_at, launched_at, sender_id,"
        " next_seq) VALUES ($1, $2, 'c', now(), 'x', now(), $3, $4, $5)",
        campaign_id,
        account_id,
        at,
        sender_id,
        fed,
    )
    await pool.execute(
        "INSERT INTO recipients (campaign_id, seq, contact_id, number, country, variant, fields)"
        " VALUES ($1, 0, $2, $3, 'US', 1, '{}')",
        campaign_id,
        contact_id,
        NUMBER,
    )
    return campaign_id


@pytest.fixture
async def contact_id(pool: Pool, caller: Caller) -> UUID:
    made = new_id()
    await pool.execute(
        "INSERT INTO contacts (id, account_id, number, country, created_at, updated_at)"
        " VALUES ($1, $2, $3, 'US', now(), now())",
        made,
        caller.account_id,
        NUMBER,
    )
    return made


async def suppressions(pool: Pool, account_id: UUID) -> list[tuple[str, str, UUID | None]]:
    rows = await pool.fetch(
        "SELECT number, reason, campaign_id FROM suppressions WHERE account_id = $1 ORDER BY number", account_id
    )
    return [tuple(row) for row in rows]


async def told(pool: Pool, account_id: UUID) -> list[tuple[str, bool, str, UUID | None]]:
    """What was said about numbers of the account. Recipient and variant stand beside every campaign, and only there."""
    rows = await pool.fetch("SELECT value FROM outbox WHERE topic = 'suppression.changes' ORDER BY id")
    events = [decode("volley.suppression.changed.v1", row["value"]) for row in rows]
    mine = [event for event in events if isinstance(event, SuppressionChanged) and event.account_id == account_id]
    for event in mine:
        assert (event.seq, event.variant, event.country) == ((0, 1, "US") if event.campaign_id else (None, None, None))
    return [(event.number, event.suppressed, event.reason, event.campaign_id) for event in mine]


def opted_out(account_id: UUID, campaign_id: UUID, seq: int = 0) -> OptedOut:
    return OptedOut(account_id=account_id, campaign_id=campaign_id, seq=seq, variant=0, domain_id=new_id(), at=now())


async def record_one(pool: Pool, received: Received[OptedOut]) -> None:
    await record_optouts(pool, [received])


def wrote(account_id: UUID, text: str, keyword: Any = None, at: datetime | None = None) -> InboundMessage:
    return InboundMessage(
        account_id=account_id,
        message_id=new_id(),
        from_number=NUMBER,
        to_address="12345",
        text=text,
        keyword=keyword,
        at=at or now(),
    )


async def test_an_optout_suppresses_the_number_behind_the_recipient(
    pool: Pool, caller: Caller, contact_id: UUID
) -> None:
    campaign_id = await launched(pool, caller.account_id, contact_id, at=now())
    await twice(record_one, pool, opted_out(caller.account_id, campaign_id))
    await twice(record_one, pool, opted_out(caller.account_id, campaign_id))  # pressed again
    assert await suppressions(pool, caller.account_id) == [(NUMBER, "optout_page", campaign_id)]
    assert await told(pool, caller.account_id) == [(NUMBER, True, "optout_page", campaign_id)]


async def test_many_opt_out_at_once(pool: Pool, caller: Caller, contact_id: UUID) -> None:
    account = caller.account_id
    first = await launched(pool, account, contact_id, at=now() - timedelta(hours=2))
    second = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    pressed = [
        (account, first, 0),
        (account, second, 0),
        (account, first, 0),
        (account, first, 7),
        (new_id(), first, 0),
    ]
    events = [Received(str(new_id()), "t", "/link-svc", now(), opted_out(*who)) for who in pressed]
    for _ in range(2):
        await record_optouts(pool, [*events, events[0]])
    assert await suppressions(pool, account) == [(NUMBER, "optout_page", first)]
    assert await told(pool, account) == [(NUMBER, True, "optout_page", first), (NUMBER, True, "optout_page", second)]


async def test_who_opts_out_of_two_campaigns_is_told_for_both_and_once_for_each(
    pool: Pool, caller: Caller, contact_id: UUID
) -> None:
    account = caller.account_id
    first = await launched(pool, account, contact_id, at=now() - timedelta(hours=2))
    second = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    await twice(record_one, pool, opted_out(account, first))
    await twice(receive_inbound, pool, wrote(account, "STOP", "stop"))
    await twice(record_one, pool, opted_out(account, second))
    await twice(receive_inbound, pool, wrote(account, "Stop!", "stop"))
    assert await suppressions(pool, account) == [(NUMBER, "optout_page", first)]
    assert await told(pool, account) == [(NUMBER, True, "optout_page", first), (NUMBER, True, "stop_keyword", second)]


async def test_a_number_that_was_suppressed_by_hand_still_opts_out_of_a_campaign(
    pool: Pool, caller: Caller, contact_id: UUID
) -> None:
    account = caller.account_id
    campaign_id = await launched(pool, account, contact_id, at=now())
    await suppress_number(pool, account, NUMBER, "manual", at=now())
    await twice(record_one, pool, opted_out(account, campaign_id))
    assert await suppressions(pool, account) == [(NUMBER, "manual", None)]
    assert await told(pool, account) == [(NUMBER, True, "manual", None), (NUMBER, True, "optout_page", campaign_id)]


async def test_who_came_back_and_opts_out_again_is_told_again(pool: Pool, caller: Caller, contact_id: UUID) -> None:
    account = caller.account_id
    campaign_id = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    for text, keyword in (("STOP", "stop"), ("START", "start"), ("STOP", "stop")):
        await twice(receive_inbound, pool, wrote(account, text, keyword))
    assert [suppressed for _, suppressed, _, _ in await told(pool, account)] == [True, False, True]
    assert await suppressions(pool, account) == [(NUMBER, "stop_keyword", campaign_id)]


async def test_an_optout_of_nobody_is_passed_over(pool: Pool, caller: Caller, contact_id: UUID) -> None:
    campaign_id = await launched(pool, caller.account_id, contact_id, at=now())
    stranger = new_id()
    await twice(record_one, pool, opted_out(caller.account_id, campaign_id, seq=1))
    await twice(record_one, pool, opted_out(stranger, campaign_id))
    assert await suppressions(pool, caller.account_id) == await suppressions(pool, stranger) == []


@pytest.mark.parametrize("reason", ["manual", "complaint"])
async def test_start_takes_back_only_what_the_person_said(
    pool: Pool, caller: Caller, contact_id: UUID, reason: SuppressionReason
) -> None:
    await launched(pool, caller.account_id, contact_id, at=now() - timedelta(hours=1))
    await suppress_number(pool, caller.account_id, NUMBER, reason, at=now() - timedelta(minutes=1))
    await twice(receive_inbound, pool, wrote(caller.account_id, "START", "start"))
    assert await suppressions(pool, caller.account_id) == [(NUMBER, reason, None)]
    assert [suppressed for _, suppressed, _, _ in await told(pool, caller.account_id)] == [True]


async def test_stop_and_start(pool: Pool, caller: Caller, contact_id: UUID) -> None:
    account = caller.account_id
    campaign_id = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    stop = wrote(account, "STOP", "stop")
    await twice(receive_inbound, pool, stop)
    assert await suppressions(pool, account) == [(NUMBER, "stop_keyword", campaign_id)]
    await twice(receive_inbound, pool, wrote(account, "start", "start", stop.at - timedelta(minutes=1)))
    assert len(await suppressions(pool, account)) == 1, "a START that is older than the STOP lifts nothing"
    await twice(receive_inbound, pool, wrote(account, "start", "start"))
    assert await suppressions(pool, account) == []
    await twice(receive_inbound, pool, stop)
    assert await suppressions(pool, account) == [], "the same message again, as another event, does nothing"
    assert await told(pool, account) == [
        (NUMBER, True, "stop_keyword", campaign_id),
        (NUMBER, False, "start_keyword", campaign_id),
    ]


async def test_a_message_belongs_to_the_latest_campaign_that_was_launched(
    pool: Pool, caller: Caller, contact_id: UUID
) -> None:
    account = caller.account_id
    latest = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    await launched(pool, account, contact_id, at=now() - timedelta(hours=2))
    await launched(pool, account, contact_id, at=None)
    await launched(pool, account, contact_id, at=now(), fed=0)  # nothing was sent to this person yet
    await twice(receive_inbound, pool, wrote(account, "Is it\0 open today?", "help"))
    [row] = await pool.fetch("SELECT * FROM inbound_messages WHERE account_id = $1", account)
    assert (row["campaign_id"], row["contact_id"], row["keyword"]) == (latest, contact_id, "help")
    assert row["text"] == "Is it open today?"
    assert await suppressions(pool, account) == []


async def test_a_message_rather_answers_the_sender_that_it_was_written_to(
    pool: Pool, caller: Caller, contact_id: UUID, audience: Audience
) -> None:
    account = caller.account_id
    senders = [await audience.sender() for _ in range(2)]
    address = await pool.fetchval("SELECT address FROM senders WHERE id = $1", senders[0])
    hours = (3, 2, 1)
    made = [
        await launched(pool, account, contact_id, at=now() - timedelta(hours=h), sender_id=sender_id)
        for h, sender_id in zip(hours, (senders[0], senders[0], senders[1]), strict=True)
    ]
    for to_address in (address, "never heard of"):
        message = msgspec.structs.replace(wrote(account, "Hello"), to_address=to_address)
        await twice(receive_inbound, pool, message)
    rows = await pool.fetch("SELECT campaign_id FROM inbound_messages WHERE account_id = $1 ORDER BY id", account)
    assert [row["campaign_id"] for row in rows] == [made[1], made[2]]


async def test_a_message_of_somebody_unknown_is_kept(pool: Pool) -> None:
    account = new_id()
    await twice(receive_inbound, pool, wrote(account, "stop", "stop"))
    [row] = await pool.fetch("SELECT * FROM inbound_messages WHERE account_id = $1", account)
    assert (row["campaign_id"], row["contact_id"]) == (None, None)
    assert await suppressions(pool, account) == [(NUMBER, "stop_keyword", None)]


async def test_both_arrive_through_kafka(settings: Settings, pool: Pool, caller: Caller, contact_id: UUID) -> None:
    account = caller.account_id
    campaign_id = await launched(pool, account, contact_id, at=now())
    stream = Stream(settings, SERVICE)
    consumers.subscribe(stream, pool)
    optout, message = opted_out(account, campaign_id), wrote(account, "start", "start", now() + timedelta(minutes=1))
    async with stream.running(), asyncio.timeout(60):
        for _ in range(2):
            await stream.publish(optout, id="optout")
        while not await suppressions(pool, account):
            await asyncio.sleep(0.02)
        for _ in range(2):
            await stream.publish(message, id="message")
        while await suppressions(pool, account):
            await asyncio.sleep(0.02)
    assert await told(pool, account) == [
        (NUMBER, True, "optout_page", campaign_id),
        (NUMBER, False, "start_keyword", campaign_id),
    ]


async def test_what_answers_a_campaign_is_told_once(pool: Pool, caller: Caller, contact_id: UUID) -> None:
    account = caller.account_id
    campaign_id = await launched(pool, account, contact_id, at=now() - timedelta(hours=1))
    question, stop = wrote(account, "Is it open today?"), wrote(account, "STOP", "stop")
    for message in (question, stop):
        await twice(receive_inbound, pool, message)
    rows = await pool.fetch("SELECT value FROM outbox WHERE topic = 'campaign.replies' ORDER BY id")
    events = [decode("volley.campaign.replied.v1", row["value"]) for row in rows]
    replies = [event for event in events if isinstance(event, Replied) and event.account_id == account]
    assert [(one.campaign_id, one.message_id, one.keyword) for one in replies] == [
        (campaign_id, question.message_id, None),
        (campaign_id, stop.message_id, "stop"),
    ]
    assert {(one.seq, one.variant, one.country) for one in replies} == {(0, 1, "US")}
