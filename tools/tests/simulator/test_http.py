"""The HTTP door: the provider API, idempotency, signed and repeated webhooks, the ledger's pages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import msgspec
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from volley_tools.pytest_stack import Until
from volley_tools.simulator import Options, Simulator

Start = Callable[..., Awaitable[Simulator]]
KEY = {"Authorization": "Bearer secret"}


def message(ref: str, **changes: str) -> dict[str, str]:
    return {"ref": ref, "to": "+447700900001", "from": "VOLLEY", "text": "Hello", **changes}


async def post(http: ClientSession, simulator: Simulator, *messages: Any, headers: Any = KEY) -> tuple[int, Any]:
    url = f"http://127.0.0.1:{simulator.http_port}/messages"
    async with http.post(url, json={"messages": messages}, headers=headers) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def get(http: ClientSession, simulator: Simulator, path: str, headers: Any = KEY) -> tuple[int, Any]:
    async with http.get(f"http://127.0.0.1:{simulator.http_port}{path}", headers=headers) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


class Hook:
    """A client's webhook; it refuses the first `refuse` posts."""

    def __init__(self, refuse: int) -> None:
        self.refuse = refuse
        self.received: dict[str, list[Any]] = {"receipts": [], "inbound": []}

    async def take(self, request: web.Request) -> web.Response:
        verified = Webhook(Options().webhook_secret).verify(await request.read(), dict(request.headers))
        if self.refuse:
            self.refuse -= 1
            return web.Response(status=503)
        for kind, items in verified.items():
            self.received[kind] += items
        return web.Response(status=204)


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    taker = Hook(refuse=2)
    app = web.Application()
    app.router.add_post("/hook", taker.take)
    async with TestServer(app) as server:
        yield taker, str(server.make_url("/hook"))


async def test_accepts_and_says_what_became_of_it(start: Start, http: ClientSession, until: Until) -> None:
    simulator = await start(failures={"ESME_RINVDSTADR": 1000}, failures_clear_after=1)
    status, body = await post(http, simulator, message("a"), message("b", to="0770", text="x" * 161))
    assert (status, [answer["status"] for answer in body["messages"]]) == (200, ["rejected", "rejected"])
    assert body["messages"][0]["error"] == {
        "code": "invalid_number", "message": "refused with ESME_RINVDSTADR", "retryable": False,
    }  # fmt: skip
    _, body = await post(http, simulator, message("c"), message("d", text="x" * 161), message("e", text="ж" * 71))
    assert [(answer["ref"], answer["status"], answer["parts"]) for answer in body["messages"]] == [
        ("c", "accepted", 1), ("d", "accepted", 2), ("e", "accepted", 2),
    ]  # fmt: skip
    await until(lambda: not simulator.pending()["deliveries"])
    assert (await get(http, simulator, "/messages/c"))[1]["status"] == "delivered"
    assert (await get(http, simulator, "/messages/a"))[1]["status"] == "rejected"
    assert (await get(http, simulator, "/messages/unknown"))[0] == 404
    told = list(simulator.provider.ledger.messages(0, 10))
    assert [(m["ref"], m["text"], m["parts"]) for m in told] == [
        ("c", "Hello", 1), ("d", "x" * 161, 2), ("e", "ж" * 71, 2),
    ]  # fmt: skip


async def test_a_known_ref_is_answered_as_the_first_time_and_not_sent_again(start: Start, http: ClientSession) -> None:
    simulator = await start(limit_per_second=2)
    first = await post(http, simulator, message("a"), message("b"))
    assert await post(http, simulator, message("a"), message("b", text="other")) == first
    assert await post(http, simulator, message("b"), message("b")) == (200, {"messages": [first[1]["messages"][1]] * 2})
    assert len(simulator.provider.ledger) == 2


async def test_a_retryable_refusal_is_not_remembered(start: Start, http: ClientSession) -> None:
    simulator = await start(failures={"ESME_RSYSERR": 1000}, failures_clear_after=1)
    _, refused = await post(http, simulator, message("a"))
    assert refused["messages"][0]["error"]["retryable"]
    _, accepted = await post(http, simulator, message("a"))
    assert accepted["messages"][0]["status"] == "accepted"


async def test_refused_requests(start: Start, http: ClientSession) -> None:
    simulator = await start(limit_per_second=3)
    assert (await post(http, simulator, message("a"), headers={}))[0] == 401
    assert (await get(http, simulator, "/messages/a", headers={"Authorization": "Bearer other"}))[0] == 401
    for bad in (
        {"ref": "a"},
        message("a") | {"more": "x"},
        message(""),
        message("a", text=""),
        message("a", encoding="?"),
    ):
        assert (await post(http, simulator, bad))[0] == 400
    assert (await post(http, simulator))[0] == 400
    assert (await post(http, simulator, *[message(str(n)) for n in range(1001)]))[0] == 400
    assert (await post(http, simulator, message("a"), message("b", text="x" * 307)))[0] == 429
    assert (await post(http, simulator, message("a"), message("b")))[0] == 200
    assert len(simulator.provider.ledger) == 2
    assert simulator.provider.ledger.summary()["refused"] == {"ESME_RTHROTTLED": 1}


