"""Who gets in, and what goes through."""

import asyncio
import io
from typing import Any

import aiohttp
import pytest

from .conftest import ADMIN, ORIGIN, Gateway, Service, Start

PROBLEM = "application/problem+json"


async def test_a_request_reaches_its_service_signed_and_stripped(gateway: Gateway, service: Service) -> None:
    sent = {
        "X-Volley-Role": "admin",
        "X-Volley-Account": "somebody-else",
        "X-Forwarded-For": "1.2.3.4",
        "Connection": "X-Hop",
        "X-Hop": "1",
        "If-Match": '"6"',
        "Traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }
    viewer = await gateway.key("viewer")
    answer, body = await gateway.ask("GET", "/v1/things/a%20b?q=%C3%A9&q=2", viewer, headers=sent)
    assert (answer.status, body["path"]) == (200, "/v1/things/a%20b?q=%C3%A9&q=2")
    _, me = await gateway.ask("GET", "/v1/me", viewer)
    got = service.asked[0].headers
    assert got["x-volley-internal"] == "token"
    assert got.getall("x-volley-role") == ["viewer"]
    assert got.getall("x-volley-account") == [me["account"]["id"]]
    assert got["x-volley-actor"] == me["actor"] == f"key:{viewer[:11]}"
    assert got["if-match"] == '"6"'
    assert got["traceparent"].split("-")[1] == "0af7651916cd43dd8448eb211c80319c"
    assert not {"authorization", "x-hop", "x-forwarded-for"} & {name.lower() for name in got}
    assert (answer.headers["etag"], answer.headers["location"]) == ('"7"', "/v1/things/7")
    assert not {"x-volley-secret", "x-gone"} & {name.lower() for name in answer.headers}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("authorization", "said"),
    [
        (None, "missing"),
        ("Basic abc", "form"),
        ("Bearer vk_unknown", "unknown"),
        ("Bearer ", "form"),
        (f"Bearer {ADMIN}x", "unknown"),
    ],
)
async def test_without_a_valid_key_nothing_passes(
    gateway: Gateway, service: Service, authorization: str | None, said: str
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer, problem = await gateway.ask("GET", "/v1/things", None, headers=headers)
    assert (answer.status, answer.headers["www-authenticate"], answer.content_type) == (401, "Bearer", PROBLEM)
    assert said in problem["detail"]
    assert service.asked == []


@pytest.mark.parametrize(
    ("method", "path", "least"),
    [
        ("GET", "/v1/things", {"viewer", "operator", "reviewer", "admin"}),
        ("POST", "/v1/things", {"operator", "admin"}),
        ("POST", "/v1/reviews/1", {"reviewer", "admin"}),
        ("DELETE", "/v1/things/1", {"admin"}),
        ("GET", "/v1/api-keys", {"admin"}),
        ("GET", "/v1/me", {"viewer", "operator", "reviewer", "admin"}),
    ],
)
async def test_roles(gateway: Gateway, service: Service, method: str, path: str, least: set[str]) -> None:
    for role in ("viewer", "operator", "reviewer", "admin"):
        before = len(service.asked)
        answer, body = await gateway.ask(method, path, await gateway.key(role))
        assert answer.status == (200 if role in least else 403), role
        if role not in least:
            assert body["code"] == "forbidden"
            assert len(service.asked) == before


@pytest.mark.parametrize(
    "path",
    [
        "/v1/other",
        "/internal/coverage",
        "/v1/things/1/2",
        "/v1/things/",
        "/v1//things",
        "/v1/things/..%2Freviews",
        "/v1/things/%2e%2e",
        "/v1/things/a%2Fb",
        "/V1/things",
        "/",
    ],
)
async def test_what_is_not_described_cannot_be_reached(gateway: Gateway, service: Service, path: str) -> None:
    url = aiohttp.client.URL(gateway.url + path, encoded=True)
    async with gateway.client.get(url, headers={"Authorization": f"Bearer {ADMIN}"}) as answer:
        assert (answer.status, answer.content_type) == (404, PROBLEM)
    assert service.asked == []


async def test_another_method_is_refused_with_those_that_there_are(gateway: Gateway) -> None:
    answer, problem = await gateway.ask("PUT", "/v1/things/1")
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE, GET, PATCH")
    assert problem["code"] == "method_not_allowed"


async def test_a_revoked_key_ends_at_once(gateway: Gateway) -> None:
    viewer = await gateway.key("viewer")
    assert (await gateway.ask("GET", "/v1/me", viewer))[0].status == 200
    _, me = await gateway.ask("GET", "/v1/me", viewer)
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}"))[0].status == 204
    assert (await gateway.ask("GET", "/v1/me", viewer))[0].status == 401


