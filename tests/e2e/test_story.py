"""The story of the demo, with assertions."""

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import BEHAVIOUR, Provider

PLAN = story.Plan(recipients=2_000, broken_rows=20, pace=400, reminder_pace=1_000, short_limits=(600, 700))
SEGMENT = "Story"
COUNTS = (
    "submitted",
    "delivered",
    "undelivered",
    "failed",
    "parts",
    "cost",
    "clicks_raw",
    "clicks_human",
    "clickers",
    "optouts",
)
OF_DOMAINS = ("submitted", "delivered", "undelivered", "failed", "parts", "clicks_raw", "clicks_human", "clickers")


def ignore(_: dict[str, Any]) -> None:
    """Nobody watches the progress."""


async def test_a_campaign_from_the_csv_to_the_figures(mine: Api, smpp_route: story.Json, provider: Provider) -> None:
    await provider.behave(**BEHAVIOUR, optout_hosts=["out.example.org"])
    content = people.csv_file(PLAN.recipients, broken=PLAN.broken_rows)
    job = await story.import_contacts(mine, content, SEGMENT, ignore, PLAN.timeout)
    assert (job["added"] + job["updated"], job["rejected"]) == (PLAN.recipients, PLAN.broken_rows)
    rows = await story.rejected_rows(mine, job)
    assert len(rows) == PLAN.broken_rows
    assert all(row["line"] and row["field"] and row["reason"] for row in rows)

    things = await story.prepare(mine, PLAN, smpp_route, SEGMENT)
    draft = await story.write_campaign(mine, things)
    assert draft["missing"] == []
    await story.move(mine, draft, "submit")
    ready = await story.wait_for_status(mine, draft, "ready", "rejected", seconds=PLAN.timeout)
    assert ready["status"] == "ready"
    assert ready["moderation"]["verdict"] == "pass"
    assert ready["counts"]["recipients"] == PLAN.recipients
    ends = {pool["name"]: pool["ends_at_message"] for pool in ready["forecast"]["pools"]}
    assert ends == {"short links": 1301, "opt-out links": None}  # the first that finds no domain

    await story.move(mine, draft, "start")
    suspended = await story.wait_for_status(mine, draft, "suspended", seconds=PLAN.timeout)
    assert suspended["suspension"]["code"] == "link_domains_exhausted"
    assert "short links" in suspended["suspension"]["sentence"]
    alerts = [alert async for alert in mine.pages("/v1/alerts")]
    assert [alert["code"] for alert in alerts if alert["campaign_id"] == draft["id"]] == ["link_domains_exhausted"]
    refusal, _ = await story.rescue(mine, draft, things, PLAN)
    assert refusal.status == 409
    finished = await story.wait_for_status(mine, draft, "finished", seconds=PLAN.timeout)
    await provider.quiet(PLAN.timeout)

    reminder = await story.write_reminder(mine, things)
    await story.move(mine, reminder, "submit")
    reminded = await story.wait_for_status(mine, reminder, "finished", seconds=PLAN.timeout)
    await provider.quiet(PLAN.timeout)
    assert reminded["counts"]["audience_dropped"]["suppressed"] > 0

    ledger = await provider.ledger()
    findings = [evidence.examine_optouts(ledger)]
    for campaign, sender in zip([finished, reminded], things.senders, strict=True):
        stats = await story.settled_stats(mine, campaign, ledger, sender["address"])
        findings += evidence.examine(ledger, campaign, stats, sender, story.PRICES)
        await add_up(mine, campaign, stats["totals"])
    hosts = {"go.example.com", "sale.example.net", "extra.example.com", "out.example.org"}
    domains = await story.settled_domains(mine, ledger)
    assert {domain["host"] for domain in domains} == hosts
    findings += evidence.examine_domains(ledger, domains)
    assert not [finding for finding in findings if not finding.holds]
    moves = [entry["move"] async for entry in mine.pages(f"/v1/campaigns/{draft['id']}/history")]
    assert {"submit", "pass", "start", "suspend", "resume", "finish"} <= set(moves)


async def add_up(mine: Api, campaign: story.Json, totals: story.Json) -> None:
    """Every table of the CSV sums up to the campaign's totals, people and money too."""
    assert totals["clickers"] > 0
    for by, names in (("variant", COUNTS), ("country", COUNTS), ("domain", OF_DOMAINS), ("hour", COUNTS)):
        path = f"{mine.url}/v1/campaigns/{campaign['id']}/stats/export.csv"
        async with mine.session.get(path, params={"by": by}, headers=mine.headers) as answer:
            rows = list(csv.DictReader(io.StringIO(await answer.text())))
        if by == "hour":
            renamed = {"submitted": "sends", "delivered": "deliveries", "cost": f"cost_{totals['currency']}"}
            rows = [{**row, **{name: row[column] or "0" for name, column in renamed.items()}} for row in rows]
        rows = [row for row in rows if row.get("purpose") != "optout"]
        found = {name: sum(Decimal(row[name]) for row in rows) for name in names}
        assert found == {name: Decimal(totals[name]) for name in names}, by


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/v1/openapi.json", "/v1/campaigns"),
        ("/docs", "/v1/campaigns"),
        ("/v1/asyncapi.json", "volley.campaign.create.v1"),
        ("/docs/topics", "campaign.commands.dead"),
    ],
)
async def test_the_documentation_is_served(api: Api, path: str, said: str) -> None:
    async with api.session.get(api.url + path) as answer:
        assert answer.status == 200
        assert said in await answer.text()
