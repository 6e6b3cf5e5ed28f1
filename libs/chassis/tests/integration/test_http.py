"""The HTTP frame: the internal token, callers, problem answers, readiness."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from litestar import post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from litestar.testing import TestClient

from volley_chassis import http, problems
from volley_chassis.http import Caller
from volley_chassis.settings import ServiceSettings
from volley_tools.pytest_stack import Until

ACCOUNT = "01a209fc-da0a-766b-91a2-624af149a835"
SIGNED = {
    "x-volley-internal": "token",
    "x-volley-account": ACCOUNT,
    "x-volley-actor": "somebody",
    "x-volley-role": "operator",
}


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    name: str


@post("/v1/things", opt={"role": "operator"})
async def add_thing(data: JSONBody[Thing], caller: NamedDependency[Caller]) -> UUID:
    if data.name == "bug":
        raise ZeroDivisionError
    if data.name == "missing":
        raise problems.not_found("thing")
    return caller.account_id


async def fails() -> bool:
    raise ConnectionError("away")


async def passes() -> bool:
    return True


@pytest.fixture
def client() -> Iterator[TestClient]:  # type: ignore[type-arg]
    settings = ServiceSettings(database_url="", kafka="", internal_token="token")
    checks: dict[str, http.Check] = {"database": passes, "kafka": fails}
    app = http.create_app(settings, title="Things", routes=[add_thing], checks=checks)
    with TestClient(app, raise_server_exceptions=False) as opened:
        yield opened


def test_a_signed_caller_is_known(client: TestClient) -> None:  # type: ignore[type-arg]
    answer = client.post("/v1/things", json={"name": "a"}, headers=SIGNED)
    assert (answer.status_code, answer.json()) == (201, ACCOUNT)


@pytest.mark.parametrize("without", SIGNED)
def test_nobody_else_gets_in(client: TestClient, without: str) -> None:  # type: ignore[type-arg]
    headers = {name: value for name, value in SIGNED.items() if name != without}
    answer = client.post("/v1/things", json={"name": "a"}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b'{"name": 1}', 422, "name"),
        (b'{"name": "a", "colour": "red"}', 422, "colour"),
        (b"{}", 422, "name"),
        (b"[]", 422, "body"),
        (b"", 422, "body"),
        (b"{", 400, "body"),
        (b"[" * 100_000, 400, "body"),
        (b'{"name": "caf\xe9"}', 400, "body"),
        (b'{"name": "missing"}', 404, None),
        (b'{"name": "bug"}', 500, None),
    ],
)
def test_every_error_is_a_problem_that_names_the_field(
    client: TestClient,  # type: ignore[type-arg]
    body: bytes,
    status: int,
    field: str | None,
) -> None:
    answer = client.post("/v1/things", content=body, headers=SIGNED)
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in problem.get("errors", [])] == ([field] if field else [])
    assert "ZeroDivision" not in answer.text


def test_a_body_that_is_no_json_is_refused(client: TestClient) -> None:  # type: ignore[type-arg]
    headers = {**SIGNED, "content-type": "text/plain"}
    answer = client.post("/v1/things", content=b'{"name": "a"}', headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (415, "body")


def test_readiness_names_what_is_away(client: TestClient) -> None:  # type: ignore[type-arg]
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": True, "kafka": False})
    assert b"python_info" in client.get("/metrics").content


@pytest.mark.parametrize(
    ("proxies", "said", "client"),
    [
        ([], ["203.0.113.7"], "127.0.0.1"),
        (["10.0.0.0/8"], ["203.0.113.7"], "127.0.0.1"),
        (["127.0.0.0/8"], [], "127.0.0.1"),
        (["127.0.0.0/8"], ["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
        (["127.0.0.0/8"], ["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
        (["127.0.0.0/8", "10.0.0.0/8"], ["1.1.1.1, 2001:db8::1, 10.1.1.1"], "2001:db8::1"),
        (["127.0.0.0/8", "10.0.0.0/8"], ["1.1.1.1, 10.1.1.1", "8.8.8.8"], "8.8.8.8"),
    ],
)
async def test_the_client_is_who_the_last_trusted_proxy_says(
    proxies: list[str], said: list[str], client: str, until: Until
) -> None:
    async def tell(scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["client"][0].encode()})

    server = http.server(tell, "127.0.0.1", 0, proxies)
    serving = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with httpx.AsyncClient() as asking:
        headers = [("X-Forwarded-For", value) for value in said]
        assert (await asking.get(f"http://127.0.0.1:{port}/", headers=headers)).text == client
    server.should_exit = True
    await serving
