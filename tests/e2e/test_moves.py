"""Pause, resume and abort at full speed, judged by the provider's ledger."""

import time

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, until
from volley_tools.demo.evidence import Ledger
from volley_tools.demo.provider import Provider, smpp_config
from volley_tools.stack.supervisor import Stack

RECIPIENTS, PACE, SECONDS = 3_000, 500, 60.0
BINDS_WITHIN = 1.0
"""Seconds from the answer to a move to the last message that may still be handed over (the product's promise)."""


async def started(api: Api, provider: Provider, stack: Stack, name: str) -> tuple[story.Json, str]:
    """A campaign that is being sent, and the address of its sender."""
    content = people.csv_file(RECIPIENTS)
    things = await story.prepare_plain(api, name, content, smpp_config(stack.simulator.smpp_port), PACE)
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


async def test_a_pause_binds_and_a_resume_goes_on_where_it_stopped(api: Api, provider: Provider, stack: Stack) -> None:
    campaign, sender = await started(api, provider, stack, "pausing")
    paused = await story.move(api, campaign, "pause")
    answered = time.time()
    assert paused["status"] == "paused"
    before = (await still(provider, sender)).of_sender(sender)
    assert max(message["at"] for message in before) <= answered + BINDS_WITHIN
    assert len(before) < RECIPIENTS

    await story.move(api, campaign, "resume")
    finished = await story.wait_for_status(api, campaign, "finished", seconds=SECONDS)
    numbers = [message["to"] for message in (await provider.ledger()).of_sender(sender)]
    assert len(numbers) == len(set(numbers)) == RECIPIENTS, finished["counts"]


async def test_an_abort_binds_and_everybody_is_accounted_for(api: Api, provider: Provider, stack: Stack) -> None:
    campaign, sender = await started(api, provider, stack, "aborting")
    await story.move(api, campaign, "abort")
    answered = time.time()
    sent = (await still(provider, sender)).of_sender(sender)
    assert max(message["at"] for message in sent) <= answered + BINDS_WITHIN
    assert len(sent) < RECIPIENTS

    async def counted() -> bool:
        counts = (await api.get(f"/v1/campaigns/{campaign['id']}"))["counts"]
        return bool(counts["submitted"] == len(sent) and counts["cancelled"] == RECIPIENTS - len(sent))

    await until(counted, seconds=SECONDS, what="the counts of the aborted campaign")

    async def given_back() -> bool:
        domains = [d async for d in api.pages("/v1/domains") if d["host"].endswith(".aborting.example")]
        return [domain["used"] for domain in domains] == [len(sent)] * 2

    await until(given_back, seconds=SECONDS, what="the domains to count only what was sent")
