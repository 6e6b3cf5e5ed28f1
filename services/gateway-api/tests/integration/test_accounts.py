"""Accounts, keys and the audit log, each account's apart from the others'."""

import asyncio

import pytest

from gateway_api.handlers.ensure_first_account import ensure_first_account
from gateway_api.store import audit
from volley_chassis.settings import SettingsError
from volley_contracts import new_id

from .conftest import ADMIN, Gateway, Service


async def test_the_bootstrap_key_is_the_platforms_admin_and_is_not_shown(gateway: Gateway) -> None:
    await asyncio.gather(*(ensure_first_account(gateway.pool, ADMIN) for _ in range(3)))
    _, me = await gateway.ask("GET", "/v1/me")
    assert (me["account"]["name"], me["account"]["platform"], me["role"]) == ("default", True, "admin")
    assert me["key"]["prefix"].startswith("bootstrap-")
    _, page = await gateway.ask("GET", "/v1/api-keys?limit=200")
    assert sum(key["name"] == "bootstrap" for key in page["items"]) == 1
    assert ADMIN not in str(page)
    assert not any("digest" in key or "key" in key for key in page["items"])


async def test_another_bootstrap_key_ends_the_one_before_and_a_short_one_is_refused(gateway: Gateway) -> None:
    await ensure_first_account(gateway.pool, "c" * 48)
    assert (await gateway.ask("GET", "/v1/me"))[0].status == 401
    assert (await gateway.ask("GET", "/v1/me", "c" * 48))[0].status == 200
    await ensure_first_account(gateway.pool, ADMIN)  # revoked: it does not come back by itself
    assert (await gateway.ask("GET", "/v1/me"))[0].status == 401
    await gateway.pool.execute("UPDATE api_keys SET revoked_at = NULL WHERE bootstrap")
    with pytest.raises(SettingsError, match="shorter than 32"):
        await ensure_first_account(gateway.pool, "short")


async def test_a_key_is_seen_once_and_stored_as_a_digest(gateway: Gateway) -> None:
    answer, made = await gateway.ask("POST", "/v1/api-keys", json={"name": "ci", "role": "operator"})
    assert answer.status == 201
    assert made["key"].startswith("vk_")
    assert len(made["key"]) == 46
    assert made["prefix"] == made["key"][:11]
    rows = await gateway.pool.fetch("SELECT * FROM api_keys")
    assert made["key"][11:] not in str([dict(row) for row in rows])
    _, me = await gateway.ask("GET", "/v1/me", made["key"])
    assert (me["role"], me["key"]["id"], me["actor"]) == ("operator", made["id"], f"key:{made['prefix']}")
    _, again = await gateway.ask("GET", "/v1/me", made["key"])
    assert again["key"]["last_used_at"] is not None


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/api-keys", {"name": "x", "role": "owner"}, "role"),
        ("/v1/api-keys", {"name": "", "role": "admin"}, "name"),
        ("/v1/api-keys", {"name": "x", "role": "admin", "account_id": "y"}, "account_id"),
        ("/v1/accounts", {"name": "x" * 101}, "name"),
        ("/v1/accounts", {}, "name"),
    ],
)
async def test_illegal_input_names_the_field(gateway: Gateway, path: str, body: dict[str, str], field: str) -> None:
    answer, problem = await gateway.ask("POST", path, json=body)
    assert (answer.status, answer.content_type) == (422, "application/problem+json")
    assert field in str(problem["errors"])


async def test_only_the_platform_makes_accounts(gateway: Gateway) -> None:
    shop = await gateway.account("only-shop")
    for method in ("POST", "GET"):
        answer, problem = await gateway.ask(method, "/v1/accounts", shop, json={"name": "mine"})
        assert (answer.status, problem["code"]) == (403, "forbidden")
    answer, problem = await gateway.ask("POST", "/v1/accounts", json={"name": "only-shop"})
    assert (answer.status, problem["code"], problem["errors"][0]["field"]) == (409, "name_taken", "name")


