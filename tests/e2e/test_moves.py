"""Pause, resume and abort at full speed, judged by the provider's ledger."""

import time

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, until
from volley_tools.demo.evidence import Ledger
from volley_tools.demo.provider import Provider

RECIPIENTS, PACE, SECONDS = 3_000, 500, 60.0
BINDS_WITHIN = 1.0
"""Seconds from the answer to a move to the last message that may still be handed over (the product's promise)."""


async def started(api: Api, route: story.Json, provider: Provider, name: str) -> tuple[story.Json, str]:
    """A campaign that is being sent, and the address of its sender."""
    content = people.csv_file(RECIPIENTS)
    things = await story.prepare_plain(api, name, content, route, PACE)
    campaign = await story.write_plain(api, things, name)
    await story.move(api, campaign, "submit")
    await provider.accepted(200, seconds=SECONDS)
    return campaign, things.senders[0]["address"]


async def still(provider: Provider, sender: str) -> Ledger:
    """The ledger once nothing has been added to it for two seconds."""

    async def unchanged() -> Ledger | None:
        ledger = await provider.ledger()
        last = max((message["at"] for message in ledger.of_sender(sender)), default=0.0)
        return ledger if time.time() - last > 2 * BINDS_WITHIN else None

    found: Ledger = await until(unchanged, seconds=SECONDS, what="the sending to stop")
    return found


async def test_a_pause_binds_and_a_resume_goes_on_where_it_stopped(
    mine: Api, smpp_route: story.Json, provider: Provider
) -> None:
    campaign, sender = await started(mine, smpp_route, provider, "pausing")
    paused = await story.move(mine, campaign, "pause")
    answered = time.time()
    assert paused["status"] == "paused"
    before = (await still(provider, sender)).of_sender(sender)
    assert max(message["at"] for message in before) <= answered + BINDS_WITHIN
    assert len(before) < RECIPIENTS

    await story.move(mine, campaign, "resume")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    numbers = [message["to"] for message in (await provider.ledger()).of_sender(sender)]
    assert len(numbers) == len(set(numbers)) == RECIPIENTS, finished["counts"]


async def test_an_abort_binds_and_everybody_is_accounted_for(
    mine: Api, smpp_route: story.Json, provider: Provider
) -> None:
    campaign, sender = await started(mine, smpp_route, provider, "aborting")
    await story.move(mine, campaign, "abort")
    answered = time.time()
    ledger = await still(provider, sender)
    sent = ledger.of_sender(sender)
    assert max(message["at"] for message in sent) <= answered + BINDS_WITHIN
    assert len(sent) < RECIPIENTS

    async def counted() -> bool:
        counts = (await mine.get(f"/v1/campaigns/{campaign['id']}"))["counts"]
        return bool(counts["submitted"] == len(sent) and counts["cancelled"] == RECIPIENTS - len(sent))

    await until(counted, seconds=SECONDS, what="the counts of the aborted campaign")
    domains = await story.settled_domains(mine, ledger)
    assert [domain["used"] for domain in domains] == [len(sent)] * 2  # what was not sent is given back
