"""If-Match guards every edit of domains and pools."""

from uuid import UUID

import pytest
from httpx import AsyncClient

from volley_chassis.database import Pool
from volley_tools.guarded import Ask, Edit, asking, check_edits, check_removal

from .builders import a_batch, take
from .test_api import make, us

__all__ = ["us"]  # a fixture


@pytest.fixture
def ask(client: AsyncClient, us: dict[str, str]) -> Ask:
    return asking(client, us)


async def test_a_domain(client: AsyncClient, us: dict[str, str], ask: Ask) -> None:
    path = f"/v1/domains/{(await make(client, us, '/v1/domains', host='go.example'))['id']}"
    await check_edits(ask, Edit.of(path, {"message_limit": 10}, {"status": "blocked"}))
    await check_removal(ask, path)


async def test_a_pool(client: AsyncClient, us: dict[str, str], ask: Ask) -> None:
    domains = [(await make(client, us, "/v1/domains", host=f"go{no}.example"))["id"] for no in range(2)]
    path = f"/v1/pools/{(await make(client, us, '/v1/pools', name='main', purpose='short'))['id']}"
    await check_edits(ask, Edit.of(path, {"name": "one"}, {"domain_ids": domains}))
    await check_removal(ask, f"{path}/domains/{domains[0]}", read=path)


async def test_messages_that_are_counted_are_no_edit(
    client: AsyncClient,
    us: dict[str, str],
    pool: Pool,
    ask: Ask,
) -> None:
    domain = await make(client, us, "/v1/domains", host="go.example", message_limit=10)
    made = await make(client, us, "/v1/pools", name="main", purpose="short", domain_ids=[domain["id"]])
    paths = (f"/v1/domains/{domain['id']}", f"/v1/pools/{made['id']}")
    before = [(await ask("GET", path, None, {})).etag for path in paths]
    await take(pool, a_batch(UUID(us["x-volley-account"]), count=10, short=UUID(made["id"])))
    after = [await ask("GET", path, None, {}) for path in paths]
    assert after[0].body["status"] == "limit_reached"
    assert [answer.etag for answer in after] == before
    assert (await ask("PATCH", paths[0], {"message_limit": 20}, {"If-Match": before[0] or ""})).status == 200
