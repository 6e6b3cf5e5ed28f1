"""Phones against a small web server: who opens what, and what the ledger remembers of it."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from volley_tools.pytest_stack import Until
from volley_tools.simulator import Simulator
from volley_tools.simulator.browser import form_of
from volley_tools.simulator.phones import Links, links_of

Start = Callable[..., Awaitable[Simulator]]

PAGE = """<html><body><form method="post" action="/confirm/{slug}?lang=en">
  <input type="hidden" name="token" value="t-{slug}"><input type="checkbox" name="why">
  <button name="go" value="yes">Stop messages</button><button name="go" value="no">Keep</button>
</form></body></html>"""


class Web:
    """Short links under /s/, opt-out pages under /o/; remembers each request."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, str, str]] = []
        self.forms: list[tuple[str, dict[str, Any]]] = []
        self.page = PAGE

    async def take(self, request: web.Request) -> web.Response:
        slug = request.path.rsplit("/")[-1]
        agent = request.headers.get("User-Agent", "")
        self.requests.append((request.method, request.host, request.path, agent))
        if request.method == "POST":
            self.forms.append((request.path_qs, dict(await request.post())))
        if request.path.startswith("/o/"):
            return web.Response(text=self.page.format(slug=slug), content_type="text/html")
        if request.path.startswith("/s/"):
            return web.Response(status=302, headers={"Location": "https://shop.example/"})
        return web.Response(text="Done")


@pytest.fixture
async def site() -> AsyncIterator[tuple[Web, str]]:
    pages = Web()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", pages.take)
    async with TestServer(app) as server:
        yield pages, f"{server.host}:{server.port}"


async def send(http: ClientSession, simulator: Simulator, count: int) -> None:
    messages = [
        {
            "ref": str(n),
            "to": f"+447700900{n:03}",
            "from": "VOLLEY",
            "text": f"See https://go.example/s/{n}?a=%2F. Stop: stop.example:8443/o/{n}",
        }
        for n in range(count)
    ]
    url = f"http://127.0.0.1:{simulator.http_port}/messages"
    headers = {"Authorization": "Bearer secret"}
    async with http.post(url, json={"messages": messages}, headers=headers) as answer:
        assert answer.status == 200


async def test_everybody_does_what_chance_says_and_the_ledger_knows(
    start: Start, http: ClientSession, site: tuple[Web, str], until: Until
) -> None:
    pages, address = site
    chances = {"click": 300, "preview": 200, "scanner": 200, "optout": 100, "optout_scanner": 100}
    simulator = await start(web=address, phone_jitter_ms=5, undelivered=200, **chances)
    await send(http, simulator, 400)
    ledger = simulator.provider.ledger
    await until(lambda: ledger.events and not simulator.phones.busy and not simulator.pending()["deliveries"])
    kinds = Counter(event.kind for event in ledger.events)
    assert set(kinds) == set(chances)
    assert all(0 < kinds[kind] < 400 * share / 1000 * 1.6 for kind, share in chances.items())
    delivered = {line["to"] for line in ledger.messages(0, 400) if line["state"] == "delivered"}
    assert {event.number for event in ledger.events} <= delivered < {f"+447700900{n:03}" for n in range(400)}
    opened = Counter(path for _, _, path, _ in pages.requests if path.startswith("/s/"))
    told = Counter(f"/s/{int(e.number[-3:])}" for e in ledger.events if e.kind in {"click", "preview", "scanner"})
    assert opened == told
    assert {host for _, host, path, _ in pages.requests if path.startswith("/s/")} == {"go.example"}
    assert {host for _, host, path, _ in pages.requests if path.startswith("/o/")} == {"stop.example:8443"}
    assert {event.detail["status"] for event in ledger.events if event.kind == "click"} == {302}


async def test_opting_out_presses_the_button_once_and_a_scanner_never(
    start: Start, http: ClientSession, site: tuple[Web, str], until: Until
) -> None:
    pages, address = site
    simulator = await start(web=address, phone_jitter_ms=0, optout=300, optout_scanner=1000)
    await send(http, simulator, 50)
    ledger = simulator.provider.ledger
    await until(lambda: ledger.events and not simulator.phones.busy and not simulator.pending()["deliveries"])
    left = {event.number for event in ledger.events if event.kind == "optout"}
    assert 0 < len(left) < 50
    assert {f"+447700900{int(path.split('?')[0][9:]):03}" for path, _ in pages.forms} == left
    assert len(pages.forms) == len(left)
    assert all(form == {"token": f"t-{path[9:].split('?')[0]}", "go": "yes"} for path, form in pages.forms)
    assert all(path.endswith("?lang=en") for path, _ in pages.forms)
    agents = {agent for method, _, _, agent in pages.requests if method == "POST"}
    assert all(agent.startswith("Mozilla/5.0") for agent in agents)


async def test_what_does_not_work_is_remembered_as_failed(start: Start, http: ClientSession, until: Until) -> None:
    simulator = await start(web="127.0.0.1:9", click=1000, optout=1000, phone_jitter_ms=0)
    await send(http, simulator, 3)
    await until(lambda: len(simulator.provider.ledger.events) == 6)
    events = simulator.provider.ledger.events
    assert Counter(event.kind for event in events) == {"click_failed": 3, "optout_failed": 3}
    assert {event.detail["status"] for event in events} == {0}


async def test_an_optout_page_without_a_button_fails(
    start: Start, http: ClientSession, site: tuple[Web, str], until: Until
) -> None:
    pages, address = site
    pages.page = "<p>You cannot leave</p>"
    simulator = await start(web=address, optout=1000, phone_jitter_ms=0)
    await send(http, simulator, 2)
    await until(lambda: len(simulator.provider.ledger.events) == 2)
    assert {event.kind for event in simulator.provider.ledger.events} == {"optout_failed"}
    assert {method for method, *_ in pages.requests} == {"GET"}


@pytest.mark.parametrize(
    ("text", "hosts", "links"),
    [
        ("no links. Really", (), Links("", "")),
        ("see https://a.example/x1.", (), Links("https://a.example/x1", "")),
        ("a.example/x1 and b.example/y2", (), Links("http://a.example/x1", "http://b.example/y2")),
        (
            "(https://a.example/1) http://c.example/2, b.example/3",
            (),
            Links("https://a.example/1", "http://b.example/3"),
        ),
        ("b.example/y2 first, then a.example/x1", ("b.example",), Links("http://a.example/x1", "http://b.example/y2")),
        ("only b.example/y2", ("b.example",), Links("", "http://b.example/y2")),
        ("mail me@x.example, v1.2/3", (), Links("", "")),
    ],
)
def test_links_of(text: str, hosts: tuple[str, ...], links: Links) -> None:
    assert links_of(text, hosts) == links


def test_form_of_a_page_without_form() -> None:
    assert form_of("<p>Gone</p>") is None