class Wire:
    """A connection on which bytes are written as they stand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def post(self, *messages: Any, head: str = "") -> bytes:
        body = msgspec.json.encode({"messages": messages})
        fields = f"Authorization: Bearer secret\r\n{head}Content-Length: {len(body)}"
        return f"POST /messages HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n".encode() + body

    async def answer(self) -> tuple[int, bytes]:
        """The next one: its status and body; EOFError where the connection ends."""
        async with asyncio.timeout(10):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length:"))
            return int(head.split()[1]), await self.reader.readexactly(length)


@pytest.fixture
async def wire(start: Start) -> AsyncIterator[tuple[Simulator, Wire]]:
    simulator = await start()
    one = Wire(*await asyncio.open_connection("127.0.0.1", simulator.http_port))
    yield simulator, one
    one.writer.close()


async def test_one_connection_carries_posts_and_then_other_requests(wire: tuple[Simulator, Wire]) -> None:
    simulator, one = wire
    for ref in ("a", "b"):
        one.writer.write(one.post(message(ref)))
        assert (await one.answer())[0] == 200
    one.writer.write(b"GET /messages/a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n\r\n")
    assert (await one.answer())[0] == 200
    one.writer.write(one.post(message("c")))
    assert (await one.answer())[0] == 200
    assert simulator.provider.ledger.refs == ["a", "b", "c"]


@pytest.mark.parametrize("step", [1, 20, 100])
async def test_a_post_may_come_in_pieces(wire: tuple[Simulator, Wire], step: int) -> None:
    _, one = wire
    post = one.post(message("a"))
    for at in range(0, len(post), step):
        one.writer.write(post[at : at + step])
        await one.writer.drain()
        await asyncio.sleep(0)
    assert (await one.answer())[0] == 200


async def test_a_client_may_have_the_connection_closed(wire: tuple[Simulator, Wire]) -> None:
    _, one = wire
    one.writer.write(one.post(message("a"), head="Connection: close\r\n"))
    assert (await one.answer())[0] == 200
    assert await one.reader.read() == b""


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /messages HTTP/nonsense\r\n\r\n",
        b"POST /messages HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 8_400_000,
    ],
)
async def test_what_is_no_post_or_too_long_ends_the_connection(wire: tuple[Simulator, Wire], request_: bytes) -> None:
    _, one = wire
    one.writer.write(request_)
    with pytest.raises((EOFError, ConnectionError)):
        await one.answer()


async def test_a_connection_can_break_after_acceptance(start: Start, http: ClientSession) -> None:
    simulator = await start(drop_after=2)
    await post(http, simulator, message("a"))
    with pytest.raises(Exception, match=r"disconnected|reset"):
        await post(http, simulator, message("b"))
    assert (await get(http, simulator, "/messages/b"))[1]["ref"] == "b"


async def test_webhooks_are_signed_and_repeated_until_taken(
    start: Start, http: ClientSession, hook: tuple[Hook, str], until: Until
) -> None:
    taker, url = hook
    simulator = await start(webhook_url=url, stop=1000, undelivered=500)
    refs = [f"r{number}" for number in range(40)]
    await post(http, simulator, *[message(ref, to=f"+4477009000{n:02}") for n, ref in enumerate(refs)])
    await until(lambda: simulator.provider.ledger.events and not any(simulator.pending().values()))
    assert sorted(receipt["ref"] for receipt in taker.received["receipts"]) == sorted(refs)
    delivered = {r["ref"] for r in taker.received["receipts"] if r["status"] == "delivered"}
    failed = [r for r in taker.received["receipts"] if r["ref"] not in delivered]
    assert {r["status"] for r in failed} == {r["error"]["code"] for r in failed} == {"undelivered"}
    assert len(taker.received["inbound"]) == len(delivered)
    assert taker.received["inbound"][0]["to"] == "VOLLEY"
    assert taker.received["inbound"][0]["text"] == "STOP"
    kinds = [event.kind for event in simulator.provider.ledger.events]
    assert (kinds.count("receipt"), kinds.count("stop")) == (40, len(delivered))


async def test_ledger_and_control(start: Start, http: ClientSession, until: Until) -> None:
    simulator = await start(webhook_url="")
    await post(http, simulator, *[message(f"r{number}", to=f"+44770090000{number}") for number in range(5)])
    base = f"http://127.0.0.1:{simulator.http_port}"
    await until(lambda: not simulator.pending()["deliveries"])
    summary = (await get(http, simulator, "/ledger/summary"))[1]
    assert (summary["messages"], summary["states"], summary["pending"]["phones"]) == (5, {"delivered": 5}, 0)
    async with http.get(base + "/ledger/messages?after=1&limit=2") as answer:
        lines = (await answer.text()).splitlines()
    assert len(lines) == 2
    assert '"index":1' in lines[0]
    assert (await get(http, simulator, "/ledger/messages?after=x"))[0] == 400
    async with http.patch(base + "/control", json={"latency_ms": 5, "failures": {"ESME_RSYSERR": 10}}) as answer:
        assert (await answer.json())["latency_ms"] == 5
    async with http.patch(base + "/control", json={"latency_ms": 7, "nonsense": 1}) as answer:
        assert answer.status == 400
        assert "nonsense" in (await answer.json())["error"]
    assert (await get(http, simulator, "/control"))[1]["latency_ms"] == 5
    async with http.post(base + "/ledger/reset") as answer:
        assert answer.status == 204
    assert (await get(http, simulator, "/ledger/summary"))[1]["messages"] == 0
    await post(http, simulator, message("r1"))
    assert len(simulator.provider.ledger) == 1
