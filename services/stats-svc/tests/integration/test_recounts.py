"""Kept clicks are judged again by today's rules: all figures follow, however often, wherever it stops."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient

from stats_svc.api import ROUTES
from stats_svc.config import Settings
from stats_svc.handlers.count_event import count_event
from stats_svc.handlers.recount_clicks import Recount, recount_all, recount_campaign
from volley_chassis import http
from volley_chassis.database import Pool
from volley_contracts import BotReason, ClickersRecounted, decode
from volley_visitors import RULES

from .events import Story, received

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
PREVIEW = "WhatsApp/2.24.13.80 A"
OLD_JUDGEMENTS: list[tuple[int, str, BotReason | None]] = [
    (0, PHONE, None),
    (0, PREVIEW, None),  # stays a clicker, by the other click
    (1, PREVIEW, None),  # ceases to be one
    (2, PHONE, "scanner"),  # becomes one
    (3, PHONE, "head_request"),  # what the request said stays
    (5, PHONE, "prefetch"),
]


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[AsyncClient]:
    app = http.create_app(settings, title="Figures", routes=ROUTES, dependencies={"pool": pool})
    async with AsyncClient(transport=ASGITransport(app), base_url="http://stats") as opened:
        yield opened


async def asked(client: AsyncClient, story: Story, path: str = "") -> Any:
    headers = {
        "x-volley-internal": "token",
        "x-volley-account": str(story.account_id),
        "x-volley-actor": "a",
        "x-volley-role": "viewer",
    }
    answer = await client.get(f"/v1/campaigns/{story.campaign_id}/stats{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def clickers_told(pool: Pool, story: Story) -> dict[int, bool]:
    """What left for other services: who counts as having clicked, the last word on each."""
    rows = await pool.fetch("SELECT key, value FROM outbox ORDER BY id")
    told: dict[int, bool] = {}
    for row in rows:
        event = decode("volley.stats.clickers_recounted.v1", row["value"])
        assert isinstance(event, ClickersRecounted)
        if event.campaign_id == story.campaign_id:
            told |= {seq: at is not None for seq, at in zip(event.seqs, event.clicked_at, strict=True)}
    return told


@pytest.mark.parametrize("at_once", [1, 4, 2000])
async def test_every_figure_follows(client: AsyncClient, pool: Pool, at_once: int) -> None:
    story = Story()
    visits = msgspec.structs.replace(story.visits(OLD_JUDGEMENTS), links=["terms"] * len(OLD_JUDGEMENTS))
    for event in (story.outcomes(), story.receipts(), visits):
        await count_event(pool, received(event))
    before = await asked(client, story)
    assert (before["totals"]["clicks_human"], before["totals"]["clickers"]) == (3, 2)

    assert await recount_campaign(pool, story.campaign_id, at_once) == Recount(judged=6, changed=3, gained=1, lost=1)
    assert await recount_campaign(pool, story.campaign_id, at_once) == Recount()

    after = await asked(client, story)
    totals = after["totals"]
    assert (totals["clicks_raw"], totals["clicks_human"], totals["clickers"]) == (6, 2, 2)
    assert [(v["clicks_raw"], v["clicks_human"], v["clickers"]) for v in after["variants"]] == [(3, 1, 1), (3, 1, 1)]
    assert [(d["clicks_raw"], d["clicks_human"]) for d in after["domains"] if d["purpose"] == "short"] == [(6, 2)]
    domain = next(d for d in after["domains"] if d["purpose"] == "short")
    assert domain["clickers"] == 2
    assert {c["country"]: (c["clicks_human"], c["clickers"]) for c in after["countries"]} == {
        "DE": (1, 1),
        "US": (1, 1),
    }
    assert after["links"] == [{"link": "terms", "clicks_raw": 6, "clicks_human": 2}]
    assert totals | {"clicks_human": 3} == before["totals"]  # nothing else moved
    series = await asked(client, story, "/series")
    assert [item["clicks_human"] for item in series["items"]] == [1, 0, 0, 1, 0, 0]
    assert [item["clickers"] for item in series["items"]] == [1, 0, 0, 1, 0, 0]
    devices = await asked(client, story, "/devices")
    assert [(d["clicks"], d["people"]) for d in devices["items"]] == [(2, 2)]
    assert await clickers_told(pool, story) == {0: True, 1: False, 2: True}
    assert story.campaign_id in {row["campaign_id"] for row in await pool.fetch("SELECT campaign_id FROM changes")}


async def test_clicks_that_come_meanwhile_count_once(client: AsyncClient, pool: Pool) -> None:
    """Two recounts at once, one of them stopped in the middle, while events come twice each."""
    story = Story()
    events = [received(story.visits(OLD_JUDGEMENTS)) for _ in range(20)]
    fresh = [received(story.visits([(1, PHONE, None), (4, PREVIEW, "link_preview")], RULES)) for _ in range(20)]
    for record in events:
        await count_event(pool, record)
    stopped = asyncio.create_task(recount_campaign(pool, story.campaign_id, 2))
    while not await pool.fetchval("SELECT count(*) FROM clicks WHERE rules = $1", RULES):
        await asyncio.sleep(0)
    stopped.cancel()
    await asyncio.gather(
        *(recount_campaign(pool, story.campaign_id, at_once) for at_once in (3, 7)),
        *(count_event(pool, record) for record in [*fresh, *events] for _ in range(2)),
        return_exceptions=False,
    )
    await recount_all(pool)
    totals = (await asked(client, story))["totals"]
    assert (totals["clicks_raw"], totals["clicks_human"], totals["clickers"]) == (20 * 8, 20 * 3, 3)
    judged = await pool.fetchval("SELECT count(*) FROM clicks WHERE reason IS NULL AND rules = $1", RULES)
    assert judged == totals["clicks_human"]
    assert (await clickers_told(pool, story))[2]


async def test_whose_clicks_are_kept_no_more_stays_a_clicker(client: AsyncClient, pool: Pool) -> None:
    story = Story()
    await count_event(pool, received(story.visits([(0, PREVIEW, None), (1, PREVIEW, None)])))
    await pool.execute("UPDATE clickers SET settled = true WHERE campaign_id = $1 AND seq = 0", story.campaign_id)
    assert (await recount_campaign(pool, story.campaign_id)).lost == 1
    assert (await asked(client, story))["totals"]["clickers"] == 1
    assert await clickers_told(pool, story) == {1: False}


async def test_an_operator_runs_it(settings: Settings, pool: Pool) -> None:
    one, other = Story(), Story()
    for story in (one, other):
        await count_event(pool, received(story.visits(OLD_JUDGEMENTS)))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {
            "VOLLEY_DATABASE_URL": settings.database_url,
            "VOLLEY_KAFKA": settings.kafka,
            "VOLLEY_INTERNAL_TOKEN": "token",
            "PATH": os.environ["PATH"],
        }
        command = [sys.executable, "-m", "stats_svc", "recount", *words]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=60)

    assert run(str(one.campaign_id)).returncode == 0
    old = "SELECT array_agg(DISTINCT campaign_id) FROM clicks WHERE rules < $1"
    assert await pool.fetchval(old, RULES) == [other.campaign_id]
    done = run("all")
    assert (done.returncode, await pool.fetchval(old, RULES)) == (0, None)
    assert '"judged":6' in done.stdout.replace(" ", "")
    for words in (["everything"], [str(Story().campaign_id)]):
        refused = run(*words)
        assert refused.returncode == 1
        assert "campaign" in refused.stderr
