"""Many campaigns at once by all services, each from a sender of its own to people of its own, by one SMPP route."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from bench import people
from bench.rig import Rig
from volley_tools.demo import story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import smpp_config

Json = dict[str, Any]
PREPARED_WITHIN = 120.0
PEOPLE_APART = 1_000_000


class Order(msgspec.Struct, frozen=True):
    """What campaigns from the alphanumeric `sender`, at `pace` parts a second, to `recipients` people need."""

    sender: str
    pace: int
    recipients: int


async def furnish(platform: Rig, orders: Sequence[Order]) -> tuple[Api, list[story.Things]]:
    """A client of a new account, and in it what each order needs."""
    api = await platform.connect()
    connection = smpp_config(platform.stack.simulator.smpp_port)
    things = []
    for number, order in enumerate(orders):
        content = people.csv_file(order.recipients, number * PEOPLE_APART)
        things.append(await story.prepare_plain(api, order.sender, content, connection, order.pace))
    return api, things


async def ready(api: Api, things: Iterable[story.Things], name: str = "bench") -> list[Json]:
    """A campaign for each, submitted and prepared: only the start is missing."""
    campaigns = []
    for one in things:
        campaign = await story.write_plain(api, one, name)
        await api.patch(f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}})
        campaigns.append(await story.move(api, campaign, "submit"))
    for campaign in campaigns:
        await story.wait_for_status(api, campaign, "ready", seconds=PREPARED_WITHIN)
    return campaigns


async def move_all(api: Api, campaigns: Iterable[Json], name: str) -> None:
    """The same move of all, at once."""
    await asyncio.gather(*(story.move(api, campaign, name) for campaign in campaigns))
