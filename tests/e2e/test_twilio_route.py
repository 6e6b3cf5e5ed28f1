"""A campaign by Twilio's API: a form a message out, signed callbacks with receipts and replies through the gateway."""

import uuid

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.simulator import Options
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 200, 100, 60.0


async def test_a_campaign_by_twilios_api_with_signed_callbacks(api: Api, provider: Provider, stack: Stack) -> None:
    account = await api.post("/v1/accounts", {"name": f"twilio {uuid.uuid4()}"})
    mine = Api(api.session, api.url, account["api_key"]["key"])
    login = {"account_sid": Options().account_sid, "auth_token": Options().auth_token}
    config = {"url": provider.url, "public_url": api.url, **login}
    route = await mine.post("/v1/routes", {"name": "twilio", "protocol": "twilio", "config": config})
    await provider.behave(webhook_url=f"{api.url}/callbacks/routes/{route['id']}", undelivered=50, click=100, stop=50)

    things = await story.prepare_plain(mine, "twilio", people.csv_file(RECIPIENTS), route, PACE)
    campaign = await story.write_plain(mine, things, "twilio")
    await story.move(mine, campaign, "submit")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)

    ledger = await provider.ledger()
    sender = things.senders[0]
    stats = await story.settled_stats(mine, finished, ledger, sender["address"])
    findings = [*evidence.examine(ledger, finished, stats, sender, story.PRICES), evidence.examine_optouts(ledger)]
    assert not [finding for finding in findings if not finding.holds]
    assert {message["protocol"] for message in ledger.messages} == {"twilio"}
    assert stats["totals"]["undelivered"] > 0
    suppressed = {row["number"] async for row in mine.pages("/v1/suppressions")}
    assert suppressed == ledger.numbers_that("stop", sender["address"]) != set()
