"""Requests that are wrong as a whole: bodies, queries, paths, headers, keys; and moves that a status does not allow."""

import uuid
from typing import Any

import pytest

from volley_tools.demo import people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.refusals import LISTS, Things, Visitor, fields, filled, snapshot

JSON = "application/json"
NAMED = b'{"name": "x"}'
BODIES = {
    "nothing": (b"", JSON, 422),
    "null": (b"null", JSON, 422),
    "cut off": (b'{"name": "x"', JSON, 400),
    "a trailing comma": (b'{"name": "x",}', JSON, 400),
    "two values": (NAMED * 2, JSON, 400),
    "single quotes": (b"{'name': 'x'}", JSON, 400),
    "NaN": (b'{"name": NaN}', JSON, 400),
    "half a surrogate pair": (b'{"name": "\\ud800x"}', JSON, 400),
    "Latin-1": (b'{"name": "caf\xe9"}', JSON, 400),
    "UTF-16": (NAMED.decode().encode("utf-16"), JSON, 400),
    "deep lists": (b"[" * 100_000, JSON, 400),
    "deep objects": (b'{"name":' * 100_000, JSON, 400),
    "5 MB": (b'{"name": "' + b"x" * 5_000_000 + b'"}', JSON, 413),
    "a name of 3 MB": (b'{"name": "' + b"x" * 3_000_000 + b'"}', JSON, 422),
    "text": (NAMED, "text/plain", 415),
    "a form": (b"name=x", "application/x-www-form-urlencoded", 415),
    "a multipart form": (b"--x\r\n", "multipart/form-data; boundary=x", 415),
    "XML": (b"<name>x</name>", "application/xml", 415),
}
WRITES = [
    ("POST", "/v1/campaigns"),
    ("PATCH", "/v1/campaigns/@campaign"),
    ("POST", "/v1/campaigns/@campaign/start"),
    ("PUT", "/v1/contacts/@contact"),
    ("POST", "/v1/api-keys"),
    ("POST", "/v1/pools"),
    ("POST", "/v1/routes"),
    ("PUT", "/v1/rate-card"),
]
SERIES = "/v1/campaigns/@campaign/stats/series"
FUTURE, PAST = "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00"
QUERIES = [
    ("/v1/campaigns?status=none", "status"),
    ("/v1/campaigns?sort=colour", "sort"),
    ("/v1/campaigns?type=both", "type"),
    ("/v1/campaigns?sender_id=x", "sender_id"),
    ("/v1/campaigns?name=%00", "name"),
    (f"/v1/campaigns?name={'x' * 256}", "name"),
    ("/v1/campaigns?tag=%00", "tag"),
    ("/v1/campaigns?created_from=yesterday", "created_from"),
    (f"/v1/campaigns?created_from={PAST}", "created_from"),
    (f"/v1/campaigns?created_before={FUTURE}", "created_before"),
    ("/v1/contacts?number=%00", "number"),
    ("/v1/contacts?tag=%00", "tag"),
    ("/v1/contacts?segment_id=x", "segment_id"),
    ("/v1/suppressions?number=%00", "number"),
    ("/v1/suppressions?after=abc", "after"),
    ("/v1/domains?status=x", "status"),
    ("/v1/alerts?open=maybe", "open"),
    ("/v1/live?campaign_id=x", "campaign_id"),
    ("/v1/campaigns/@campaign/preview?contacts=6", "contacts"),
    ("/v1/campaigns/@campaign/history?after=-1", "after"),
    (f"/v1/campaigns/@campaign/history?after={10**30}", "after"),
    (f"{SERIES}?from=x", "from"),
]


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_cannot_be_read_is_refused(visitor: Visitor, things: Things, case: str) -> None:
    raw, kind, status = BODIES[case]
    before = await snapshot(visitor)
    for method, path in WRITES:
        if path.endswith("/start") and status == 422:
            continue  # it takes a body with a reason or none
        found = await visitor.refused(status, method, filled(path, things), raw=raw, headers={"content-type": kind})
        assert status in {413, 422} or fields(found) == ["body"]
    assert await snapshot(visitor) == before


