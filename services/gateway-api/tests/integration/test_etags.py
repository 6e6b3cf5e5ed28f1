"""If-Match guards every edit of users and webhooks, and passes the door both ways."""

from typing import Any

import pytest

from volley_tools.guarded import Answer, Ask, Edit, check_edits, check_removal

from .conftest import Gateway


@pytest.fixture
def ask(gateway: Gateway) -> Ask:
    async def ask(method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        answer, content = await gateway.ask(method, path, headers=headers, **({"json": body} if body else {}))
        return Answer(answer.status, answer.headers.get("etag"), content)

    return ask


async def test_a_user(ask: Ask) -> None:
    made = await ask("POST", "/v1/users", {"email": "ada@example.com", "name": "Ada", "role": "viewer"}, {})
    await check_edits(ask, Edit.of(f"/v1/users/{made.body['id']}", {"name": "Eda"}, {"active": False}))


async def test_a_webhook(ask: Ask) -> None:
    made = await ask("POST", "/v1/webhooks", {"url": "https://example.com/", "events": ["volley.alert.raised.v1"]}, {})
    path = f"/v1/webhooks/{made.body['id']}"
    await check_edits(ask, Edit.of(path, {"url": "https://example.org/"}, {"active": False}))
    await check_removal(ask, path)
