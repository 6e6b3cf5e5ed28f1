"""A client that does everything wrong, for tests: what it asks, and what every refusal must be."""

import asyncio
import io
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp
import msgspec
from yarl import URL

Json = dict[str, Any]
Things = dict[str, str]
"""Ids by what they are the id of."""

LISTS = (
    "/v1/alerts",
    "/v1/api-keys",
    "/v1/users",
    "/v1/campaigns",
    "/v1/contact-imports",
    "/v1/contacts",
    "/v1/conversations",
    "/v1/domains",
    "/v1/moderation/queue",
    "/v1/moderation/rules",
    "/v1/pools",
    "/v1/routes",
    "/v1/segments",
    "/v1/senders",
    "/v1/suppressions",
    "/v1/webhooks",
)
SMPP = {"host": "localhost", "system_id": "nobody", "password": "secret"}


class Answer(msgspec.Struct, frozen=True):
    """What came back; `body` is None where it is no JSON."""

    status: int
    kind: str
    headers: Mapping[str, str]
    body: Any


class Visitor:
    """Sends what it is told to, as it is. Paths are sent as they are written, with their query."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str | None) -> None:
        self._session = session
        self._url = url
        self.key = key

    def with_key(self, key: str | None) -> "Visitor":
        return Visitor(self._session, self._url, key)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request with a JSON body, or the `raw` one; waits where the key has sent too many."""
        sent = {"content-type": "application/json"} if body is not None else {}
        sent |= {"authorization": f"Bearer {self.key}"} if self.key else {}
        sent |= dict(headers or {})
        data = msgspec.json.encode(body) if body is not None else raw
        url = URL(self._url + path, encoded=True)
        while True:
            async with self._session.request(method, url, data=data and io.BytesIO(data), headers=sent) as answer:
                if answer.status == 429:
                    await asyncio.sleep(float(answer.headers["retry-after"]))
                    continue
                text = await answer.read()
                return Answer(answer.status, answer.content_type, answer.headers, _decoded(text))

    async def made(self, method: str, path: str, body: Any = None, **options: Any) -> Any:
        """The body of the answer to what must work."""
        answer = await self.ask(method, path, body, **options)
        assert answer.status < 300, (method, path, answer.status, answer.body)
        return answer.body

    async def refused(self, status: int, method: str, path: str, body: Any = None, **options: Any) -> Json:
        """The problem that the answer must be."""
        return problem(await self.ask(method, path, body, **options), status)

    async def items(self, path: str) -> list[Json]:
        """The first page of a list."""
        items: list[Json] = (await self.made("GET", path))["items"]
        return items


async def one_of_each(visitor: Visitor) -> Things:
    """Make one of everything that has an id; the route is closed, the campaign a draft."""
    name = f"v{uuid.uuid4().hex[:10]}"
    made: Things = {}
    for word, path, body in (
        ("domain", "/v1/domains", {"host": f"{name}.example.com", "message_limit": 10}),
        ("pool", "/v1/pools", {"name": name, "purpose": "short", "domain_ids": ["@domain"]}),
        ("sender", "/v1/senders", {"address": name, "parts_per_second": 10}),
        ("segment", "/v1/segments", {"name": name}),
        ("contact", "/v1/contacts", {"number": "+12025550143", "attributes": {"first_name": name}}),
        ("campaign", "/v1/campaigns", {"name": name}),
        ("route", "/v1/routes", {"name": name, "protocol": "smpp", "status": "disabled", "config": SMPP}),
        ("key", "/v1/api-keys", {"name": name, "role": "viewer"}),
        ("user", "/v1/users", {"email": f"{name}@example.com", "name": name, "role": "viewer"}),
        ("rule", "/v1/moderation/rules", {"kind": "term", "value": name}),
        ("webhook", "/v1/webhooks", {"url": "https://hooks.example.com/", "events": ["volley.alert.raised.v1"]}),
        ("suppression", "/v1/suppressions", {"number": "+12025550144"}),
    ):
        made[word] = (await visitor.made("POST", path, filled(body, made))).get("id", "12025550144")
    await visitor.made("POST", f"/v1/segments/{made['segment']}/members", {"contact_ids": [made["contact"]]})
    return made


def filled(value: Any, things: Things) -> Any:
    """A path or a body with the ids that `@campaign`, `@pool` ... stand for."""
    text = msgspec.json.encode(value).decode()
    for word, id_ in things.items():
        text = text.replace(f"@{word}", id_)
    return msgspec.json.decode(text)


async def snapshot(visitor: Visitor) -> Json:
    """All that an account has."""
    seen: Json = {path: await visitor.items(path) for path in LISTS}
    for key in seen["/v1/api-keys"]:
        del key["last_used_at"]
    seen["attributes"] = await visitor.made("GET", "/v1/contacts/attributes")
    seen["rate card"] = (await visitor.ask("GET", "/v1/rate-card")).body
    return seen


def problem(answer: Answer, status: int) -> Json:
    """The answer as the problem that it must be: for people and programs, with a fix for every illegal field."""
    found = answer.body
    assert (answer.status, answer.kind) == (status, "application/problem+json"), answer
    assert found["status"] == status, found
    assert found["type"] == f"urn:volley:problem:{found['code']}", found
    assert len(found["detail"]) > 10, found
    errors = found.get("errors", [])
    assert errors or status not in {400, 415, 422}, found
    for error in errors:
        assert error["field"], found
        assert error["message"], found
        assert error["fix"], found
    for inner in ("Traceback", "asyncpg", "msgspec", "Expected `", "$.", "Errno"):
        assert inner not in str(found), found
    return dict(found)


def fields(found: Json) -> list[str]:
    """The illegal fields that a problem names."""
    return [error["field"] for error in found.get("errors", [])]


def _decoded(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
