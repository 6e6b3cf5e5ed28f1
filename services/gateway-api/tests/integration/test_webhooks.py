"""Webhooks, from an event on a topic to a receiver that checks the signature."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from gateway_api.clients.outside import open_outside
from gateway_api.handlers.deliver_webhooks import deliver_webhooks, forget_person, queue_events
from gateway_api.store import deliveries
from volley_chassis.kafka import Received
from volley_contracts import AlertRaised, ContactErased, Event, InboundMessage, new_id, now

from .conftest import ADMIN, Gateway, Start

RAISED = "volley.alert.raised.v1"
INBOUND = "volley.message.inbound.v1"
GONE = "+12025550143"


class Receiver:
    """A customer's server: keeps what was posted, and answers with the statuses it was given, then 204."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.posts: list[tuple[dict[str, str], str]] = []
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.posts.append((dict(request.headers), await request.text()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    kept = Receiver()
    app = web.Application()
    app.router.add_post("/hook", kept.take)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield kept
    await runner.cleanup()


@pytest.fixture
async def gateway(start: Start) -> AsyncIterator[Gateway]:
    async with start(webhooks_private=True) as running:
        yield running


@asynccontextmanager
async def delivering(gateway: Gateway) -> AsyncIterator[None]:
    async with open_outside(private=True) as session:
        task = asyncio.create_task(deliver_webhooks(gateway.pool, session))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])


async def hooked(gateway: Gateway, url: str, key: str = ADMIN) -> dict[str, Any]:
    answer, made = await gateway.ask("POST", "/v1/webhooks", key, json={"url": url, "events": [RAISED]})
    assert answer.status == 201
    return dict(made)


async def account_of(gateway: Gateway, key: str = ADMIN) -> UUID:
    return UUID((await gateway.ask("GET", "/v1/me", key))[1]["account"]["id"])


def alert(account_id: UUID) -> Received[Event]:
    raised = AlertRaised(account_id=account_id, alert_id=new_id(), code="route_down", sentence="It is down.", at=now())
    return Received(str(new_id()), RAISED, "/campaign-svc", now(), raised)


async def log_of(gateway: Gateway, webhook: dict[str, Any], status: str = "") -> list[dict[str, Any]]:
    query = f"?status={status}" if status else ""
    return list((await gateway.ask("GET", f"/v1/webhooks/{webhook['id']}/deliveries{query}"))[1]["items"])


async def until_logged(gateway: Gateway, webhook: dict[str, Any], status: str) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        while not (found := await log_of(gateway, webhook, status)):
            await asyncio.sleep(0.05)
        return found


