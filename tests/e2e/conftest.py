"""One platform and one provider simulator for all end-to-end tests; each test uses a sender and contacts of its own."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider, http_config, smpp_config
from volley_tools.refusals import Things, Visitor, one_of_each
from volley_tools.stack.supervisor import Stack


@pytest.fixture
async def api(stack: Stack) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(session, stack.url("gateway-api"), stack.bootstrap_key)


@pytest.fixture
async def provider(stack: Stack) -> AsyncIterator[Provider]:
    """The simulator with an empty ledger and its default manners."""
    async with aiohttp.ClientSession() as session:
        found = Provider(session, stack.simulator.url)
        await found.start_over(web=stack.public_url().removeprefix("http://"))
        yield found


@pytest.fixture
async def mine(api: Api) -> Api:
    """The administrator of a new account, whose numbers have told nobody to stop."""
    account = await api.post("/v1/accounts", {"name": f"mine {uuid.uuid4()}"})
    return Api(api.session, api.url, account["api_key"]["key"])


@pytest.fixture
async def smpp_route(mine: Api, stack: Stack) -> AsyncIterator[dict[str, Any]]:
    """A route of `mine` to the simulator over SMPP, until the test ends: one login serves one route."""
    config = smpp_config(stack.simulator.smpp_port)
    route = await mine.post("/v1/routes", {"name": "smsc", "protocol": "smpp", "config": config})
    yield route
    await mine.delete(f"/v1/routes/{route['id']}")


@pytest.fixture
async def http_route(mine: Api, provider: Provider) -> dict[str, Any]:
    """A route of `mine` to the simulator over HTTP, which posts receipts and replies back to it."""
    config = http_config(provider.url)
    route: dict[str, Any] = await mine.post("/v1/routes", {"name": "acme", "protocol": "http", "config": config})
    await provider.behave(webhook_url=f"{mine.url}/callbacks/routes/{route['id']}")
    return route


@pytest.fixture
async def visitor(stack: Stack) -> AsyncIterator[Visitor]:
    """The administrator of a new and empty account."""
    async with aiohttp.ClientSession() as session:
        platform = Visitor(session, stack.url("gateway-api"), stack.bootstrap_key)
        account = await platform.made("POST", "/v1/accounts", {"name": f"visitor {uuid.uuid4()}"})
        yield platform.with_key(account["api_key"]["key"])


@pytest.fixture
async def things(visitor: Visitor) -> Things:
    return await one_of_each(visitor)
