"""What belongs to another account does not exist: every path with an id answers a stranger 404, and changes nothing."""

import re
from typing import Any

import aiohttp
import pytest

from volley_tools.demo.api import Api
from volley_tools.refusals import Things, Visitor, fields, filled, snapshot
from volley_tools.stack.supervisor import Stack

WORDS = {
    "alert_id": "alert",
    "campaign_id": "campaign",
    "contact_id": "contact",
    "conversation_id": "conversation",
    "delivery_id": "delivery",
    "domain_id": "domain",
    "import_id": "import",
    "key_id": "key",
    "number": "suppression",
    "pool_id": "pool",
    "route_id": "route",
    "rule_id": "rule",
    "segment_id": "segment",
    "sender_id": "sender",
    "user_id": "user",
    "webhook_id": "webhook",
}
NO_IDS = ("{keyword}", "/me/accounts/{account_id}")
"""Every account has these; and a key leaves no account (services/gateway-api/tests/integration/test_guests.py)."""
BODIES: dict[str, Any] = {
    "PATCH /v1/campaigns/@campaign": {"name": "mine"},
    "PATCH /v1/conversations/@conversation": {"status": "closed"},
    "PATCH /v1/domains/@domain": {"status": "blocked"},
    "PATCH /v1/pools/@pool": {"name": "mine"},
    "PATCH /v1/routes/@route": {"name": "mine"},
    "PATCH /v1/segments/@segment": {"name": "mine"},
    "PATCH /v1/senders/@sender": {"parts_per_second": 1},
    "PATCH /v1/users/@user": {"name": "mine"},
    "PATCH /v1/webhooks/@webhook": {"active": False},
    "PUT /v1/contacts/@contact": {"number": "+12025550160"},
    "POST /v1/campaigns/@campaign/segment-clickers": {"name": "mine"},
    "POST /v1/campaigns/@campaign/tests": {},
    "POST /v1/campaigns/@campaign/preview": {"content": {"variants": []}},
    "POST /v1/conversations/@conversation/messages": {"text": "mine"},
    "PUT /v1/campaigns/@campaign/steps/basics": {"name": "mine"},
    "PUT /v1/campaigns/@campaign/steps/audience": {},
    "PUT /v1/campaigns/@campaign/steps/sender": {},
    "PUT /v1/campaigns/@campaign/steps/content": {},
    "PUT /v1/campaigns/@campaign/steps/schedule": {},
    "POST /v1/moderation/@campaign/approve": {"comment": "mine"},
    "POST /v1/moderation/@campaign/reject": {"comment": "mine"},
    "POST /v1/pools/@pool/domains": {"host": "mine.example.com"},
    "POST /v1/segments/@segment/members": {"contact_ids": ["@contact"]},
    "POST /v1/segments/@segment/members/remove": {"contact_ids": ["@contact"]},
}
CAMPAIGN = "/v1/campaigns/@mine"
REFERENCES = [
    ("PATCH", CAMPAIGN, {"audience": {"include": ["@segment"]}}, "audience.include"),
    ("PATCH", CAMPAIGN, {"audience": {"exclude": ["@segment"]}}, "audience.exclude"),
    ("PATCH", CAMPAIGN, {"sender_id": "@sender"}, "sender_id"),
    ("POST", "/v1/pools", {"name": "mine", "purpose": "short", "domain_ids": ["@domain"]}, "domain_ids"),
    ("PATCH", "/v1/pools/@basin", {"domain_ids": ["@domain"]}, "domain_ids"),
    ("POST", "/v1/segments/@group/members", {"contact_ids": ["@contact"]}, "contact_ids"),
]


@pytest.fixture
async def stranger(api: Api, stack: Stack) -> Visitor:
    """The administrator of another account."""
    platform = Visitor(api.session, stack.url("gateway-api"), stack.bootstrap_key)
    account = await platform.made("POST", "/v1/accounts", {"name": f"stranger to {id(api)}"})
    return platform.with_key(account["api_key"]["key"])