async def test_a_service_that_is_away_or_silent_or_breaks_off(start: Start, service: Service) -> None:
    async with start(answer_within=0.2) as gateway:
        answer, problem = await gateway.ask("GET", "/v1/away")
        assert (answer.status, problem["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")
        answer, problem = await gateway.ask("GET", "/v1/things?wait=1")
        assert (answer.status, problem["code"]) == (504, "timeout")
        answer, problem = await gateway.ask("PATCH", "/v1/things/1?break=1", data=b"{}")
        assert (answer.status, problem["code"]) == (502, "bad_gateway")
        assert len(service.asked) == 2


async def test_a_service_that_breaks_off_is_not_asked_twice(gateway: Gateway, service: Service) -> None:
    answer, _ = await gateway.ask("POST", "/v1/things?break=1", json={})
    assert answer.status == 502
    assert len(service.asked) == 1


async def test_a_browser_of_a_known_origin_may_read_the_answer(gateway: Gateway) -> None:
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "if-match"}
    answer, _ = await gateway.ask("OPTIONS", "/v1/things/1", None, headers=asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (204, ORIGIN)
    assert "PATCH" in answer.headers["access-control-allow-methods"]
    assert "if-match" in answer.headers["access-control-allow-headers"].lower()
    answer, _ = await gateway.ask("GET", "/v1/things", headers={"Origin": ORIGIN})
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "etag" in answer.headers["access-control-expose-headers"]
    for method in ("OPTIONS", "GET"):
        answer, _ = await gateway.ask(method, "/v1/things", headers=asked | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in answer.headers


async def test_a_providers_callback_needs_no_key_and_keeps_its_own(gateway: Gateway, service: Service) -> None:
    signed = {"Authorization": "Basic cHJvdmlkZXI=", "X-Signature": "s"}
    answer, _ = await gateway.ask("POST", "/callbacks/routes/1", None, headers=signed, data=b"x" * 1000)
    assert answer.status == 200
    got = service.asked[0].headers
    assert (got["authorization"], got["x-signature"], got["x-volley-internal"]) == ("Basic cHJvdmlkZXI=", "s", "token")
    assert "x-volley-account" not in got


async def chunks(amount: int, size: int = 64 * 1024) -> Any:
    for _ in range(amount):
        yield b"x" * size


@pytest.mark.parametrize(
    ("path", "mebibytes", "key"),
    [("/callbacks/routes/1", 2, None), ("/v1/things", 4, ADMIN)],
)
async def test_bodies_have_limits(
    gateway: Gateway, service: Service, path: str, mebibytes: int, key: str | None
) -> None:
    for data in (io.BytesIO(b"x" * (mebibytes * 2**20 + 1)), chunks(mebibytes * 16 + 1)):  # announced, and chunked
        answer, problem = await gateway.ask("POST", path, key, data=data)
        assert (answer.status, problem["code"]) == (413, "too_large")
    assert service.bodies == []
    answer, _ = await gateway.ask("POST", path, key, data=chunks(mebibytes * 16))
    assert answer.status == 200


async def test_bodies_for_the_gateway_itself_have_the_same_limits(gateway: Gateway) -> None:
    for data in (io.BytesIO(b"x" * (4 * 2**20 + 1)), chunks(4 * 16 + 1)):
        answer, problem = await gateway.ask("POST", "/v1/api-keys", data=data)
        assert (answer.status, problem["code"]) == (413, "too_large")


async def test_docs_and_description_need_no_key_and_no_network(gateway: Gateway) -> None:
    answer, page = await gateway.ask("GET", "/docs", None)
    assert (answer.status, answer.content_type) == (200, "text/html")
    assert "/v1/things/{id}" in page
    assert "<script" not in page
    assert "sha256-" in answer.headers["content-security-policy"]
    answer, document = await gateway.ask("GET", "/v1/openapi.json", None)
    assert (answer.status, document["openapi"]) == (200, "3.1.0")
    answer, page = await gateway.ask("GET", "/docs/topics", None)
    assert (answer.status, answer.content_type, "<script" in page) == (200, "text/html", False)
    answer, document = await gateway.ask("GET", "/v1/asyncapi.json", None)
    assert (answer.status, document["asyncapi"]) == (200, "3.0.0")
    assert all(f'id="{topic}"' in page for topic in document["channels"])
    assert all(f'id="schema-{name}"' in page for name in document["components"]["schemas"])


async def test_health_and_readiness(gateway: Gateway, live_gateway: Gateway) -> None:
    assert (await gateway.ask("GET", "/healthz", None))[1] == "ok"
    answer, checks = await gateway.ask("GET", "/readyz", None)
    assert (answer.status, checks) == (503, {"database": True, "kafka": False})
    answer, checks = await live_gateway.ask("GET", "/readyz", None)
    assert (answer.status, checks) == (200, {"database": True, "kafka": True})
    assert (await gateway.ask("GET", "/metrics", None))[0].status == 404  # they have a port of their own, inside


async def test_without_the_database_the_answer_says_when_to_try_again(gateway: Gateway) -> None:
    await gateway.pool.execute("ALTER TABLE api_keys RENAME TO away")
    answer, problem = await gateway.ask("GET", "/v1/me")
    assert (answer.status, problem["code"]) == (500, "internal")
    await gateway.pool.execute("ALTER TABLE away RENAME TO api_keys")
    await gateway.pool.close()
    answer, problem = await gateway.ask("GET", "/v1/me")
    assert (answer.status, problem["code"], answer.headers["retry-after"]) == (503, "unavailable", "2")


async def test_a_large_upload_streams_through(gateway: Gateway, service: Service) -> None:
    """The service reads the beginning while the caller has not sent the end."""

    async def body() -> Any:
        yield b"first"
        await asyncio.wait_for(service.begun.wait(), 30)
        async for chunk in chunks(16 * 40):
            yield chunk

    answer, _ = await gateway.ask("POST", "/v1/uploads", data=body(), headers={"Content-Type": "text/csv"})
    assert answer.status == 200
    assert len(service.bodies) == 1
    assert service.asked[0].headers["content-type"] == "text/csv"


async def test_a_service_may_refuse_an_upload_before_its_end(gateway: Gateway) -> None:
    answer, body = await gateway.ask("POST", "/v1/uploads?early=1", data=chunks(16 * 8))
    assert (answer.status, list(body)) == (413, ["seen"])


async def test_a_download_streams_through(gateway: Gateway, service: Service) -> None:
    headers = {"Authorization": f"Bearer {ADMIN}"}
    async with gateway.client.get(gateway.url + "/v1/export", headers=headers) as answer:
        assert await answer.content.readline() == b"first\n"
        service.carry_on.set()
        assert await answer.content.read() == b"second\n"


async def test_a_caller_who_hangs_up_does_not_leave_half_a_request_behind(gateway: Gateway, service: Service) -> None:
    async def body() -> Any:
        yield b"x" * 1000
        await asyncio.wait_for(service.begun.wait(), 30)
        raise ConnectionAbortedError

    with pytest.raises((aiohttp.ClientError, ConnectionAbortedError)):
        await gateway.ask("POST", "/v1/uploads", data=body())
    answer, _ = await gateway.ask("POST", "/v1/uploads", data=b"whole")
    assert answer.status == 200
    assert len(service.bodies) == 1


async def test_an_unknown_query_parameter_is_named(gateway: Gateway, service: Service) -> None:
    for query in ("colour=red&status=200", "colour=red&colour=blue", "colour", "%63olour=red"):
        answer, problem = await gateway.ask("GET", f"/v1/things?{query}")
        assert (answer.status, problem["code"], problem["errors"][0]["field"]) == (400, "unknown_parameter", "colour")
    assert service.asked == []
    assert (await gateway.ask("POST", "/callbacks/routes/1?anything=1", None))[0].status == 200
