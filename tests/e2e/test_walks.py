"""Random walks: people do things to campaigns at random moments while they are sent, legal and not.

Each seed is an account of its own. VOLLEY_WALKS names other seeds: "7", or "1-40" for many.
"""

import os

import pytest

from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack
from volley_tools.walks.judge import judge
from volley_tools.walks.walk import Walk
from volley_tools.walks.world import world

QUIET_SECONDS = 60.0


def seeds() -> list[int]:
    first, _, last = os.environ.get("VOLLEY_WALKS", "1-3").partition("-")
    return list(range(int(first), int(last or first) + 1))


@pytest.mark.parametrize("seed", seeds())
async def test_whatever_people_do_the_answers_and_the_ledger_agree(
    api: Api, provider: Provider, stack: Stack, seed: int
) -> None:
    web = stack.public_url().removeprefix("http://")
    async with world(api, provider, stack.simulator.smpp_port, seed, web) as made:
        walk = Walk(made)
        try:
            await walk.run()
            await walk.come_to_an_end()
            await provider.quiet(QUIET_SECONDS)
            found = await judge(walk, await provider.ledger())
        except Exception as error:
            raise AssertionError("\n".join([*what_happened(walk), *walk.witness.broken])) from error
    broken = [*walk.witness.broken, *(f"{one.claim}: {one.figures}" for one in found if not one.holds)]
    assert not broken, "\n".join([*what_happened(walk), *broken])


def what_happened(walk: Walk) -> list[str]:
    return [f"VOLLEY_WALKS={walk.world.seed}", *walk.witness.told]
