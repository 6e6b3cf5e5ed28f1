"""A campaign over an HTTP provider: batches out, signed receipts and replies back through the gateway."""

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api, until
from volley_tools.demo.provider import Provider, http_config

RECIPIENTS, PACE, SECONDS = 500, 250, 60.0


async def test_a_campaign_over_http_with_signed_receipts(mine: Api, provider: Provider) -> None:
    config = http_config(provider.url) | {"batch_size": 50}
    route = await mine.post("/v1/routes", {"name": "acme", "protocol": "http", "config": config})
    callback = f"{mine.url}/callbacks/routes/{route['id']}"
    await provider.behave(webhook_url=callback, undelivered=50, click=100, stop=20)
    await check_campaign(mine, provider, route, recipients=RECIPIENTS, pace=PACE)


async def check_campaign(mine: Api, provider: Provider, route: story.Json, *, recipients: int, pace: int) -> None:
    """A campaign by the route is exact to the last message, receipt, cent and opt-out."""
    name = route["protocol"]
    things = await story.prepare_plain(mine, name, people.csv_file(recipients), route, pace)
    campaign = await story.write_plain(mine, things, name)
    await story.move(mine, campaign, "submit")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)

    ledger = await provider.ledger()
    sender = things.senders[0]
    stats = await story.settled_stats(mine, finished, ledger, sender["address"])
    findings = [*evidence.examine(ledger, finished, stats, sender, story.PRICES), evidence.examine_optouts(ledger)]
    assert not [finding for finding in findings if not finding.holds]
    assert {message["protocol"] for message in ledger.messages} == {route["protocol"]}
    assert stats["totals"]["undelivered"] > 0
    wanted = {"filter": {"all": [{"received": campaign["id"], "within_days": 1}]}}

    async def known() -> bool:
        return bool((await mine.post("/v1/segments/count", wanted))["contacts"] == stats["totals"]["delivered"])

    await until(known, seconds=SECONDS, what="a segment of whom the receipts say they were reached")
    suppressed = {row["number"] async for row in mine.pages("/v1/suppressions")}
    assert suppressed == ledger.numbers_that("stop", sender["address"]) != set()
