"""The live stream: events of one's own account, as they happen, and no harm by slow readers."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any
from uuid import UUID

import aiohttp
import msgspec
import pytest

from gateway_api.domain.live import Wanted
from gateway_api.handlers.broadcast_live import KEPT, QUEUE, READERS_OF_ACCOUNT
from volley_chassis.kafka import Received
from volley_contracts import (
    AlertRaised,
    AlertResolved,
    CampaignMoved,
    Event,
    LiveFigures,
    Status,
    declaration_of,
    new_id,
    now,
)

from .conftest import ADMIN, Gateway, Start
from .test_users import joined, signed_in

WITHIN = 30


def figures(account_id: UUID, campaign_id: UUID) -> LiveFigures:
    counts = dict.fromkeys(
        [
            "submitted",
            "delivered",
            "undelivered",
            "failed",
            "unknown",
            "suppressed",
            "cancelled",
            "clicks_raw",
            "clicks_human",
            "clickers",
            "optouts",
            "parts",
        ],
        1,
    )
    return LiveFigures(
        account_id=account_id, campaign_id=campaign_id, cost=Decimal("0.1"), currency="EUR", at=now(), **counts
    )


def moved(account_id: UUID, campaign_id: UUID) -> CampaignMoved:
    return CampaignMoved(
        account_id=account_id,
        campaign_id=campaign_id,
        campaign_name="Mai\nü",
        move="pause",
        status_from="sending",
        status_to="paused",
        version=4,
        actor="a",
        at=now(),
    )


def alert(account_id: UUID, campaign_id: UUID | None = None) -> AlertRaised:
    return AlertRaised(
        account_id=account_id, alert_id=new_id(), code="c", sentence="S.", campaign_id=campaign_id, at=now()
    )


def received(event: Event) -> Received[Any]:
    return Received(str(new_id()), declaration_of(type(event)).name, "/test", now(), event)


class Reading:
    """An open stream as a browser reads it."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> dict[str, str]:
        """The fields of the next event; a comment stands under ''."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(WITHIN):
            while line := (await self.answer.content.readline()).decode().rstrip("\r\n"):
                name, _, value = line.partition(": ")
                fields[name.rstrip(":")] = value
        return fields

    async def event(self) -> tuple[str, Any]:
        """The next that is more than a comment."""
        while "event" not in (fields := await self.next()):
            assert fields, "the stream ended"
        return fields["event"], json.loads(fields["data"])


@asynccontextmanager
async def listening(
    gateway: Gateway, key: str = ADMIN, query: str = "", last_id: str | None = None
) -> AsyncIterator[Reading]:
    headers = {"Authorization": f"Bearer {key}"} | ({"Last-Event-ID": last_id} if last_id else {})
    async with gateway.client.get(f"{gateway.url}/v1/live{query}", headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        reading = Reading(answer)
        assert (await reading.next())[""] == "welcome"
        yield reading


async def account_of(gateway: Gateway, key: str) -> UUID:
    return UUID((await gateway.ask("GET", "/v1/me", key))[1]["account"]["id"])


async def test_from_the_topics_to_the_browser(live_gateway: Gateway) -> None:
    mine = await account_of(live_gateway, ADMIN)
    campaign = new_id()
    raised = alert(mine, campaign)
    events = [
        ("figures", figures(mine, campaign)),
        ("campaign_moved", moved(mine, campaign)),
        ("alert_raised", raised),
        ("alert_resolved", AlertResolved(account_id=mine, alert_id=raised.alert_id, at=now())),
    ]
    heard: dict[str, dict[str, str]] = {}
    async with listening(live_gateway) as reading, asyncio.timeout(2 * WITHIN):
        for name, event in events:
            # Readers hear what happens from now on, and when that begins Kafka decides: it is said until it is heard.
            while name not in heard:
                await live_gateway.stream.publish(event, id=name)
                fields = await reading.next()
                heard[fields.get("event", "")] = fields
            fields = heard[name]
            assert (fields["event"], fields["id"]) == (name, name)
            assert json.loads(fields["data"])["account_id"] == str(mine)


async def test_accounts_and_campaigns_are_told_apart(gateway: Gateway) -> None:
    keys = [ADMIN, await gateway.account("live-other")]
    mine, other = [await account_of(gateway, key) for key in keys]
    wanted, unwanted = new_id(), new_id()
    async with (
        listening(gateway, keys[0]) as everything,
        listening(gateway, keys[1]) as others,
        listening(gateway, keys[0], f"?campaign_id={wanted}") as one,
    ):
        sent = [
            figures(other, unwanted),
            figures(mine, unwanted),
            alert(mine, unwanted),
            figures(mine, wanted),
            alert(mine),
        ]
        for event in sent:
            await gateway.hub.publish(received(event))
        assert [(await everything.event())[0] for _ in range(4)] == [
            "figures",
            "alert_raised",
            "figures",
            "alert_raised",
        ]
        assert (await others.event())[1]["account_id"] == str(other)
        assert (await one.event())[1]["campaign_id"] == str(wanted)
        assert (await one.event())[0] == "alert_raised"


async def test_campaigns_are_filtered_as_on_their_list(gateway: Gateway) -> None:
    mine, one, other = await account_of(gateway, ADMIN), new_id(), new_id()

    def of(campaign: UUID, name: str, status: Status, *tags: str) -> LiveFigures:
        return msgspec.structs.replace(figures(mine, campaign), name=name, status=status, tags=tags)

    sent = [
        of(other, "Summer", "sending", "shoes", "sale"),
        of(one, "Spring Sale", "started", "shoes", "sale"),
        of(one, "Spring Sale", "sending", "shoes", "sale"),
        msgspec.structs.replace(moved(mine, one), campaign_name="Spring Sale", tags=("shoes", "sale")),
        of(one, "Spring Sale", "paused", "shoes", "sale"),
        of(one, "Spring Sale", "sending", "shoes"),
        alert(mine, one),
    ]
    query = "?name=SPRING&status=sending&status=suspended&tag=sale&tag=shoes"
    async with listening(gateway, query=query) as some, listening(gateway) as everything:
        for event in sent:
            await gateway.hub.publish(received(event))
        heard = [await some.event() for _ in range(3)]
        assert len([await everything.event() for _ in sent]) == len(sent)
    assert [name for name, _ in heard] == ["figures", "campaign_moved", "alert_raised"]
    assert (heard[0][1]["status"], heard[1][1]["status_to"]) == ("sending", "paused")
    answer, _ = await gateway.ask("GET", "/v1/live?status=flying")
    assert answer.status in {400, 422}


async def test_who_comes_back_hears_what_was_missed(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, campaign, clock = await account_of(gateway, ADMIN), new_id(), 1000.0
    monkeypatch.setattr("gateway_api.handlers.broadcast_live.monotonic", lambda: clock)
    events = [received(event) for event in (alert(mine), figures(mine, campaign), moved(mine, campaign))]
    async with listening(gateway) as reading:
        await gateway.hub.publish(events[0])
        last = (await reading.next())["id"]
    clock += 2
    missed = [*events[1:], received(figures(mine, new_id())), received(figures(mine, campaign)), received(alert(mine))]
    for event in missed:
        await gateway.hub.publish(event)
    async with listening(gateway, last_id=last) as reading:
        heard = [(await reading.next())["id"] for _ in range(4)]
        await gateway.hub.publish(received(alert(mine)))
        assert (await reading.event())[0] == "alert_raised"
    assert heard == [event.id for event in missed[1:]], "of a campaign's figures only the last"
    async with listening(gateway, query=f"?campaign_id={campaign}", last_id=heard[-2]) as reading:
        again = [(await reading.next())["id"] for _ in range(2)]
    assert again == [missed[1].id, missed[-1].id], "what came within a second before is told again"
    async with listening(gateway, last_id="of-long-ago") as reading:
        assert await reading.event() == ("reset", {})


async def test_what_is_kept_for_readers_who_come_back_has_a_limit(gateway: Gateway) -> None:
    mine, other = await account_of(gateway, ADMIN), new_id()
    first = received(alert(mine))
    await gateway.hub.publish(first)
    assert gateway.hub.missed(mine, Wanted(), first.id) == []
    for _ in range(KEPT):
        await gateway.hub.publish(received(alert(other)))
    assert gateway.hub.missed(mine, Wanted(), first.id) is None
    assert sum(map(len, gateway.hub._kept.values())) == len(gateway.hub._order) == KEPT


async def test_heartbeats_come_where_nothing_happens(start: Start) -> None:
    async with start(heartbeat=0.01) as gateway, listening(gateway) as reading:
        assert [(await reading.next())[""] for _ in range(2)] == ["nothing new"] * 2


async def test_a_stream_ends_with_its_key(start: Start) -> None:
    async with start(heartbeat=0.01) as gateway:
        viewer = await gateway.key("viewer")
        _, me = await gateway.ask("GET", "/v1/me", viewer)
        async with listening(gateway, viewer) as reading:
            await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}")
            while await reading.next():
                pass
            assert reading.answer.content.at_eof()


async def test_a_stream_ends_with_its_session(start: Start) -> None:
    async with start(heartbeat=0.01) as gateway:
        await joined(gateway, "listens@example.com")
        token = await signed_in(gateway, "listens@example.com")
        async with listening(gateway, token) as reading:
            assert await reading.next()
            assert (await gateway.ask("DELETE", "/v1/sessions", token))[0].status == 204
            while await reading.next():
                pass
            assert reading.answer.content.at_eof()


async def test_a_slow_reader_is_dropped_and_the_others_go_on(gateway: Gateway) -> None:
    mine = await account_of(gateway, ADMIN)
    with gateway.hub.reading(mine, Wanted()) as slow, gateway.hub.reading(mine, Wanted()) as quick:
        for _ in range(QUEUE + 1):
            await gateway.hub.publish(received(figures(mine, new_id())))
            assert quick.queue.get_nowait()
        assert slow.queue.get_nowait() is None
        await gateway.hub.publish(received(figures(mine, new_id())))
        assert slow.queue.empty()
        assert quick.queue.qsize() == 1


async def test_streams_end_with_the_process_and_have_a_limit(gateway: Gateway) -> None:
    mine = await account_of(gateway, ADMIN)
    async with listening(gateway) as reading:
        readers = [gateway.hub.reading(mine, Wanted()) for _ in range(READERS_OF_ACCOUNT - 1)]
        for reader in readers:
            reader.__enter__()
        answer, problem = await gateway.ask("GET", "/v1/live")
        assert (answer.status, problem["code"], answer.headers["retry-after"]) == (429, "too_many_streams", "30")
        for reader in readers:
            reader.__exit__(None, None, None)
        gateway.hub.close()
        assert await reading.next() == {}
        assert reading.answer.content.at_eof()
        assert not gateway.hub.is_full(mine)


async def test_a_reader_who_goes_leaves_nothing_behind(gateway: Gateway) -> None:
    mine = await account_of(gateway, ADMIN)
    async with listening(gateway):
        assert mine in gateway.hub._readers
    async with asyncio.timeout(WITHIN):
        while mine in gateway.hub._readers:
            await asyncio.sleep(0)