async def test_accounts_come_in_pages(gateway: Gateway) -> None:
    for number in range(3):
        await gateway.account(f"page-{number}")
    names, after = [], ""
    while after is not None:
        _, page = await gateway.ask("GET", f"/v1/accounts?limit=2{after and '&after=' + after}")
        assert len(page["items"]) <= 2
        names += [account["name"] for account in page["items"]]
        after = page["next"]
    assert len(names) == len(set(names))
    assert {"default", "page-0", "page-1", "page-2"} <= set(names)
    assert (await gateway.ask("GET", "/v1/accounts?limit=201"))[0].status == 422


async def test_accounts_know_nothing_of_each_other(gateway: Gateway, service: Service) -> None:
    one, two = await gateway.account("one"), await gateway.account("two")
    _, ones = await gateway.ask("GET", "/v1/me", one)
    _, twos = await gateway.ask("GET", "/v1/me", two)
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{twos['key']['id']}", one))[0].status == 404
    assert (await gateway.ask("GET", "/v1/me", two))[0].status == 200
    _, keys = await gateway.ask("GET", "/v1/api-keys", one)
    assert [key["id"] for key in keys["items"]] == [ones["key"]["id"]]
    await gateway.ask("GET", "/v1/things", one)
    await gateway.ask("GET", "/v1/things", two)
    accounts = [request.headers["x-volley-account"] for request in service.asked]
    assert accounts == [ones["account"]["id"], twos["account"]["id"]]
    _, log = await gateway.ask("GET", "/v1/audit-log", two)
    assert log["items"] == []


async def test_the_last_admin_key_stays(gateway: Gateway) -> None:
    admin = await gateway.account("lonely")
    await gateway.key("operator", admin)
    _, me = await gateway.ask("GET", "/v1/me", admin)
    answer, problem = await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}", admin)
    assert (answer.status, problem["code"]) == (409, "last_admin_key")
    second = await gateway.key("admin", admin)
    _, other = await gateway.ask("GET", "/v1/me", second)
    path = "/v1/api-keys/"
    answers = await asyncio.gather(
        gateway.ask("DELETE", path + me["key"]["id"], second), gateway.ask("DELETE", path + other["key"]["id"], admin)
    )
    assert sorted(answer.status for answer, _ in answers) in ([204, 401], [204, 409])
    assert (await gateway.ask("DELETE", f"{path}{new_id()}"))[0].status == 404


async def test_every_write_is_noted_with_who_and_what_came_of_it(gateway: Gateway, service: Service) -> None:
    admin = await gateway.account("audited")
    operator = await gateway.key("operator", admin)
    await gateway.ask("GET", "/v1/things", operator)
    await gateway.ask("POST", "/v1/things?status=201", operator, json={})
    await gateway.ask("DELETE", "/v1/things/1", operator)
    await gateway.ask("POST", "/v1/away", operator)
    _, log = await gateway.ask("GET", "/v1/audit-log", admin)
    entries = [(entry["actor"], entry["method"], entry["path"], entry["status"]) for entry in log["items"]]
    actor = f"key:{operator[:11]}"
    assert entries == [
        (actor, "POST", "/v1/away", 503),
        (actor, "DELETE", "/v1/things/1", 403),
        (actor, "POST", "/v1/things", 201),
        (f"key:{admin[:11]}", "POST", "/v1/api-keys", 201),
    ]
    _, page = await gateway.ask("GET", "/v1/audit-log?limit=1", admin)
    _, rest = await gateway.ask("GET", f"/v1/audit-log?limit=3&after={page['next']}", admin)
    assert page["items"] + rest["items"] == log["items"]
    assert rest["next"] is None