async def _operations(session: aiohttp.ClientSession, url: str) -> list[tuple[str, str]]:
    """Every described method and path that carries an id and needs a key."""
    async with session.get(f"{url}/v1/openapi.json") as answer:
        paths: dict[str, Any] = (await answer.json())["paths"]
    return [
        (method.upper(), re.sub(r"\{(\w+)\}", lambda found: f"@{WORDS[found[1]]}", path))
        for path, item in paths.items()
        if "{" in path and path.startswith("/v1/") and not path.endswith(NO_IDS)
        for method in item
        if method in {"get", "put", "post", "patch", "delete"}
    ]


async def test_nothing_of_another_account_exists(api: Api, visitor: Visitor, things: Things, stranger: Visitor) -> None:
    headers = {"content-type": "text/csv"}
    job = await visitor.made("POST", "/v1/contact-imports", raw=b"number\nnobody\n", headers=headers)
    nothing = "00000000-0000-4000-8000-000000000000"
    things |= {"import": job["id"], "alert": nothing, "conversation": nothing, "delivery": nothing}
    before, empty = await snapshot(visitor), await snapshot(stranger)
    operations = await _operations(api.session, api.url)
    assert len(operations) > 35
    for method, path in operations:
        body = filled(BODIES.get(f"{method} {path}"), things)
        found = await stranger.refused(404, method, filled(path, things), body)
        assert set(found) == {"type", "title", "status", "code", "detail"}
        assert not [id_ for id_ in things.values() if id_ in str(found)]
    assert _settled(await snapshot(visitor)) == _settled(before)
    assert await snapshot(stranger) == empty


async def test_nothing_of_another_account_can_be_referred_to(
    visitor: Visitor, things: Things, stranger: Visitor
) -> None:
    things |= {
        "mine": (await stranger.made("POST", "/v1/campaigns", {"name": "mine"}))["id"],
        "basin": (await stranger.made("POST", "/v1/pools", {"name": "mine", "purpose": "short"}))["id"],
        "group": (await stranger.made("POST", "/v1/segments", {"name": "mine"}))["id"],
    }
    before, own = await snapshot(visitor), await snapshot(stranger)
    for method, path, body, field in REFERENCES:
        found = await stranger.refused(422, method, filled(path, things), filled(body, things))
        assert fields(found) == [field], path
    upload = filled("/v1/contact-imports?segment_id=@segment", things)
    headers = {"content-type": "text/csv"}
    found = await stranger.refused(422, "POST", upload, raw=b"number\n+12025550143\n", headers=headers)
    assert fields(found) == ["segment_id"]
    for path in (
        "/v1/contacts?segment_id=@segment",
        "/v1/campaigns?sender_id=@sender",
        "/v1/contacts?number=12025550143",
    ):
        assert await stranger.items(filled(path, things)) == []
    assert await snapshot(visitor) == before
    assert await snapshot(stranger) == own


async def test_a_host_of_another_account_is_taken_and_no_more_is_said(
    visitor: Visitor, things: Things, stranger: Visitor
) -> None:
    (domain,) = await visitor.items("/v1/domains")
    found = await stranger.refused(409, "POST", "/v1/domains", {"host": domain["host"]})
    assert domain["id"] not in str(found)
    assert await stranger.items("/v1/domains") == []


async def test_callbacks_need_the_signature_of_the_route(visitor: Visitor, things: Things) -> None:
    """The same answer for a route that there is and one that there is not."""
    nobody = visitor.with_key(None)
    answers = [
        await nobody.refused(401, "POST", f"/callbacks/routes/{route}", {"receipts": []})
        for route in (things["route"], "00000000-0000-4000-8000-000000000000")
    ]
    assert answers[0] == answers[1]


def _settled(seen: dict[str, Any]) -> dict[str, Any]:
    """Without imports, which may still be going on."""
    return {name: value for name, value in seen.items() if name != "/v1/contact-imports"}
