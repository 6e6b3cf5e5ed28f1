"""A campaign over an HTTP provider: batches out, signed receipts and replies back through the gateway."""

import uuid

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 500, 250, 60.0
SECRET = "whsec_c2ltdWxhdG9yLXNlY3JldC0wMQ=="  # of the simulator


async def test_a_campaign_over_http_with_signed_receipts(api: Api, provider: Provider, stack: Stack) -> None:
    account = await api.post("/v1/accounts", {"name": f"http {uuid.uuid4()}"})
    mine = Api(api.session, api.url, account["api_key"]["key"])
    config = {"url": provider.url, "token": "secret", "webhook_secret": SECRET, "batch_size": 50}
    route = await mine.post("/v1/routes", {"name": "acme", "protocol": "http", "config": config})
    callback = f"{api.url}/callbacks/routes/{route['id']}"
    await provider.behave(webhook_url=callback, undelivered=50, click=100, stop=20)

    things = await story.prepare_plain(mine, "http", people.csv_file(RECIPIENTS), route, PACE)
    campaign = await story.write_plain(mine, things, "http")
    await story.move(mine, campaign, "submit")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)

    ledger = await provider.ledger()
    sender = things.senders[0]
    stats = await story.settled_stats(mine, finished, ledger, sender["address"])
    findings = [*evidence.examine(ledger, finished, stats, sender, story.PRICES), evidence.examine_optouts(ledger)]
    assert not [finding for finding in findings if not finding.holds]
    assert {message["protocol"] for message in ledger.messages} == {"http"}
    assert stats["totals"]["undelivered"] > 0
    suppressed = {row["number"] async for row in mine.pages("/v1/suppressions")}
    assert suppressed == ledger.numbers_that("stop", sender["address"]) != set()
