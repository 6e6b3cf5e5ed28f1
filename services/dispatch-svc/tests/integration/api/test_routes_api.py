"""/v1/routes: made, shown, edited, removed; secrets stay secret, and accounts apart."""

import itertools
from typing import Any
from uuid import UUID

import msgspec
import pytest
from cryptography.fernet import Fernet

from dispatch_svc.domain.routes import Route, read_config
from dispatch_svc.domain.vault import LockedError, Vault
from dispatch_svc.handlers.edit_routes import reseal_routes
from dispatch_svc.store import routes
from volley_chassis import database
from volley_contracts import new_id

from .conftest import MIGRATIONS

SMPP = {"host": "127.0.0.1", "port": 2775, "system_id": "volley", "password": "s3cret"}
_logins = itertools.count()
HTTP = {"url": "https://sms.example.com/v1", "token": "t0ken", "webhook_secret": "whsec_" + "YWJj" * 8}


def login() -> dict[str, Any]:
    """A configuration with a login of its own: one serves one route."""
    return {**SMPP, "system_id": f"v{next(_logins)}"}


def account_of(caller: dict[str, str]) -> UUID:
    return UUID(caller["x-volley-account"])


async def add(api: Any, caller: dict[str, str], **body: Any) -> Any:
    answer = await api.post(
        "/v1/routes", json={"name": "a", "protocol": "smpp", "config": login(), **body}, headers=caller
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_route_is_made_and_shown_without_its_secrets(api: Any, caller: Any, pool: Any, vault: Any) -> None:
    mine = caller()
    made = await add(api, mine, countries=["US", "GB", "US"], priority=3)
    shown = (await api.get(f"/v1/routes/{made['id']}", headers=mine)).json()
    assert shown == made
    assert (made["protocol"], made["priority"], made["countries"]) == ("smpp", 3, ["GB", "US"])
    assert (made["status"], made["connected"], made["connections"]) == ("active", False, [])
    assert made["config"]["password"] == "***"
    assert made["config"]["window"] == 500
    stored = await routes.find(pool, vault, UUID(mine["x-volley-account"]), UUID(made["id"]))
    assert stored.route.config.password == "s3cret"
    http = await add(api, mine, name="b", protocol="http", config=HTTP)
    assert (http["config"]["token"], http["config"]["webhook_secret"]) == ("***", "***")
    assert "t0ken" not in (await api.get("/v1/routes", headers=mine)).text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"protocol": "pigeon"}, "protocol"),
        ({"config": {**SMPP, "port": 70000}}, "config.port"),
        ({"config": {**SMPP, "colour": "red"}}, "config.colour"),
        ({"config": {"host": "x", "system_id": "a"}}, "config.password"),
        ({"config": {**SMPP, "host": "smpp://x"}}, "config.host"),
        ({"config": {**SMPP, "tls_ca": "x"}}, "config.tls_ca"),
        ({"config": HTTP}, "config.url"),
        ({"protocol": "http", "config": {**HTTP, "url": "gopher://x"}}, "config.url"),
        ({"protocol": "http", "config": {**HTTP, "webhook_secret": "x" * 25}}, "config.webhook_secret"),
        ({"countries": ["XX"]}, "countries.XX"),
        ({"countries": ["us"]}, "countries.us"),
        ({"countries": []}, "countries"),
        ({"priority": -1}, "priority"),
        ({"status": "open"}, "status"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_an_illegal_field_is_named(api: Any, caller: Any, body: dict[str, Any], field: str) -> None:
    mine = caller()
    answer = await api.post("/v1/routes", json={"name": "a", "protocol": "smpp", "config": SMPP, **body}, headers=mine)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await api.get("/v1/routes", headers=mine)).json()["total"] == 0


