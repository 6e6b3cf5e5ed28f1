"""Figures are right however often events come, in whatever order, from however many consumers at once."""

import asyncio
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from stats_svc.api import ROUTES
from stats_svc.config import Settings
from stats_svc.handlers.apply_move import apply_move
from stats_svc.handlers.count_event import count_clicks, count_event, count_optout
from volley_chassis import http
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import CampaignMoved, DomainClicks, SuppressionChanged, new_aside_id

from .events import AT, Story, received


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[AsyncClient]:
    app = http.create_app(settings, title="Figures", routes=ROUTES, dependencies={"pool": pool})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://stats") as opened:
        yield opened


def signed(account_id: object) -> dict[str, str]:
    return {
        "x-volley-internal": "token",
        "x-volley-account": str(account_id),
        "x-volley-actor": "a",
        "x-volley-role": "viewer",
    }


async def deliver(pool: Pool, record: Received[Any]) -> None:
    handlers: dict[type, Any] = {CampaignMoved: apply_move, SuppressionChanged: count_optout}
    await handlers.get(type(record.data), count_event)(pool, record)


def whole(story: Story) -> list[Received[Any]]:
    events = [
        story.moved(),
        story.outcomes(),
        story.revised(),
        story.receipts(),
        story.clicks(),
        story.clicks((0,)),
        *story.optouts(),
        story.replied(0),
        story.replied(2, "stop"),
    ]
    return [received(event) for event in events]


async def stats(client: AsyncClient, story: Story, path: str = "") -> Any:
    answer = await client.get(f"/v1/campaigns/{story.campaign_id}/stats{path}", headers=signed(story.account_id))
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("seed", range(4))
async def test_every_event_twice_in_any_order(client: AsyncClient, pool: Pool, seed: int) -> None:
    story = Story()
    records = whole(story) * 2
    random.Random(seed).shuffle(records)
    await asyncio.gather(*(deliver(pool, record) for record in records))
    answer = await stats(client, story)
    assert answer["totals"] == {
        "submitted": 4,
        "submitted_with_receipts": 4,
        "delivered": 2,
        "undelivered": 1,
        "failed": 1,
        "unknown": 0,
        "suppressed": 1,
        "cancelled": 0,
        "parts": 5,
        "cost": "0.1657",
        "currency": "EUR",
        "other_costs": [],
        "clicks_raw": 4,
        "clicks_human": 3,
        "clickers": 1,
        "optouts": 2,
        "optouts_page": 1,
        "optouts_reply": 1,
        "replies": 1,
    }
    assert (answer["name"], answer["status"], answer["recipients"]) == ("May", "started", 6)
    ctr = answer["ctr"]
    assert (ctr["value"], ctr["clickers"], ctr["over"]) == (0.5, 1, "delivered")
    assert "over delivered" in ctr["definition"]
    assert [(v["variant"], v["submitted"], v["clickers"], v["optouts"]) for v in answer["variants"]] == [
        (0, 2, 1, 1),
        (1, 2, 0, 1),
    ]
    keys = ("country", "submitted", "delivered", "failed", "cost", "clicks_raw", "clickers", "optouts", "replies")
    assert [tuple(country[key] for key in keys) for country in answer["countries"]] == [
        ("DE", 2, 1, 0, "0.142", 3, 1, 0, 1),
        ("US", 2, 1, 1, "0.0237", 1, 0, 2, 0),
    ]
    assert [country["ctr"]["value"] for country in answer["countries"]] == [1, 0]
    keys = ("domain_id", "purpose", "submitted", "delivered", "undelivered", "failed", "parts", "clickers", "optouts")
    assert [tuple(domain[key] for key in keys) for domain in answer["domains"]] == [
        (str(story.short), "short", 4, 2, 1, 1, 5, 1, 0),
        (str(story.optout), "optout", 4, None, None, 1, 5, 0, 2),
    ]
    rate, none = [domain["ctr"] for domain in answer["domains"]]
    assert (rate["value"], rate["over"], none) == (0.5, "delivered", None)
    assert [domain["clicks_raw"] for domain in answer["domains"]] == [4, 0]
    assert answer["failures"] == [{"error": "invalid_number", "count": 1}]
    assert answer["undelivered"] == [{"error": "absent", "count": 1}]