async def test_a_write_is_noted_before_it_is_carried_out(gateway: Gateway, service: Service) -> None:
    admin = await gateway.account("noted-before")
    asking = asyncio.create_task(gateway.ask("POST", "/v1/things?wait=1", admin, json={}))
    await service.begun.wait()
    _, me = await gateway.ask("GET", "/v1/me", admin)
    (entry,) = await audit.page(gateway.pool, me["account"]["id"], None, 10)
    assert (entry.path, entry.status) == ("/v1/things", None)
    service.carry_on.set()
    await asking


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (None, {"GET /v1/things", "POST /v1/things", "POST /v1/reviews/1", "GET /v1/api-keys", "POST /v1/api-keys"}),
        (["things"], {"GET /v1/things", "POST /v1/things"}),
        (["things:read", "rate-card"], {"GET /v1/things", "POST /v1/reviews/1"}),
        (["accounts:read"], {"GET /v1/api-keys"}),
    ],
)
async def test_a_key_does_what_its_scopes_name(gateway: Gateway, scopes: list[str] | None, allowed: set[str]) -> None:
    body = {"name": "scoped", "role": "admin", "scopes": scopes}
    _, made = await gateway.ask("POST", "/v1/api-keys", json=body)
    assert made["scopes"] == (scopes and sorted(scopes))
    for request in ("GET /v1/things", "POST /v1/things", "POST /v1/reviews/1", "GET /v1/api-keys", "POST /v1/api-keys"):
        method, path = request.split()
        answer, found = await gateway.ask(method, path, made["key"], json={"name": "x", "role": "viewer"})
        assert (answer.status < 300) == (request in allowed), request
        assert request in allowed or (answer.status, found["code"]) == (403, "out_of_scope")
    assert (await gateway.ask("GET", "/v1/me", made["key"]))[1]["key"]["scopes"] == made["scopes"]


async def test_scopes_and_rates_that_cannot_be_are_refused(gateway: Gateway) -> None:
    key = {"name": "x", "role": "viewer"}
    for more, field in (
        ({"scopes": ["things", "nothing"]}, "scopes[1]"),
        ({"scopes": ["accounts"]}, "scopes[0]"),
        ({"scopes": []}, "scopes"),
        ({"rate_per_second": 1001}, "rate_per_second"),
        ({"rate_per_second": 0}, "rate_per_second"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
    ):
        answer, problem = await gateway.ask("POST", "/v1/api-keys", json=key | more)
        assert (answer.status, problem["errors"][0]["field"]) == (422, field)


async def test_a_key_ends_when_it_expires_and_makes_none_that_lasts_longer(gateway: Gateway) -> None:
    admin = await gateway.account("expiring")
    _, me = await gateway.ask("GET", "/v1/me", admin)
    ends = "2099-05-01T09:00:00Z"
    body = {"name": "until then", "role": "admin", "expires_at": "2099-05-01T11:00:00+02:00"}
    _, made = await gateway.ask("POST", "/v1/api-keys", admin, json=body)
    assert made["expires_at"] == ends
    for later in (None, "2099-05-01T09:00:01Z"):
        answer, problem = await gateway.ask("POST", "/v1/api-keys", made["key"], json=body | {"expires_at": later})
        assert (answer.status, problem["errors"][0]["field"]) == (422, "expires_at")
    assert (await gateway.ask("POST", "/v1/api-keys", made["key"], json=body))[0].status == 201
    answer, problem = await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}", admin)
    assert (answer.status, problem["code"]) == (409, "last_admin_key")
    await gateway.pool.execute("UPDATE api_keys SET expires_at = now() WHERE id = $1", made["id"])
    await gateway.key("viewer", admin)  # and so this process asks the database anew
    answer, problem = await gateway.ask("GET", "/v1/me", made["key"])
    assert (answer.status, "has expired" in problem["detail"]) == (401, True)
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{made['id']}", admin))[0].status == 204


async def test_an_admin_key_with_scopes_is_not_the_last_admin(gateway: Gateway) -> None:
    admin = await gateway.account("scoped-admins")
    _, me = await gateway.ask("GET", "/v1/me", admin)
    body = {"name": "scoped", "role": "admin", "scopes": ["things"]}
    _, made = await gateway.ask("POST", "/v1/api-keys", admin, json=body)
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{me['key']['id']}", admin))[0].status == 409
    assert (await gateway.ask("DELETE", f"/v1/api-keys/{made['id']}", admin))[0].status == 204
