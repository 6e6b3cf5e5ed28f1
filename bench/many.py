"""Many campaigns at once, each from a sender ID of its own to people of its own, by one SMPP route of a new account."""

from collections.abc import Sequence
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
    """A campaign to `recipients` people from the alphanumeric `sender`, at `pace` parts a second."""

    sender: str
    pace: int
    recipients: int


async def prepare(platform: Rig, orders: Sequence[Order]) -> tuple[Api, list[Json]]:
    """A client of the new account, and the campaigns in the order of the orders: ready, to be started."""
    api = await platform.connect()
    connection = smpp_config(platform.stack.simulator.smpp_port)
    campaigns = []
    for number, order in enumerate(orders):
        content = people.csv_file(order.recipients, number * PEOPLE_APART)
        things = await story.prepare_plain(api, order.sender, content, connection, order.pace)
        campaign = await story.write_plain(api, things, order.sender)
        await api.patch(f"/v1/campaigns/{campaign['id']}", {"schedule": {"start": "manual"}})
        campaigns.append(await story.move(api, campaign, "submit"))
    for campaign in campaigns:
        await story.wait_for_status(api, campaign, "ready", seconds=PREPARED_WITHIN)
    return api, campaigns