async def test_a_recipient_opts_out_once_of_each_campaign_by_the_way_that_came_first(
    client: AsyncClient, pool: Pool
) -> None:
    first = Story()
    second = Story(first.account_id)
    for change in (
        first.suppressed(3, "stop_keyword"),
        first.suppressed(3, "optout_page"),
        second.suppressed(3, "optout_page"),
        second.suppressed(4, "complaint"),
    ):
        await deliver(pool, received(change))
    found = [(await stats(client, story))["totals"] for story in (first, second)]
    assert [(t["optouts"], t["optouts_page"], t["optouts_reply"]) for t in found] == [(1, 0, 1), (2, 1, 0)]


async def test_what_an_older_release_told_counts_nothing(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.moved()))
    await deliver(pool, received(msgspec.structs.replace(story.suppressed(), seq=None, variant=None)))
    assert (await stats(client, story))["totals"]["optouts"] == 0


async def test_single_clicks_are_kept_for_counting_again(pool: Pool) -> None:
    story = Story()
    for record in whole(story) * 2:
        await deliver(pool, record)
    rows = await pool.fetch("SELECT * FROM clicks WHERE campaign_id = $1 ORDER BY seq", story.campaign_id)
    assert [(row["seq"], row["reason"], row["user_agent"]) for row in rows] == [
        *[(0, None, "phone")] * 3,
        (1, "scanner", "phone"),
    ]


async def test_a_series_has_each_minute_and_the_bounds_asked_for(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    for record in whole(story):
        await deliver(pool, record)
    series = await stats(client, story, "/series")
    keys = ("at", "sends", "deliveries", "clicks_raw", "clicks_human", "optouts")
    rows = [tuple(item[key] for key in keys) for item in series["items"]]
    assert rows == [
        ("2026-05-01T12:30:00Z", 3, 1, 0, 0, 2),
        ("2026-05-01T12:31:00Z", 0, 1, 4, 3, 0),
        ("2026-05-01T12:32:00Z", 1, 0, 0, 0, 0),
    ]
    keys = ("failed", "undelivered", "parts", "clickers", "replies")
    assert [tuple(item[key] for key in keys) for item in series["items"]] == [
        (1, 1, 4, 0, 1),
        (0, 0, 0, 1, 0),
        (0, 0, 1, 0, 0),
    ]
    assert [item["costs"] for item in series["items"]] == [
        [{"amount": "0.0947", "currency": "EUR"}],
        [],
        [{"amount": "0.071", "currency": "EUR"}],
    ]
    part = await stats(client, story, "/series?from=2026-05-01T14:31:59%2B02:00&to=2026-05-01T12:32:00Z")
    assert [item["at"] for item in part["items"]] == ["2026-05-01T12:31:00Z"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-05-01T12:00:00Z&to=2026-05-01T11:00:00Z", "to"),
        ("from=2026-05-01T12:00:00Z&to=2026-05-09T12:00:00Z", "to"),
        ("from=2026-05-01T12:00:00", "from"),
        ("from=0001-01-01T00:00:00%2B14:00", "from"),
        ("from=2026-05-01T12:00:00Z&to=9999-12-31T23:59:59-14:00", "to"),
        ("from=yesterday", "from"),
    ],
)
async def test_an_illegal_series_names_field_and_fix(client: AsyncClient, pool: Pool, query: str, field: str) -> None:
    story = Story()
    await deliver(pool, received(story.outcomes()))
    path = f"/v1/campaigns/{story.campaign_id}/stats/series?{query}"
    answer = await client.get(path, headers=signed(story.account_id))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["errors"][0]["fix"]


async def test_a_series_may_begin_at_the_end_of_time(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.outcomes()))
    assert (await stats(client, story, "/series?from=9999-12-31T00:00:00Z"))["items"] == []


async def test_accounts_see_only_their_own_campaigns(client: AsyncClient, pool: Pool) -> None:
    mine, other = Story(), Story()
    for record in whole(mine) + whole(other):
        await deliver(pool, record)
    for path in ("stats", "stats/series"):
        answer = await client.get(f"/v1/campaigns/{other.campaign_id}/{path}", headers=signed(mine.account_id))
        assert answer.status_code == 404
        assert answer.json()["code"] == "not_found"


async def test_a_campaign_that_only_moved_has_zeros_and_an_unknown_one_is_missing(
    client: AsyncClient, pool: Pool
) -> None:
    story = Story()
    path = f"/v1/campaigns/{story.campaign_id}/stats"
    assert (await client.get(path, headers=signed(story.account_id))).status_code == 404
    await deliver(pool, received(story.moved()))
    answer = await stats(client, story)
    assert answer["totals"]["submitted"] == 0
    assert answer["ctr"]["value"] is None
    assert (await stats(client, story, "/series"))["items"] == []


