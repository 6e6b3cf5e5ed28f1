"""The client of a route to Twilio against the simulator's door, which Twilio's own client library holds to its word."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dispatch_svc.clients.http import HttpClient
from dispatch_svc.domain.routes import Route, read_config
from volley_chassis.outside import EVERYWHERE, Outside
from volley_contracts import new_id
from volley_tools.simulator import Options

ACCOUNT, TOKEN = Options().account_sid, Options().auth_token
Callbacks = list[tuple[str, dict[str, str]]]


def always() -> bool:
    return True


@pytest.fixture
async def public() -> AsyncIterator[tuple[str, Callbacks]]:
    """An address for callbacks, and what was posted there with the library's blessing: path and query, and the form."""
    taken: Callbacks = []

    async def take(request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        url = str(server.make_url("")).rstrip("/") + request.raw_path
        if not RequestValidator(TOKEN).validate(url, form, request.headers["X-Twilio-Signature"]):
            return web.Response(status=403)
        taken.append((request.raw_path, form))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), taken


@pytest.fixture
async def twilio() -> AsyncIterator[Callable[..., HttpClient]]:
    opened: list[HttpClient] = []

    def open_one(port: int, public_url: str = "http://127.0.0.1:1", **config: Any) -> HttpClient:
        given = {"url": f"http://127.0.0.1:{port}", "account_sid": ACCOUNT, "auth_token": TOKEN, **config}
        found = read_config("twilio", {"public_url": public_url, **given})
        route = Route(id=new_id(), account_id=new_id(), name="t", protocol="twilio", config=found)
        opened.append(HttpClient(route, Outside(EVERYWHERE)))
        return opened[-1]

    yield open_one
    await asyncio.gather(*(client.close(0.1) for client in opened))


class Redirected(TwilioHttpClient):  # type: ignore[misc] # it publishes no types
    """The library's client, with the simulator in the place of Twilio."""

    def __init__(self, port: int) -> None:
        super().__init__(pool_connections=False)
        self.port = port

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        return super().request(
            method, url.replace("https://api.twilio.com", f"http://127.0.0.1:{self.port}"), *args, **kwargs
        )


async def test_texts_arrive_whole_and_are_told_of(
    simulate: Any, twilio: Any, outbound: Any, ledger: Any, public: tuple[str, Callbacks], until: Any
) -> None:
    url, callbacks = public
    simulator = await simulate(undelivered=0)
    client = twilio(simulator.http_port, url)
    messages = [outbound(text) for text in ["Hello", "Привет 👋", "Long. " * 60, "[€] & more = 100%"]]
    handed = await client.hand_over(messages, always)
    assert {one.result for one in handed} == {"submitted"}
    sids = {one.ref: one.provider_ids for one in handed}
    taken = ledger(simulator)
    assert {(one["to"], one["text"], one["parts"], one["protocol"]) for one in taken} == {
        (message.to, message.text, len(message.parts), "twilio") for message in messages
    }
    await until(lambda: len(callbacks) == 2 * len(messages))
    for message in messages:
        path = f"/callbacks/routes/{client.route_id}?ref={message.ref}"
        assert [form["MessageStatus"] for told, form in callbacks if told == path] == ["sent", "delivered"]
        assert {form["MessageSid"] for told, form in callbacks if told == path} == set(sids[message.ref])


async def test_what_is_in_doubt_is_unknown_and_its_callback_names_it(
    simulate: Any, twilio: Any, outbound: Any, ledger: Any, public: tuple[str, Callbacks], until: Any
) -> None:
    url, callbacks = public
    simulator = await simulate(drop_after=1)
    client = twilio(simulator.http_port, url)
    message = outbound()
    [handed] = await client.hand_over([message], always)
    assert (handed.result, handed.error) == ("unknown", "connection_lost")
    assert len(ledger(simulator)) == 1
    with pytest.raises(OSError, match="answers no questions"):
        await client.find(message.ref)
    await until(lambda: len(callbacks) == 2)
    assert {path for path, _ in callbacks} == {f"/callbacks/routes/{client.route_id}?ref={message.ref}"}


async def test_refusals_of_messages_and_of_the_account(simulate: Any, twilio: Any, outbound: Any) -> None:
    simulator = await simulate()
    client = twilio(simulator.http_port)
    [handed] = await client.hand_over([outbound(to="+44")], always)
    assert (handed.result, handed.error, client.healthy) == ("refused", "twilio_21211", True)
    stranger = twilio(simulator.http_port, auth_token="another-token-of-nobody-01")
    [handed] = await stranger.hand_over([outbound()], always)
    assert (handed.result, handed.error, stranger.healthy) == ("retry", "http_401", False)
    busy = twilio((await simulate(failures={"ESME_RTHROTTLED": 1000})).http_port)
    [handed] = await busy.hand_over([outbound()], always)
    assert (handed.result, handed.error, busy.healthy) == ("retry", "http_429", False)
    broken = twilio((await simulate(failures={"ESME_RSYSERR": 1000})).http_port)
    [handed] = await broken.hand_over([outbound()], always)
    assert (handed.result, handed.error) == ("unknown", "http_500")


async def test_the_library_finds_the_door_as_it_expects(
    simulate: Any, ledger: Any, public: tuple[str, Callbacks], until: Callable[..., Awaitable[None]]
) -> None:
    url, callbacks = public
    simulator = await simulate(expired=1000)
    library = Client(ACCOUNT, TOKEN, http_client=Redirected(simulator.http_port))

    def create(**changes: Any) -> Any:
        given = {"to": "+447700900123", "from_": "ACME", "body": "Hi", "status_callback": f"{url}/told?a=1", **changes}
        return library.messages.create(**given)

    message = await asyncio.to_thread(create)
    assert (message.status, message.to, message.body, message.error_code) == ("queued", "+447700900123", "Hi", None)
    assert [one["ref"] for one in ledger(simulator)] == [message.sid]
    await until(lambda: len(callbacks) == 2)
    path, form = callbacks[1]
    assert (path, form["MessageSid"], form["MessageStatus"]) == ("/told?a=1", message.sid, "undelivered")
    assert form["ErrorCode"] == "30036"
    with pytest.raises(TwilioRestException) as caught:
        await asyncio.to_thread(create, to="nobody")
    assert (caught.value.status, caught.value.code) == (400, 21211)