async def test_limits_and_cursors_out_of_range_are_refused(visitor: Visitor, things: Things) -> None:
    members = filled("/v1/segments/@segment/members", things)
    for path in [*LISTS, members, "/v1/audit-log"]:
        for limit in ("0", "-1", "201", "many", "1" * 30):
            assert fields(await visitor.refused(422, "GET", f"{path}?limit={limit}")) == ["limit"]
        for cursor in ("zzz", "%00", "-1"):
            assert fields(await visitor.refused(422, "GET", f"{path}?after={cursor}")) == ["after"]


async def test_filters_that_mean_nothing_are_refused(visitor: Visitor, things: Things) -> None:
    for path, field in QUERIES:
        found = await visitor.refused(422, "GET", filled(path, things))
        assert fields(found) == [field], path


async def test_ids_that_are_none_and_paths_that_lead_nowhere(visitor: Visitor) -> None:
    for place in ("campaigns", "contacts", "segments", "senders", "domains", "pools", "routes", "contact-imports"):
        for id_ in ("x", "1", "%00", uuid.uuid4(), f"{uuid.uuid4()}x", "..%2Fcontacts"):
            await visitor.refused(404, "GET", f"/v1/{place}/{id_}")
    for path in ("/v1/nothing", "/v2/campaigns", "/v1/campaigns/", "/v1//campaigns", "/internal/coverage"):
        await visitor.refused(404, "GET", path)
    for number in ("abc", "%2B12025550199", "%00"):
        await visitor.refused(404, "DELETE", f"/v1/suppressions/{number}")
    found = await visitor.refused(405, "PUT", "/v1/campaigns")
    assert "GET, POST" in found["detail"]


async def test_keys_that_open_nothing(visitor: Visitor, things: Things) -> None:
    made = await visitor.made("POST", "/v1/api-keys", {"name": "short life", "role": "admin"})
    await visitor.made("DELETE", f"/v1/api-keys/{made['id']}")
    for key in (None, "x", "vk_", f"{visitor.key}x", made["key"], "vk_" + "x" * 5_000):
        for method, path in (("GET", "/v1/me"), ("GET", "/v1/campaigns"), ("POST", "/v1/campaigns")):
            await visitor.with_key(key).refused(401, method, path, {"name": "x"} if method == "POST" else None)
    await visitor.with_key(None).refused(401, "GET", "/v1/me", headers={"authorization": f"Basic {visitor.key}"})
    viewer = await visitor.made("POST", "/v1/api-keys", {"name": "viewer", "role": "viewer"})
    before = await snapshot(visitor)
    reader = visitor.with_key(viewer["key"])
    assert "operator" in (await reader.refused(403, "POST", "/v1/campaigns", {"name": "x"}))["detail"]
    assert "admin" in (await reader.refused(403, "GET", "/v1/api-keys"))["detail"]
    await visitor.refused(403, "POST", "/v1/accounts", {"name": "x"})
    assert await snapshot(visitor) == before


async def test_a_stale_edit_is_refused(visitor: Visitor, things: Things) -> None:
    path = filled("/v1/campaigns/@campaign", things)
    seen = (await visitor.ask("GET", path)).headers["etag"]
    await visitor.made("PATCH", path, {"name": "newer"}, headers={"if-match": seen})
    for tag in (seen, '"0"', "nonsense", f'"{10**30}"', ""):
        found = await visitor.refused(412, "PATCH", path, {"name": "lost"}, headers={"if-match": tag})
        assert "Read it again" in found["detail"]
    assert (await visitor.made("GET", path))["name"] == "newer"


