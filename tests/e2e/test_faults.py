"""kill -9 in the middle of a campaign: afterwards the provider's ledger says that nobody was texted twice or lost."""

import asyncio

import pytest

from volley_tools.demo import evidence, people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 2_000, 500, 120.0
AT_MESSAGE = 600
"""The process is killed when the provider has accepted so many."""


@pytest.mark.fault
@pytest.mark.parametrize(
    "victim", ["dispatch-svc", "link-svc", "campaign-svc", "stats-svc", "kafka", "redis", "postgres"]
)
async def test_nobody_twice_and_nobody_lost(
    mine: Api, smpp_route: story.Json, provider: Provider, stack: Stack, victim: str
) -> None:
    await provider.behave(latency_ms=30, jitter_ms=20, web="")
    things = await story.prepare_plain(mine, victim, people.csv_file(RECIPIENTS), smpp_route, PACE)
    campaign = await story.write_plain(mine, things, victim)
    await story.move(mine, campaign, "submit")
    await story.wait_for_status(mine, campaign, "started", "sending", seconds=SECONDS)
    await provider.accepted(AT_MESSAGE, seconds=SECONDS)

    await asyncio.to_thread(stack.kill9, victim)
    await asyncio.to_thread(stack.start_process, victim)

    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)
    ledger = await provider.ledger()
    sender = things.senders[0]
    stats = await story.settled_stats(mine, finished, ledger, sender["address"])
    findings = evidence.examine(ledger, finished, stats, sender, story.PRICES)
    assert not [finding for finding in findings if not finding.holds]
    assert stats["totals"]["unknown"] <= PACE  # at most what was in flight, and only if dispatch-svc died
    if victim not in {"dispatch-svc", "postgres"}:
        assert stats["totals"]["unknown"] == 0