async def test_an_edit_changes_what_it_names(api: Any, caller: Any, pool: Any, vault: Any) -> None:
    mine = caller()
    made = await add(api, mine, countries=["US"])
    path = f"/v1/routes/{made['id']}"
    config = {**made["config"], "window": 7}
    edited = (await api.patch(path, json={"config": config, "status": "paused"}, headers=mine)).json()
    assert edited["config"] == {**made["config"], "window": 7}
    assert (edited["status"], edited["countries"], edited["name"]) == ("paused", ["US"], "a")
    edited = (await api.patch(path, json={"countries": None, "config": {"password": "new"}}, headers=mine)).json()
    assert (edited["countries"], edited["config"]["password"]) == (None, "***")
    stored = await routes.find(pool, vault, UUID(mine["x-volley-account"]), UUID(made["id"]))
    assert (stored.route.config.password, stored.route.config.window, stored.route.version) == ("new", 7, 3)


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"config": {"port": 0}}, "config.port"),
        ({"config": {"host": None}}, "config.host"),
        ({"config": {"token": "x"}}, "config.token"),
        ({"countries": ["XX"]}, "countries.XX"),
        ({"protocol": "http"}, "protocol"),
    ],
)
async def test_an_illegal_edit_changes_nothing(api: Any, caller: Any, edit: dict[str, Any], field: str) -> None:
    mine = caller()
    made = await add(api, mine)
    answer = await api.patch(f"/v1/routes/{made['id']}", json={"name": "b", **edit}, headers=mine)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await api.get(f"/v1/routes/{made['id']}", headers=mine)).json() == made


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"config": {**SMPP, "host": "127.0.0.2"}}, "config.host"),
        ({"config": {**SMPP, "host": "169.254.169.254"}}, "config.host"),
        ({"config": {**SMPP, "host": "2130706434"}}, "config.host"),
        ({"config": {**SMPP, "host": "::1"}}, "config.host"),
        ({"protocol": "http", "config": {**HTTP, "url": "http://10.0.0.1/v1"}}, "config.url"),
        ({"protocol": "http", "config": {**HTTP, "url": "https://[fd00::1]/v1"}}, "config.url"),
    ],
)
async def test_a_server_inside_is_refused_naming_field_and_fix(
    api: Any, caller: Any, body: dict[str, Any], field: str
) -> None:
    mine = caller()
    new = {"name": "a", "protocol": "smpp", **body}
    answer = await api.post("/v1/routes", json=new, headers=mine)
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert (error["field"], error["message"]) == (field, "leads to a private address")
    assert "VOLLEY_ROUTE_NETWORKS" in error["fix"]
    config = HTTP if new["protocol"] == "http" else login()
    made = await add(api, mine, protocol=new["protocol"], config=config)
    word = field.removeprefix("config.")
    path = f"/v1/routes/{made['id']}"
    answer = await api.patch(path, json={"config": {word: body["config"][word]}}, headers=mine)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await api.get(path, headers=mine)).json() == made