async def test_an_event_is_posted_once_signed_and_logged(gateway: Gateway, receiver: Receiver) -> None:
    made = await hooked(gateway, receiver.url)
    event = alert(await account_of(gateway))
    for _ in range(2):  # Kafka may deliver it again
        await queue_events(gateway.pool, [event, event])
    async with delivering(gateway):
        (delivery,) = await until_logged(gateway, made, "delivered")
    ((headers, body),) = receiver.posts
    posted = Webhook(made["secret"]).verify(body, headers)
    assert (posted["type"], posted["data"]["code"]) == (RAISED, "route_down")
    assert headers["webhook-id"] == event.id == delivery["event_id"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [204]
    assert "secret" not in str(await gateway.ask("GET", "/v1/webhooks"))


async def test_a_refused_post_is_tried_again(gateway: Gateway, receiver: Receiver) -> None:
    made = await hooked(gateway, receiver.url)
    receiver.statuses = [503]
    await queue_events(gateway.pool, [alert(await account_of(gateway))])
    async with delivering(gateway):
        async with asyncio.timeout(20):
            while not (await log_of(gateway, made))[0]["attempts"]:
                await asyncio.sleep(0.05)
        (pending,) = await log_of(gateway, made, "pending")
        assert pending["next_at"] > pending["attempts"][0]["at"]
        await gateway.pool.execute("UPDATE webhook_deliveries SET next_at = now()")
        (delivery,) = await until_logged(gateway, made, "delivered")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [503, 204]
    assert {headers["webhook-id"] for headers, _ in receiver.posts} == {delivery["event_id"]}


async def test_gone_pauses_the_webhook_until_a_person_says_otherwise(gateway: Gateway, receiver: Receiver) -> None:
    made = await hooked(gateway, receiver.url)
    receiver.statuses = [410]
    await queue_events(gateway.pool, [alert(await account_of(gateway))])
    async with delivering(gateway):
        (failed,) = await until_logged(gateway, made, "failed")
        _, paused = await gateway.ask("GET", f"/v1/webhooks/{made['id']}")
        assert (paused["active"], "410" in paused["paused_because"]) == (False, True)
        _, again = await gateway.ask("PATCH", f"/v1/webhooks/{made['id']}", json={"active": True})
        assert (again["active"], again["paused_because"]) == (True, None)
        path = f"/v1/webhooks/{made['id']}/deliveries/{failed['id']}/repeat"
        assert (await gateway.ask("POST", path))[0].status == 202
        (delivery,) = await until_logged(gateway, made, "delivered")
    assert [attempt["status"] for attempt in delivery["attempts"]] == [410, 204]


async def test_who_is_erased_is_taken_out_of_what_was_posted_and_is_to_be(gateway: Gateway, receiver: Receiver) -> None:
    answer, made = await gateway.ask("POST", "/v1/webhooks", json={"url": receiver.url, "events": [INBOUND]})
    assert answer.status == 201
    account_id = await account_of(gateway)
    await queue_events(gateway.pool, [said(account_id, GONE)])
    async with delivering(gateway):
        (posted,) = await until_logged(gateway, made, "delivered")
    await queue_events(gateway.pool, [said(account_id, GONE), said(account_id, "+12025550199")])
    for complete in (False, True, True):
        erased = ContactErased(
            account_id=account_id, contact_id=new_id(), number=GONE, complete=complete, suppressed=False, at=now()
        )
        await forget_person(gateway.pool, erased)
    assert not await gateway.pool.fetchval(
        "SELECT count(*) FROM webhook_deliveries AS d WHERE d::text LIKE '%202555014%'"
    )
    path = f"/v1/webhooks/{made['id']}/deliveries/{posted['id']}/repeat"
    assert (await gateway.ask("POST", path))[0].status == 404
    async with delivering(gateway), asyncio.timeout(20):
        while len(await log_of(gateway, made, "delivered")) < 2:
            await asyncio.sleep(0.05)
    assert [GONE in body for _, body in receiver.posts] == [True, False]
    assert [delivery["status"] for delivery in await log_of(gateway, made)] == ["delivered", "failed", "delivered"]


def said(account_id: UUID, number: str) -> Received[Event]:
    message = InboundMessage(
        account_id=account_id,
        message_id=new_id(),
        from_number=number,
        to_address="V",
        text="Hi",
        keyword=None,
        at=now(),
    )
    return Received(str(new_id()), INBOUND, "/dispatch-svc", now(), message)


async def test_after_a_rotation_both_secrets_sign(gateway: Gateway, receiver: Receiver) -> None:
    made = await hooked(gateway, receiver.url)
    _, rotated = await gateway.ask("POST", f"/v1/webhooks/{made['id']}/rotate-secret")
    assert rotated["secret"] != made["secret"]
    assert (await gateway.ask("POST", f"/v1/webhooks/{made['id']}/ping"))[0].status == 202
    async with delivering(gateway):
        await until_logged(gateway, made, "delivered")
    ((headers, body),) = receiver.posts
    for secret in (made["secret"], rotated["secret"]):
        assert Webhook(secret).verify(body, headers)["type"] == "volley.webhook.ping.v1"


async def test_accounts_hear_nothing_of_each_other(gateway: Gateway, receiver: Receiver) -> None:
    other = await gateway.account(f"other {new_id()}")
    mine, theirs = await hooked(gateway, receiver.url), await hooked(gateway, receiver.url, other)
    await queue_events(gateway.pool, [alert(await account_of(gateway, other))])
    assert not await log_of(gateway, mine)
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/ping")):
        answer, _ = await gateway.ask(
            method, f"/v1/webhooks/{theirs['id']}{path}", json={} if method == "PATCH" else None
        )
        assert answer.status == 404


async def test_what_was_not_asked_for_is_not_queued(gateway: Gateway, receiver: Receiver) -> None:
    made = await hooked(gateway, receiver.url)
    patched = {"events": ["volley.campaign.moved.v1"]}
    assert (await gateway.ask("PATCH", f"/v1/webhooks/{made['id']}", json=patched))[1]["url"] == receiver.url
    await queue_events(gateway.pool, [alert(await account_of(gateway))])
    assert not await log_of(gateway, made)
    assert (await gateway.ask("DELETE", f"/v1/webhooks/{made['id']}"))[0].status == 204


async def test_private_addresses_are_refused_by_name_and_by_what_the_name_resolves_to(start: Start) -> None:
    async with start() as gateway:
        answer, problem = await gateway.ask(
            "POST", "/v1/webhooks", json={"url": "http://127.0.0.1/", "events": [RAISED]}
        )
        assert (answer.status, problem["errors"][0]["field"]) == (422, "url")
    async with open_outside(private=False) as session:
        for url in ("http://localhost:9/", "http://127.0.0.1:9/", "http://0x7f.1:9/", "http://[::ffff:127.0.0.1]:9/"):
            with pytest.raises(OSError, match="leads to a private address"):
                await session.get(url)


async def test_an_account_has_at_most_twenty(gateway: Gateway, receiver: Receiver) -> None:
    key = await gateway.account(f"many {new_id()}")
    for _ in range(20):
        await hooked(gateway, receiver.url, key)
    answer, problem = await gateway.ask("POST", "/v1/webhooks", key, json={"url": receiver.url, "events": [RAISED]})
    assert (answer.status, problem["code"]) == (409, "too_many_webhooks")


async def test_an_account_whose_servers_hang_leaves_places_to_others(gateway: Gateway, receiver: Receiver) -> None:
    """Claimed as the loop does: its posts are under way for as long as their servers keep silent."""
    busy, other = await gateway.account("busy"), await gateway.account("other")
    for _ in range(20):
        await hooked(gateway, receiver.url, busy)
    await hooked(gateway, receiver.url, other)
    busy_id, other_id = await account_of(gateway, busy), await account_of(gateway, other)
    for _ in range(4):
        await queue_events(gateway.pool, [alert(busy_id)])
    await queue_events(gateway.pool, [alert(other_id)])
    first = await deliveries.claim(gateway.pool, 64, webhooks=(), accounts=(), share=16)
    claimed = Counter(due.account_id for due in first)
    assert (claimed[busy_id], claimed[other_id]) == (16, 1)
    more = await deliveries.claim(gateway.pool, 64, webhooks=(), accounts=[busy_id], share=16)
    assert busy_id not in {due.account_id for due in more}