async def test_an_idempotency_key_stands_for_one_request(visitor: Visitor) -> None:
    once = {"idempotency-key": str(uuid.uuid4())}
    first = await visitor.made("POST", "/v1/segments", {"name": "one"}, headers=once)
    assert await visitor.made("POST", "/v1/segments", {"name": "one"}, headers=once) == first
    for path in ("/v1/segments", "/v1/campaigns"):
        found = await visitor.refused(422, "POST", path, {"name": "two"}, headers=once)
        assert (found["code"], fields(found)) == ("idempotency_key_reused", ["Idempotency-Key"])
    for key in ("", "x" * 256):
        found = await visitor.refused(422, "POST", "/v1/segments", {"name": "two"}, headers={"idempotency-key": key})
        assert fields(found) == ["Idempotency-Key"]
    found = await visitor.refused(422, "POST", "/v1/api-keys", {"name": "x", "role": "viewer"}, headers=once)
    assert fields(found) == ["Idempotency-Key"]
    assert [segment["name"] for segment in await visitor.items("/v1/segments")] == ["one"]
    assert await visitor.items("/v1/campaigns") == []
    assert len(await visitor.items("/v1/api-keys")) == 1


async def test_moves_that_the_status_does_not_allow(api: Api, visitor: Visitor, provider: Provider) -> None:
    assert visitor.key
    api = Api(api.session, api.url, visitor.key)
    config = {"url": provider.url, "token": "secret", "receipts": False}
    route = await api.post("/v1/routes", {"name": "acme", "protocol": "http", "config": config})
    things = await story.prepare_plain(api, "badmoves", people.csv_file(5), route, 100)
    draft = await visitor.made("POST", "/v1/campaigns", {"name": "draft"})
    finished = await story.write_plain(api, things, "finished")
    await story.move(api, finished, "submit")
    aborted = await story.write_plain(api, things, "aborted")
    await visitor.made("PATCH", f"/v1/campaigns/{aborted['id']}", {"schedule": {"start": "manual"}})
    await story.move(api, aborted, "submit")
    await story.wait_for_status(api, aborted, "ready", seconds=60)
    await story.move(api, aborted, "abort")
    await story.wait_for_status(api, finished, "finished", seconds=60)

    await _refuses_moves(visitor, draft, "draft", ["submit", "delete"])
    await _refuses_moves(visitor, aborted, "aborted", ["delete"])
    await _refuses_moves(visitor, finished, "finished", ["delete"])
    for campaign in (aborted, finished):
        found = await visitor.refused(409, "PATCH", f"/v1/campaigns/{campaign['id']}", {"name": "too late"})
        assert (found["fields"], found["editable"]) == (["name"], [])
    await visitor.made("DELETE", f"/v1/campaigns/{aborted['id']}")
    for move in ("submit", "start", "pause", "resume", "abort", "duplicate"):
        await visitor.refused(404, "POST", f"/v1/campaigns/{aborted['id']}/{move}")


async def _refuses_moves(visitor: Visitor, campaign: dict[str, Any], status: str, allowed: list[str]) -> None:
    path = f"/v1/campaigns/{campaign['id']}"
    before = await _campaign_and_history(visitor, path)
    for move in ("submit", "start", "pause", "resume", "abort"):
        if move not in allowed:
            found = await visitor.refused(409, "POST", f"{path}/{move}")
            assert (found["campaign_status"], found["allowed"]) == (status, allowed)
            assert f"is {status}" in found["detail"]
            assert all(word in found["detail"] for word in allowed)
    await visitor.refused(409, "POST", f"/v1/moderation/{campaign['id']}/approve", {"comment": "fine"})
    assert await _campaign_and_history(visitor, path) == before


async def _campaign_and_history(visitor: Visitor, path: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    campaign = await visitor.made("GET", path)
    del campaign["clicks"]  # stats-svc counts these: they may come after the campaign has finished
    return campaign, await visitor.items(f"{path}/history")
