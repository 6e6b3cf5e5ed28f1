"""/callbacks/routes/{id}: receipts and replies of HTTP providers, only with the route's own signature."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from standardwebhooks import Webhook

from dispatch_svc.api.callbacks import MOST_BYTES
from dispatch_svc.domain.handover import Inbound, Receipt
from volley_contracts import new_id

SECRET = "whsec_" + "YWJj" * 8
INTERNAL = {"x-volley-internal": "token"}
AT = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def signed(content: bytes, secret: str = SECRET, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        **INTERNAL,
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_1", at, content.decode("utf-8", "replace")),
    }


async def add_route(api: Any, caller: dict[str, str], **config: Any) -> str:
    config = {"url": "https://sms.example.com", "token": "t", "webhook_secret": SECRET, **config}
    body = {"name": "h", "protocol": "http", "config": config}
    return str((await api.post("/v1/routes", json=body, headers=caller)).json()["id"])


async def send(api: Any, route_id: str, body: Any, headers: dict[str, str] | None = None) -> Any:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return await api.post(f"/callbacks/routes/{route_id}", content=content, headers=headers or signed(content))


async def test_receipts_and_replies_are_recorded_for_the_route(api: Any, caller: Any, heard: Any) -> None:
    mine = caller()
    route_id = await add_route(api, mine)
    body = {
        "receipts": [
            {"id": "h1", "ref": "c:1", "status": "delivered", "error": None, "at": AT.isoformat()},
            {"id": "h2", "ref": "c:2", "status": "undelivered", "error": {"code": "absent", "message": "x"}},
            {"id": "h3", "status": "expired", "error": "late", "extra": [1]},
        ],
        "inbound": [
            {"from": "+447700900123", "to": "60777", "text": "STOP", "at": AT.isoformat(), "id": "m1"},
            {"from": "+447700900124", "to": "60777", "text": ""},
        ],
    }
    answer = await send(api, route_id, body)
    assert (answer.status_code, answer.text) == (204, "")
    owner = (UUID(mine["x-volley-account"]), UUID(route_id))
    [(*of, receipts)] = heard.receipts
    assert tuple(of) == owner
    assert receipts[0] == Receipt(provider_id="h1", ref="c:1", to="", from_="", status="delivered", error=None, at=AT)
    assert [(one.provider_id, one.ref, one.status, one.error) for one in receipts[1:]] == [
        ("h2", "c:2", "undelivered", "absent"),
        ("h3", None, "expired", "late"),
    ]
    [(*of, inbound)] = heard.inbound
    assert tuple(of) == owner
    assert inbound[0] == Inbound(from_="+447700900123", to="60777", text="STOP", at=AT, provider_key="m1")
    assert inbound[1].provider_key == "msg_1:1"


async def test_short_codes_and_names_write_too(api: Any, caller: Any, heard: Any) -> None:
    """As over SMPP, and what stands beside them in the callback is taken."""
    writers = ["60777", "ACME Café", "447700900123", "+447700900124"]
    body = {
        "receipts": [{"id": "h1", "status": "delivered"}],
        "inbound": [{"from": writer, "to": "60777", "text": "STOP"} for writer in writers],
    }
    assert (await send(api, await add_route(api, caller()), body)).status_code == 204
    [(*_, inbound)] = heard.inbound
    assert [one.from_ for one in inbound] == ["60777", "ACME Café", "+447700900123", "+447700900124"]
    assert len(heard.receipts) == 1


async def test_the_same_callback_again_has_the_same_keys(api: Any, caller: Any, heard: Any) -> None:
    route_id = await add_route(api, caller())
    body = {"inbound": [{"from": "+447700900124", "to": "60777", "text": "Hi", "at": AT.isoformat()}]}
    for _ in range(2):
        assert (await send(api, route_id, body)).status_code == 204
    first, second = [inbound for *_, inbound in heard.inbound]
    assert first == second


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-signature": "v1,\u00e9"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "soon"},
        {"webhook-id": "msg_2"},
    ],
)
async def test_another_signature_is_refused(api: Any, caller: Any, heard: Any, change: dict[str, str]) -> None:
    route_id = await add_route(api, caller())
    content = b'{"receipts": [{"id": "h1", "status": "delivered"}]}'
    headers = {name: value.encode("utf-8") for name, value in {**signed(content), **change}.items()}
    answer = await api.post(f"/callbacks/routes/{route_id}", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert heard.receipts == []


async def test_a_changed_body_or_secret_or_an_old_callback_is_refused(api: Any, caller: Any, heard: Any) -> None:
    route_id = await add_route(api, caller())
    content, other = b'{"receipts": [{"id": "h1", "status": "delivered"}]}', "whsec_" + "WFla" * 8
    old = datetime.now(UTC) - timedelta(minutes=6)
    for headers in (signed(content + b" "), signed(content, other), signed(content, at=old), INTERNAL):
        assert (await send(api, route_id, content, headers)).status_code == 401
    assert (await send(api, route_id, b"\xff", signed(b"\xff"))).status_code == 401
    assert heard.receipts == []


async def test_nobody_learns_which_routes_there_are(api: Any, caller: Any) -> None:
    content = b"{}"
    unsigned = await add_route(api, caller(), webhook_secret=None)
    smpp = {"host": "h", "system_id": "s", "password": "p"}
    answer = await api.post("/v1/routes", json={"name": "s", "protocol": "smpp", "config": smpp}, headers=caller())
    wrong = await send(api, await add_route(api, caller()), content, signed(content, "whsec_" + "WFla" * 8))
    for route_id in (unsigned, answer.json()["id"], str(new_id())):
        found = await send(api, route_id, content)
        assert (found.status_code, found.json()) == (401, wrong.json())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b"[]",
        b'{"receipts": [{"id": "h1", "status": "lost"}]}',
        b'{"receipts": [{"status": "delivered"}]}',
        b'{"receipts": [{"id": "h1", "status": "delivered", "at": "2026-05-01T12:00:00"}]}',
        b'{"inbound": [{"from": "", "to": "60777", "text": "x"}]}',
        b'{"inbound": [{"from": "a name of too many chars", "to": "60777", "text": "x"}]}',
        b'{"inbound": [{"from": "a\\u0000b", "to": "60777", "text": "x"}]}',
        b'{"inbound": [{"from": "abc\\n", "to": "60777", "text": "x"}]}',
    ],
)
async def test_a_body_that_means_nothing_is_refused(api: Any, caller: Any, heard: Any, content: bytes) -> None:
    answer = await send(api, await add_route(api, caller()), content)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert not heard.receipts
    assert not heard.inbound


async def test_a_body_has_a_limit(api: Any, caller: Any) -> None:
    answer = await send(api, await add_route(api, caller()), b" " * (MOST_BYTES + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_only_the_gateway_gets_that_far(api: Any, caller: Any) -> None:
    content = b"{}"
    headers = {name: value for name, value in signed(content).items() if name not in INTERNAL}
    assert (await send(api, await add_route(api, caller()), content, headers)).status_code == 401
