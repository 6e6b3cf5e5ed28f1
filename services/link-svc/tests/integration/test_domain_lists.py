"""A campaign's own list of domains: exact limits beside pools and other lists, exhausted and refilled like a pool."""

from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient

from link_svc.config import LinkSettings
from volley_chassis.database import Pool
from volley_contracts import PoolExhausted, PoolRefilled, new_id

from .builders import a_batch, a_domain, left_in_outbox, refill, take
from .test_api import signed


@pytest.fixture
def asks(client: AsyncClient) -> Any:
    async def put(account: UUID, campaign: UUID, *hosts: str, purpose: str = "short") -> dict[str, Any]:
        path = f"/internal/campaigns/{campaign}/pools/{purpose}"
        answer = await client.put(path, json={"name": "Sale", "hosts": list(hosts)}, headers=signed(account))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return put


async def used(pool: Pool) -> list[int]:
    return [row["used"] for row in await pool.fetch("SELECT used FROM domains ORDER BY id")]


async def test_limits_hold_beside_pools_and_other_lists(
    settings: LinkSettings,
    pool: Pool,
    client: AsyncClient,
    asks: Any,
) -> None:
    account, campaigns = new_id(), [new_id(), new_id()]
    shared, later = await a_domain(pool, account, 25), await a_domain(pool, account, 100)
    body = {"name": "p", "purpose": "short", "domain_ids": [str(shared.id)]}
    common = (await client.post("/v1/pools", json=body, headers=signed(account))).json()
    lists = [UUID((await asks(account, campaign, shared.host.upper()))["pool_id"]) for campaign in campaigns]
    assert len({*lists, UUID(common["id"])}) == 3

    for campaign, pool_id in ((new_id(), UUID(common["id"])), *zip(campaigns, lists, strict=True)):
        await take(pool, a_batch(account, campaign=campaign, short=pool_id))
    assert await used(pool) == [25, 0]
    (exhausted,) = [event for _, event in await left_in_outbox(pool) if isinstance(event, PoolExhausted)]
    assert (exhausted.pool_id, exhausted.campaign_id) == (lists[1], campaigns[1])
    assert exhausted.waiting_campaigns == (campaigns[1],)

    assert UUID((await asks(account, campaigns[1], shared.host, later.host))["pool_id"]) == lists[1]
    await refill(pool, settings)
    assert await used(pool) == [25, 5]
    assert [event.pool_id for _, event in await left_in_outbox(pool) if isinstance(event, PoolRefilled)] == [lists[1]]


async def test_it_is_edited_with_its_campaign_only(pool: Pool, client: AsyncClient, asks: Any) -> None:
    account, campaign = new_id(), new_id()
    domain = await a_domain(pool, account)
    pool_id = (await asks(account, campaign, domain.host))["pool_id"]
    assert (await asks(account, campaign, domain.host, purpose="optout"))["pool_id"] != pool_id
    path, headers = f"/v1/pools/{pool_id}", signed(account)
    shown = (await client.get(path, headers=headers)).json()
    assert (shown["campaign_id"], [each["host"] for each in shown["domains"]]) == (str(campaign), [domain.host])
    assert (await client.get("/v1/pools", headers=headers)).json()["total"] == 0
    for answer in (
        await client.patch(path, json={"domain_ids": []}, headers=headers),
        await client.post(f"{path}/domains", json={"host": "new.example"}, headers=headers),
        await client.delete(f"{path}/domains/{domain.id}", headers=headers),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "pool_of_campaign")
    assert (await client.get(path, headers=headers)).json()["domains"] == shown["domains"]


async def test_each_host_that_is_no_domain_of_the_account_is_named(pool: Pool, asks: Any) -> None:
    account, campaign = new_id(), new_id()
    mine, theirs = await a_domain(pool, account), await a_domain(pool, new_id())
    await pool.execute("UPDATE domains SET state = 'archived' WHERE id = $1", (old := await a_domain(pool, account)).id)
    strange = await asks(account, campaign, mine.host, theirs.host, old.host)
    assert (strange["pool_id"], [each["index"] for each in strange["problems"]]) == (None, [1, 2])
    illegal = await asks(account, campaign, "https://go.example/", mine.host, mine.host)
    assert [(each["index"], each["message"]) for each in illegal["problems"]] == [
        (0, "this is a URL"),
        (2, f"{mine.host} is named twice"),
    ]
    assert await pool.fetchval("SELECT count(*) FROM pools WHERE campaign_id = $1", campaign) == 0
    await asks(account, campaign, mine.host)
    stolen = await asks(new_id(), campaign)
    assert (stolen["pool_id"], await pool.fetchval("SELECT count(*) FROM pool_domains")) == (None, 1)