async def test_an_older_move_changes_nothing(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    for version, status in ((1, "started"), (3, "finished"), (2, "sending"), (3, "paused")):
        await deliver(pool, received(story.moved(version, status)))
    assert (await stats(client, story))["status"] == "finished"


async def test_whoever_an_abort_leaves_without_an_outcome_is_cancelled(client: AsyncClient, pool: Pool) -> None:
    """Six of ten were on their way to a provider; one of those is settled after the abort."""
    story = Story()
    for version, status in ((1, "started"), (2, "aborted"), (3, "deleted")):
        moved = msgspec.structs.replace(story.moved(version, status), recipients=10)
        await deliver(pool, received(moved))
        await deliver(pool, received(moved))
        await deliver(pool, received(story.outcomes(), "outcomes"))
        totals = (await stats(client, story))["totals"]
        assert totals["cancelled"] == (0 if status == "started" else 4)
    await deliver(pool, received(story.revised()))
    totals = (await stats(client, story))["totals"]
    assert sum(totals[n] for n in ("submitted", "failed", "unknown", "suppressed", "cancelled")) == 10


async def test_clicks_are_told_apart_by_link_and_people_count_once(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    mixed = msgspec.structs.replace(story.clicks((0, 1, 0, 2)), links=["terms", "terms", None, "map"])
    for event in (mixed, story.clicks((2,))):
        record = received(event)
        await deliver(pool, record)
        await deliver(pool, record)
    found = await stats(client, story)
    assert found["links"] == [
        {"link": None, "clicks_raw": 2, "clicks_human": 2},
        {"link": "map", "clicks_raw": 1, "clicks_human": 1},
        {"link": "terms", "clicks_raw": 2, "clicks_human": 1},
    ]
    assert (found["totals"]["clicks_raw"], found["totals"]["clickers"]) == (5, 2)
    path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by=link"
    answer = await client.get(path, headers=signed(story.account_id))
    assert answer.text.splitlines() == ["link,clicks_raw,clicks_human", ",2,2", "map,1,1", "terms,2,1"]


async def test_many_consumers_on_the_same_rows_neither_lose_nor_block(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    makers = (story.outcomes, story.receipts, story.clicks, story.revised)
    await asyncio.gather(*(deliver(pool, received(make())) for make in makers for _ in range(40)))
    totals = (await stats(client, story))["totals"]
    assert (totals["submitted"], totals["delivered"], totals["clicks_raw"]) == (160, 80, 120)
    assert (totals["clickers"], totals["unknown"], Decimal(totals["cost"])) == (1, 0, Decimal("6.628"))


async def test_what_is_sent_beside_campaigns_has_no_figures(pool: Pool) -> None:
    story = Story()
    story.campaign_id = story.whose["campaign_id"] = new_aside_id()
    for record in whole(story)[1:]:
        await deliver(pool, record)
    for table in ("figures", "minutes", "costs", "domains", "clicks", "changes"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table} WHERE campaign_id = $1", story.campaign_id) == 0


async def test_clicks_of_several_campaigns_come_in_one_record(client: AsyncClient, pool: Pool) -> None:
    """As they do in many records at once, each of which has both campaigns, in either order."""
    first = Story()
    stories = [first, Story(first.account_id)]
    records = []
    for number in range(20):
        one, other = stories if number % 2 else stories[::-1]
        clicks = DomainClicks(
            account_id=first.account_id,
            domain_id=first.short,
            campaigns=[one.campaign_id, other.campaign_id],
            places=[0, 1, 0],
            seqs=[0, 3, 1],
            variants=[0, 1, 0],
            at=[AT] * 3,
            reasons=[None, None, "scanner"],
            user_agents=["phone"] * 3,
            links=[None, "terms", None],
            rules=1,
        )
        records += [received(clicks)] * 2
    await asyncio.gather(*(count_clicks(pool, record) for record in records))
    for story in stories:
        totals = (await stats(client, story))["totals"]
        assert (totals["clicks_raw"], totals["clicks_human"], totals["clickers"]) == (30, 20, 2)
    kept = await pool.fetch(
        "SELECT campaign_id, count(*) AS n, count(link) AS named FROM clicks WHERE account_id = $1 GROUP BY 1",
        first.account_id,
    )
    assert sorted((row["n"], row["named"]) for row in kept) == [(30, 10), (30, 10)]