async def test_a_name_is_used_once_an_account(api: Any, caller: Any) -> None:
    mine = caller()
    await add(api, mine)
    await add(api, caller())
    other = await add(api, mine, name="b")
    answer = await api.post("/v1/routes", json={"name": "a", "protocol": "smpp", "config": login()}, headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")
    answer = await api.patch(f"/v1/routes/{other['id']}", json={"name": "a"}, headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


async def test_a_login_serves_one_route(api: Any, caller: Any) -> None:
    """An SMSC gives receipts to any session of a login, so a second route's would be nobody's."""
    mine, config = caller(), login()
    first = await add(api, mine, config=config)
    body = {"name": "b", "protocol": "smpp", "config": config}
    answer = await api.post("/v1/routes", json=body, headers=mine)
    assert (answer.status_code, answer.json()["code"]) == (409, "login_taken")
    assert [error["field"] for error in answer.json()["errors"]] == ["config.system_id"]
    other = await add(api, mine, name="c")
    edit = {"config": {"system_id": config["system_id"]}}
    assert (await api.patch(f"/v1/routes/{other['id']}", json=edit, headers=mine)).status_code == 409
    await api.patch(f"/v1/routes/{first['id']}", json={"status": "disabled"}, headers=mine)
    assert (await api.post("/v1/routes", json=body, headers=mine)).status_code == 201


async def test_a_route_is_tried_out_before_it_is_used(api: Any, caller: Any) -> None:
    mine = caller()
    made = await add(api, mine, config=login() | {"port": 9}, status="disabled")
    path = f"/v1/routes/{made['id']}"
    tried = await api.post(f"{path}/check", headers=mine)
    assert (tried.status_code, tried.json()["ok"]) == (200, False)
    assert "cannot be reached" in tried.json()["problem"]
    assert "Check host, port" in tried.json()["fix"]
    assert (await api.post(f"{path}/check", headers=caller())).status_code == 404
    assert (await api.get(path, headers=mine)).json() == made


async def test_others_neither_see_nor_touch_it(api: Any, caller: Any) -> None:
    mine, stranger = caller(), caller()
    made = await add(api, mine)
    path = f"/v1/routes/{made['id']}"
    assert (await api.get(path, headers=stranger)).status_code == 404
    assert (await api.patch(path, json={"name": "b"}, headers=stranger)).status_code == 404
    assert (await api.delete(path, headers=stranger)).status_code == 404
    assert (await api.get("/v1/routes", headers=stranger)).json() == {"items": [], "next": None, "total": 0}
    assert (await api.get(path, headers=mine)).json() == made


async def test_a_removed_route_is_gone(api: Any, caller: Any) -> None:
    mine = caller()
    path = f"/v1/routes/{(await add(api, mine))['id']}"
    assert (await api.delete(path, headers=mine)).status_code == 204
    assert (await api.get(path, headers=mine)).status_code == 404
    assert (await api.delete(path, headers=mine)).status_code == 404


async def test_pages_follow_one_another(api: Any, caller: Any) -> None:
    mine = caller()
    ids = [(await add(api, mine, name=f"route {number}"))["id"] for number in range(5)]
    found: list[str] = []
    after = ""
    while True:
        page = (await api.get(f"/v1/routes?limit=2{after}", headers=mine)).json()
        assert page["total"] == 5
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == ids
    assert (await api.get("/v1/routes?limit=0", headers=mine)).status_code == 422


async def test_an_unknown_route_is_not_found(api: Any, caller: Any) -> None:
    assert (await api.get(f"/v1/routes/{new_id()}", headers=caller())).status_code == 404


async def test_secrets_are_sealed_in_the_database(api: Any, caller: Any, pool: Any, vault: Any) -> None:
    mine = caller()
    made = [await add(api, mine), await add(api, mine, name="b", protocol="http", config=HTTP)]
    rows = await pool.fetch("SELECT config::text, secrets FROM routes WHERE account_id = $1", account_of(mine))
    assert len(rows) == 2
    for row in rows:
        assert not any(secret in row["config"] or secret.encode() in row["secrets"] for secret in ("s3cret", "t0ken"))
    other = Vault(Fernet.generate_key().decode())
    for stranger in (other, Vault("")):
        with pytest.raises(LockedError):
            await routes.find(pool, stranger, account_of(mine), UUID(made[0]["id"]))


async def test_what_was_stored_before_there_was_a_key_is_sealed_and_keys_are_replaced(
    settings: Any, make_database: Any
) -> None:
    first, second = (Fernet.generate_key().decode() for _ in range(2))
    config = read_config("smpp", SMPP)
    route = Route(id=new_id(), account_id=new_id(), name="a", protocol="smpp", config=config)
    alone = msgspec.structs.replace(settings, database_url=make_database(MIGRATIONS))
    async with database.pool(alone) as pool:
        async with pool.acquire() as connection:
            await routes.add(connection, Vault(""), route)
        for keys in (first, f"{second},{first}", second):
            await reseal_routes(pool, Vault(keys))
            async with pool.acquire() as connection:
                stored = await routes.find(connection, Vault(keys), route.account_id, route.id)
            assert stored
            assert (stored.route.config, stored.route.version) == (config, 1)
        assert b"s3cret" not in await pool.fetchval("SELECT config::text::bytea || secrets FROM routes")
