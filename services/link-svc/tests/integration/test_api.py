"""The API: what an operator can do, what bad input gets, and that accounts never see each other's things."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from link_svc.api import ROUTES
from volley_chassis.database import Pool
from volley_contracts import new_id

from .builders import a_batch, take


def signed(account: UUID) -> dict[str, str]:
    return {
        "x-volley-internal": "token",
        "x-volley-account": str(account),
        "x-volley-actor": "somebody",
        "x-volley-role": "operator",
    }


@pytest.fixture
def us() -> dict[str, str]:
    return signed(new_id())


@pytest.fixture
def them() -> dict[str, str]:
    return signed(new_id())


async def make(client: AsyncClient, headers: dict[str, str], path: str, **body: object) -> Any:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_domain_from_adding_to_archiving(client: AsyncClient, us: dict[str, str]) -> None:
    made = await make(client, us, "/v1/domains", host="GO.Bücher.example", message_limit=100)
    assert made | {"id": "", "created_at": ""} == {
        "id": "",
        "host": "go.xn--bcher-kva.example",
        "status": "active",
        "message_limit": 100,
        "used": 0,
        "remaining": 100,
        "created_at": "",
        "health": None,
    }
    path = f"/v1/domains/{made['id']}"
    edited = await client.patch(path, json={"message_limit": None, "status": "blocked"}, headers=us)
    assert (edited.json()["message_limit"], edited.json()["status"], edited.json()["remaining"]) == (None, "blocked", 0)
    assert (await client.patch(path, json={"status": "active"}, headers=us)).json()["remaining"] is None
    for _ in range(2):
        assert (await client.delete(path, headers=us)).status_code == 204
    assert (await client.get(path, headers=us)).json()["status"] == "archived"


async def test_pages_of_domains_have_all_of_them_once(
    client: AsyncClient, us: dict[str, str], them: dict[str, str]
) -> None:
    made = [(await make(client, us, "/v1/domains", host=f"{new_id()}.example"))["id"] for _ in range(5)]
    await make(client, them, "/v1/domains", host=f"{new_id()}.example")
    got, after = [], ""
    while True:
        page = (await client.get(f"/v1/domains?limit=2{after}", headers=us)).json()
        assert page["total"] == 5
        got += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert got == made
    blocked = (await client.get("/v1/domains?status=blocked", headers=us)).json()
    assert blocked == {"items": [], "next": None, "total": 0}


async def test_a_pool_and_its_domains(client: AsyncClient, us: dict[str, str]) -> None:
    first, second = [await make(client, us, "/v1/domains", host=f"{new_id()}.example") for _ in range(2)]
    made = await make(
        client, us, "/v1/pools", name="Main", purpose="short", domain_ids=[second["id"], first["id"], second["id"]]
    )
    assert [each["id"] for each in made["domains"]] == [second["id"], first["id"]]
    assert (made["exhausted"], made["waiting"], made["remaining"]) == (False, 0, None)
    path = f"/v1/pools/{made['id']}"
    assert (await client.delete(f"{path}/domains/{second['id']}", headers=us)).status_code == 204
    assert (await client.delete(f"{path}/domains/{second['id']}", headers=us)).status_code == 404
    quick = await make(client, us, f"{path}/domains", host="quick.example", message_limit=5)
    assert [each["host"] for each in quick["domains"]] == [first["host"], "quick.example"]
    again = await make(client, us, f"{path}/domains", domain_id=second["id"])
    assert [each["id"] for each in again["domains"]][2] == second["id"]
    edited = await client.patch(path, json={"name": "Other", "domain_ids": [quick["domains"][1]["id"]]}, headers=us)
    assert (edited.json()["name"], edited.json()["remaining"]) == ("Other", 5)
    listed = (await client.get("/v1/pools", headers=us)).json()
    assert (listed["total"], listed["items"]) == (1, [edited.json()])


async def test_use_and_what_waits_can_be_seen(client: AsyncClient, pool: Pool, us: dict[str, str]) -> None:
    made = await make(client, us, "/v1/pools", name="Main", purpose="short")
    path = f"/v1/pools/{made['id']}"
    await make(client, us, f"{path}/domains", host=f"{new_id()}.example", message_limit=6)
    await take(pool, a_batch(UUID(us["x-volley-account"]), count=10, short=UUID(made["id"])))
    seen = (await client.get(path, headers=us)).json()
    assert (seen["exhausted"], seen["waiting"], seen["remaining"]) == (True, 4, 0)
    (domain,) = seen["domains"]
    assert (domain["status"], domain["used"], domain["remaining"]) == ("limit_reached", 6, 0)
    below = await client.patch(f"/v1/domains/{domain['id']}", json={"message_limit": 5}, headers=us)
    assert below.status_code == 422
    assert below.json()["errors"] == [
        {"field": "message_limit", "message": "the domain has served 6 messages", "fix": "give 6 or more"}
    ]


async def test_what_other_services_may_ask(client: AsyncClient, us: dict[str, str], them: dict[str, str]) -> None:
    made = await make(client, us, "/v1/pools", name="Main", purpose="optout")
    path = f"/internal/pools/{made['id']}"
    for host, limit in (("a.example", 5), ("longer-name.example", 7)):
        await make(client, us, f"/v1/pools/{made['id']}/domains", host=host, message_limit=limit)
    found = (await client.get(path, headers=us)).json()
    assert sorted(found.pop("domains").values()) == [5, 7]
    assert found == {
        "id": made["id"],
        "name": "Main",
        "purpose": "optout",
        "exhausted": False,
        "remaining": 12,
        "waiting": 0,
        "active_domains": 2,
        "sample_url": "https://longer-name.example/xxxxxxxx",
        "campaign_id": None,
    }
    assert (await client.get(path, headers=them)).status_code == 404


async def test_a_host_belongs_to_one_account(client: AsyncClient, us: dict[str, str], them: dict[str, str]) -> None:
    mine = await make(client, us, "/v1/domains", host="mine.example")
    pool_of_theirs = await make(client, them, "/v1/pools", name="Theirs", purpose="short")
    for path in ("/v1/domains", f"/v1/pools/{pool_of_theirs['id']}/domains"):
        answer = await client.post(path, json={"host": "MINE.example"}, headers=them)
        assert (answer.status_code, answer.json()["code"]) == (409, "host_taken")
        assert "domain_id" not in answer.json()
    again = await client.post("/v1/domains", json={"host": "mine.example"}, headers=us)
    assert (again.status_code, again.json()["domain_id"]) == (409, mine["id"])


async def test_accounts_do_not_see_each_others_things(
    client: AsyncClient, us: dict[str, str], them: dict[str, str]
) -> None:
    domain = await make(client, us, "/v1/domains", host=f"{new_id()}.example")
    pool = await make(client, us, "/v1/pools", name="Ours", purpose="short", domain_ids=[domain["id"]])
    theirs = await make(client, them, "/v1/pools", name="Theirs", purpose="short")
    body: dict[str, object]
    for method, path, body in (
        ("GET", f"/v1/domains/{domain['id']}", {}),
        ("PATCH", f"/v1/domains/{domain['id']}", {"status": "blocked"}),
        ("DELETE", f"/v1/domains/{domain['id']}", {}),
        ("GET", f"/v1/pools/{pool['id']}", {}),
        ("PATCH", f"/v1/pools/{pool['id']}", {"name": "x"}),
        ("POST", f"/v1/pools/{pool['id']}/domains", {"host": "x.example"}),
        ("DELETE", f"/v1/pools/{pool['id']}/domains/{domain['id']}", {}),
    ):
        answer = await client.request(method, path, json=body or None, headers=them)
        assert answer.status_code == 404, (method, path, answer.text)
    for path, body in (
        ("/v1/pools", {"name": "x", "purpose": "short", "domain_ids": [domain["id"]]}),
        (f"/v1/pools/{theirs['id']}/domains", {"domain_id": domain["id"]}),
    ):
        answer = await client.post(path, json=body, headers=them)
        assert answer.json()["errors"][0]["field"] == "domain_ids"
    assert (await client.get("/v1/pools", headers=them)).json()["total"] == 1
    assert (await client.get(f"/v1/domains/{domain['id']}", headers=us)).json() == domain


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/domains", {"host": "https://go.example/x"}, "host"),
        ("/v1/domains", {"host": "10.0.0.1"}, "host"),
        ("/v1/domains", {"host": ""}, "host"),
        ("/v1/domains", {"host": 5}, "host"),
        ("/v1/domains", {}, "host"),
        ("/v1/domains", {"host": "a.example", "message_limit": 0}, "message_limit"),
        ("/v1/domains", {"host": "a.example", "message_limit": "many"}, "message_limit"),
        ("/v1/domains", {"host": "a.example", "message_limit": 10**30}, "message_limit"),
        ("/v1/domains", {"host": "a.example", "status": "limit_reached"}, "status"),
        ("/v1/domains", {"host": "a.example", "colour": "red"}, "colour"),
        ("/v1/pools", {"name": "", "purpose": "short"}, "name"),
        ("/v1/pools", {"name": "x" * 256, "purpose": "short"}, "name"),
        ("/v1/pools", {"name": "x", "purpose": "long"}, "purpose"),
        ("/v1/pools", {"name": "x", "purpose": "short", "domain_ids": ["x"]}, "domain_ids"),
        ("/v1/pools", {"name": "x", "purpose": "short", "domain_ids": [str(new_id())]}, "domain_ids"),
        ("/v1/pools/{pool}/domains", {}, "domain_id"),
        ("/v1/pools/{pool}/domains", {"domain_id": str(new_id()), "host": "a.example"}, "domain_id"),
        ("/v1/pools/{pool}/domains", {"domain_id": str(new_id()), "message_limit": 5}, "message_limit"),
        ("/v1/pools/{pool}/domains", {"host": "a b"}, "host"),
    ],
)
async def test_bad_input_is_named_and_nothing_done(
    client: AsyncClient, pool: Pool, us: dict[str, str], path: str, body: dict[str, object], field: str
) -> None:
    made = await make(client, us, "/v1/pools", name="p", purpose="short")
    answer = await client.post(path.format(pool=made["id"]), json=body, headers=us)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in answer.json()["errors"][0]["field"]
    counts = "SELECT (SELECT count(*) FROM domains), (SELECT count(*) FROM pools), (SELECT count(*) FROM pool_domains)"
    assert tuple(await pool.fetchrow(counts)) == (0, 1, 0)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "after=x", "status=x"])
async def test_bad_queries_are_named(client: AsyncClient, us: dict[str, str], query: str) -> None:
    answer = await client.get(f"/v1/domains?{query}", headers=us)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_every_route_says_who_may_use_it() -> None:
    assert {route.opt["role"] for route in ROUTES} == {"viewer", "operator"}
