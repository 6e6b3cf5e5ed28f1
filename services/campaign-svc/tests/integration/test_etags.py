"""If-Match guards every edit of what campaign-svc keeps."""

from typing import Any

import httpx
import pytest

from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_tools.guarded import Ask, Edit, asking, check_edits, check_removal

from .conftest import ClientOf
from .test_conversations import inbox, write

NUMBERS = ("+12025550143", "+12025550144", "+12025550145")


@pytest.fixture
def client(client_of: ClientOf, caller: Caller) -> httpx.AsyncClient:
    return client_of(caller)


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    return asking(client)


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> str:
    """The path of a new thing, whose ETag is told at once."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    found = f"{path}/{answer.json()['id']}"
    assert answer.headers["etag"] == (await client.get(found)).headers["etag"]
    return found


async def test_things_of_the_audience(client: httpx.AsyncClient, ask: Ask) -> None:
    sender = await made(client, "/v1/senders", {"address": "SHOP", "parts_per_second": 10})
    contact = await made(client, "/v1/contacts", {"number": NUMBERS[0], "attributes": {"b": "1", "a": "2"}})
    segment = await made(client, "/v1/segments", {"name": "vip"})
    dynamic = await made(client, "/v1/segments", {"name": "by tag", "filter": {"all": [{"tag": "new"}]}})
    await check_edits(ask, Edit.of(sender, {"parts_per_second": 20}, {"countries": ["GB"]}))
    await check_edits(
        ask, Edit.of(contact, {"number": NUMBERS[0], "tags": ["a"]}, {"number": NUMBERS[1], "tags": []}, "PUT")
    )
    await check_edits(ask, Edit.of(segment, {"name": "one"}, {"name": "other"}))
    await check_edits(
        ask,
        Edit.of(dynamic, {"filter": {"any": [{"tag": "x"}]}}, {"name": "else", "filter": {"all": [{"tag": "old"}]}}),
    )
    for path in (sender, contact, segment, dynamic):
        await check_removal(ask, path)


async def test_members_that_come_and_go_are_no_edit_of_a_segment(client: httpx.AsyncClient, ask: Ask) -> None:
    contact = await made(client, "/v1/contacts", {"number": NUMBERS[0]})
    segment = await made(client, "/v1/segments", {"name": "vip"})
    seen = (await ask("GET", segment, None, {})).etag
    await ask("POST", f"{segment}/members", {"contact_ids": [contact.rpartition("/")[2]]}, {})
    assert (await ask("PATCH", segment, {"name": "other"}, {"If-Match": seen or ""})).status == 200


async def test_settings_of_the_account(ask: Ask) -> None:
    one, other = ({"failure_percent": percent} for percent in (11, 12))
    await check_edits(ask, Edit.of("/v1/breakers", one, other, "PUT"))
    await check_edits(
        ask, Edit.of("/v1/test-numbers", {"numbers": [NUMBERS[0]]}, {"numbers": list(NUMBERS[1:])}, "PUT")
    )
    await check_edits(
        ask, Edit("PUT", "/v1/keyword-replies/help", {"text": "a"}, {"text": "b"}, read="/v1/keyword-replies")
    )
    await check_removal(ask, "/v1/keyword-replies/help", read="/v1/keyword-replies")


async def test_a_conversation(pool: Pool, caller: Caller, client: httpx.AsyncClient, ask: Ask) -> None:
    await write(pool, caller, "Which sizes?")
    (one,) = await inbox(client)
    path = f"/v1/conversations/{one['id']}"
    seen = (await ask("GET", path, None, {})).etag
    await write(pool, caller, "Anybody there?")
    assert (await ask("PATCH", path, {"read": True}, {"If-Match": seen or ""})).status == 200
    await check_edits(ask, Edit.of(path, {"assigned_to": "ada"}, {"status": "closed"}))


async def test_a_campaign(lab: Any, ask: Ask) -> None:
    draft = await lab.draft()
    path = f"/v1/campaigns/{draft['id']}"
    await check_edits(ask, Edit.of(path, {"name": "one"}, {"name": "other"}))
    await check_edits(ask, Edit("PUT", f"{path}/steps/basics", {"name": "one"}, {"name": "other"}, read=path))
    await check_removal(ask, path)
