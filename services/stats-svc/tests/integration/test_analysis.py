"""Series, comparison, devices and CSV, as the API answers them."""

import csv
import io
from collections.abc import AsyncIterator

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from stats_svc.api import ROUTES
from stats_svc.config import Settings
from volley_chassis import http
from volley_chassis.database import Pool

from .events import Story, received
from .test_counting import deliver, signed, stats, whole

ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0"


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[AsyncClient]:
    app = http.create_app(settings, title="Figures", routes=ROUTES, dependencies={"pool": pool})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://stats") as opened:
        yield opened


async def test_steps_of_an_account_sum_over_its_campaigns(client: AsyncClient, pool: Pool) -> None:
    first = Story()
    second, other = Story(first.account_id), Story()
    for story in (first, second, other):
        for record in whole(story) * 2:
            await deliver(pool, record)
    period = "from=2026-05-01T00:00:00Z&to=2026-05-03T00:00:00Z"
    for step, at in (("hour", "2026-05-01T12:00:00Z"), ("day", "2026-05-01T00:00:00Z")):
        answer = await client.get(f"/v1/stats/series?{period}&step={step}", headers=signed(first.account_id))
        assert answer.json()["items"] == [
            {
                "at": at,
                "sends": 8,
                "deliveries": 4,
                "undelivered": 2,
                "failed": 2,
                "parts": 10,
                "clicks_raw": 8,
                "clicks_human": 6,
                "clickers": 2,
                "optouts": 4,
                "replies": 2,
                "costs": [{"amount": "0.3314", "currency": "EUR"}],
            }
        ]
        answer = await client.get(f"/v1/stats/export.csv?{period}&step={step}", headers=signed(first.account_id))
        (row,) = csv.DictReader(io.StringIO(answer.text))
        assert (row["at"], row["sends"], row["clickers"], row["cost_EUR"]) == (at, "8", "2", "0.3314")
        (own,) = (await stats(client, first, f"/series?{period}&step={step}"))["items"]
        assert own["sends"] == 4


async def test_devices_are_those_of_people(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    clicks = msgspec.structs.replace(story.clicks(), user_agents=[ANDROID, ANDROID, WINDOWS])
    await deliver(pool, received(clicks))
    machines = [reason is not None for reason in clicks.reasons]
    found = (await stats(client, story, "/devices"))["items"]
    assert sum(device["clicks"] for device in found) == machines.count(False)
    assert (found[0]["kind"], found[0]["system"]) == ("phone", "Android")
    path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by=device"
    rows = list(csv.DictReader(io.StringIO((await client.get(path, headers=signed(story.account_id))).text)))
    assert rows == [{name: str(value) for name, value in device.items()} for device in found]


async def test_a_small_campaign_has_no_winner(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    for record in whole(story):
        await deliver(pool, record)
    found = await stats(client, story, "/comparison")
    assert (found["verdict"], found["winner"], [v["variant"] for v in found["variants"]]) == ("too_early", None, [0, 1])


async def test_the_better_variant_of_a_large_one_is_named(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.moved()))
    await pool.execute(
        "INSERT INTO figures (campaign_id, account_id, variant, country, currency, submitted, clickers)"
        " VALUES ($1, $2, 0, 'US', 'EUR', 9000, 900), ($1, $2, 1, 'US', 'EUR', 9000, 1300)",
        story.campaign_id,
        story.account_id,
    )
    found = await stats(client, story, "/comparison")
    assert (found["verdict"], found["winner"]) == ("winner", 1)
    assert found["p_value"] < 0.05
    assert found["variants"][0]["high"] < found["variants"][1]["rate"]
    path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by=comparison"
    answer = await client.get(path, headers=signed(story.account_id))
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["variant"], row["is_winner"], row["verdict"]) for row in rows] == [
        ("0", "False", "winner"),
        ("1", "True", "winner"),
    ]
    for row, variant in zip(rows, found["variants"], strict=True):
        assert {name: float(row[name]) for name in variant} == variant
        assert float(row["p_value"]) == found["p_value"]


@pytest.mark.parametrize(
    ("by", "rows", "cells"),
    [
        ("total", 1, {"submitted": "4", "cost": "0.1657", "currency": "EUR"}),
        ("variant", 2, {"variant": "0", "submitted": "2", "clickers": "1", "ctr": "0.5", "ctr_over": "delivered"}),
        ("comparison", 2, {"variant": "0", "verdict": "too_early", "is_winner": "False", "p_value": ""}),
        ("country", 2, {"country": "DE", "cost": "0.142", "clickers": "1", "ctr": "1.0", "replies": "1"}),
        ("domain", 2, {"purpose": "short", "clicks_raw": "4", "delivered": "2", "ctr": "0.5", "ctr_over": "delivered"}),
        ("error", 2, {"stage": "hand-over", "error": "invalid_number", "count": "1"}),
        ("hour", 1, {"at": "2026-05-01T12:00:00Z", "sends": "4", "failed": "1", "clickers": "1", "cost_EUR": "0.1657"}),
    ],
)
async def test_figures_come_as_csv(client: AsyncClient, pool: Pool, by: str, rows: int, cells: dict[str, str]) -> None:
    story = Story()
    for record in whole(story):
        await deliver(pool, record)
    path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by={by}"
    answer = await client.get(path, headers=signed(story.account_id))
    assert answer.headers["content-type"].startswith("text/csv")
    found = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(found) == rows
    assert {name: found[0][name] for name in cells} == cells


async def test_a_rate_card_that_changed_its_currency_loses_no_amount(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.outcomes()))
    await deliver(pool, received(msgspec.structs.replace(story.revised(), currency="USD")))
    for by, cost in (("total", {"cost": "0.0947", "cost_USD": "0.071"}), ("hour", {"cost_EUR": "0.0947"})):
        path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by={by}"
        answer = await client.get(path, headers=signed(story.account_id))
        (row,) = csv.DictReader(io.StringIO(answer.text))
        assert row | {"cost_USD": "0.071"} | cost == row


async def test_a_table_without_rows_has_its_heading_and_a_formula_is_text(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.moved()))
    path = f"/v1/campaigns/{story.campaign_id}/stats/export.csv?by=error"
    assert (await client.get(path, headers=signed(story.account_id))).text == "stage,error,count\r\n"
    failed = msgspec.structs.replace(story.outcomes(), errors=["=1+1" for _ in story.outcomes().errors])
    await deliver(pool, received(failed))
    assert "'=1+1" in (await client.get(path, headers=signed(story.account_id))).text


async def test_every_figure_of_an_answer_is_defined(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await deliver(pool, received(story.moved()))
    await deliver(pool, received(story.outcomes()))
    found = await stats(client, story)
    step = (await stats(client, story, "/series"))["items"][0]
    totals = {"ctr", "ctr_over", *found["totals"], *step, *found["domains"][0], *found["countries"][0]}
    answer = await client.get("/v1/stats/definitions", headers=signed(story.account_id))
    defined = {each["name"] for each in answer.json()["items"]}
    named = {"currency", "other_costs", "costs", "submitted_with_receipts", "at", "domain_id", "purpose"}
    assert totals - defined == named
