"""The campaigns page: filters, sorts, pages, totals, and the click rate beside each campaign."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.keep_figures import keep_figures
from volley_chassis.kafka import Received
from volley_contracts import LiveFigures, new_id, now

NAMES = ("Été 50 %", "Spring sale", "spring SALE 2", "Winter_sale", "a", "ÉTÉ again", "Sale: 100% off\\now")
SORTS = ("created", "name", "status", "recipients", "cost", "ctr")


@pytest.fixture
async def listed(lab: Any) -> list[dict[str, Any]]:
    """Campaigns with different names, tags, statuses, sizes, costs and click rates, the oldest first."""
    made = []
    sender = await lab.audience.sender()
    for number, name in enumerate(NAMES):
        tags = [f"t{number % 2}", "all"] + (["rare"] if number == 3 else [])
        body = {"name": name, "tags": tags, "type": "two_way" if number == 2 else "outbound"}
        made.append((await lab.client.post("/v1/campaigns", json=body)).json())
        await lab.pool.execute(
            "UPDATE campaigns SET status = $2, recipients = $3, sender_id = $4 WHERE id = $1",
            UUID(made[-1]["id"]),
            ("draft", "finished", "paused")[number % 3],
            number * 100 or None,
            sender if number % 2 else None,
        )
        if number:
            await lab.pool.execute(
                "INSERT INTO campaign_progress (campaign_id, cost, currency) VALUES ($1, $2, 'EUR')",
                UUID(made[-1]["id"]),
                Decimal(number % 4) / 3,
            )
            ctr = (number % 3) / 10 if number > 2 else None
            await keep_figures(lab.pool, figures(lab, made[-1], ctr=ctr), at=now())
    return made


def figures(lab: Any, campaign: dict[str, Any], *, ctr: float | None, age: int = 0) -> Received[LiveFigures]:
    counts = dict.fromkeys(
        ("submitted", "undelivered", "failed", "unknown", "suppressed", "cancelled", "clicks_raw", "clicks_human"), 0
    )
    data = LiveFigures(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        delivered=10,
        clickers=round(10 * (ctr or 0)),
        optouts=0,
        parts=0,
        cost=Decimal(0),
        currency="EUR",
        at=now() - timedelta(seconds=age),
        ctr=ctr,
        **counts,
    )
    return Received(str(new_id()), "t", "/stats-svc", now(), data)


async def names(lab: Any, **query: Any) -> tuple[list[str], int]:
    answer = await lab.client.get("/v1/campaigns", params=query)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["items"]], answer.json()["total"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"name": "sale"}, {1, 2, 3, 6}),
        ({"name": "spring s"}, {1, 2}),
        ({"name": "été"}, {0, 5}),
        ({"name": "_sale"}, {3}),
        ({"name": "0%"}, {6}),
        ({"name": "%"}, {0, 6}),
        ({"name": "\\n"}, {6}),
        ({"name": "a"}, {1, 2, 3, 4, 5, 6}),
        ({"name": "nothing of the kind"}, set()),
        ({"tag": "t1"}, {1, 3, 5}),
        ({"tag": ["t1", "rare"]}, {3}),
        ({"name": "sale", "tag": "t0"}, {2, 6}),
        ({"status": "finished"}, {1, 4}),
        ({"status": ["finished", "paused"]}, {1, 2, 4, 5}),
        ({"type": "two_way"}, {2}),
        ({"sender": True}, {1, 3, 5}),
        ({"created_from": 2}, {2, 3, 4, 5, 6}),
        ({"created_before": 2}, {0, 1}),
        ({"name": "sale", "status": "finished", "tag": "all", "type": "outbound", "created_from": 0}, {1}),
    ],
)
async def test_filters(lab: Any, listed: list[dict[str, Any]], query: dict[str, Any], found: set[int]) -> None:
    query = dict(query)
    if query.pop("sender", None):
        query["sender_id"] = (await lab.get(listed[1]))["sender_id"]
    for bound in ("created_from", "created_before"):
        if bound in query:
            query[bound] = listed[query[bound]]["created_at"]
    wanted = [NAMES[i] for i in sorted(found, reverse=True)]
    assert await names(lab, **query) == (wanted, len(wanted))
    assert await names(lab, limit=1, **query) == (wanted[:1], len(wanted))  # counted also where there are more pages


@pytest.mark.parametrize("sort", [f"{sign}{key}" for key in SORTS for sign in ("", "-")])
async def test_pages_of_every_sort_are_the_whole_list(lab: Any, listed: list[dict[str, Any]], sort: str) -> None:
    whole = (await lab.client.get("/v1/campaigns", params={"sort": sort})).json()
    assert (whole["total"], whole["next"], len(whole["items"])) == (len(NAMES), None, len(NAMES))
    by_name = await lab.pool.fetch(
        "SELECT name FROM campaigns ORDER BY lower(name)"
    )  # as the database's language has it
    places = {row["name"]: place for place, row in enumerate(by_name)}
    keys = [_key(item, sort.removeprefix("-"), places) for item in whole["items"]]
    assert keys == sorted(keys, reverse=sort.startswith("-"))
    pages, query = [], {"sort": sort, "limit": 2}
    while True:
        page = (await lab.client.get("/v1/campaigns", params=query)).json()
        assert page.get("total") == (None if "after" in query else len(NAMES))
        pages += page["items"]
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert pages == whole["items"]


def _key(item: dict[str, Any], sort: str, places: dict[str, int]) -> Any:
    ctr = item["clicks"]["ctr"]
    keys = {
        "created": item["created_at"],
        "name": places[item["name"]],
        "status": item["status"],
        "recipients": item["counts"]["recipients"] or 0,
        "cost": Decimal(item["cost"]["amount"]),
        "ctr": -1 if ctr is None else ctr,
    }
    return keys[sort], item["id"]


async def test_a_cursor_of_another_list_is_refused(lab: Any, listed: list[dict[str, Any]]) -> None:
    page = (await lab.client.get("/v1/campaigns", params={"sort": "name", "limit": 2})).json()
    for sort, after in (("-name", page["next"]), ("cost", page["next"]), ("name", "x"), ("name", "é"), ("name", "")):
        refused = await lab.client.get("/v1/campaigns", params={"sort": sort, "after": after})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "after"), (sort, after)


async def test_the_total_follows_what_is_added_and_deleted(lab: Any) -> None:
    made = [(await lab.client.post("/v1/campaigns", json={"name": f"n{i}"})).json() for i in range(3)]
    copy = await lab.do(made[0], "duplicate", 201)
    assert (await names(lab, limit=1))[1] == 4
    for gone in (made[1], copy):
        await lab.client.delete(f"/v1/campaigns/{gone['id']}")
    assert await names(lab, limit=1) == (["n2"], 2)


async def test_the_click_rate_is_the_last_that_was_told(lab: Any, listed: list[dict[str, Any]]) -> None:
    campaign = listed[3]
    told = figures(lab, campaign, ctr=0.4)
    for received in (told, told, figures(lab, campaign, ctr=0.2, age=60)):
        await keep_figures(lab.pool, received, at=now())
    assert (await lab.get(campaign))["clicks"] == {"ctr": 0.4, "clickers": 4, "delivered": 10}


async def test_figures_of_a_strange_campaign_change_nothing(lab: Any) -> None:
    strange = {"id": str(new_id())}
    await keep_figures(lab.pool, figures(lab, strange, ctr=0.4), at=now())
    made = await lab.pool.fetchval("SELECT count(*) FROM campaign_progress WHERE campaign_id = $1", UUID(strange["id"]))
    assert made == 0


async def test_the_address_of_the_sender_stands_beside_the_campaign(lab: Any, listed: list[dict[str, Any]]) -> None:
    items = (await lab.client.get("/v1/campaigns")).json()["items"]
    addresses = {item["sender_address"] for item in items}
    assert addresses == {None, (await lab.get(listed[1]))["sender_address"]}
