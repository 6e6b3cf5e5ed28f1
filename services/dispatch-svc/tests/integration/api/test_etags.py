"""If-Match guards every edit of routes, keywords and the rate card."""

from typing import Any

import pytest
from httpx import AsyncClient

from volley_tools.guarded import Ask, Edit, asking, check_edits, check_removal

from .test_routes_api import add


@pytest.fixture
def mine(caller: Any) -> dict[str, str]:
    return dict(caller())


@pytest.fixture
def ask(api: AsyncClient, mine: dict[str, str]) -> Ask:
    return asking(api, mine)


async def test_a_route(api: AsyncClient, mine: dict[str, str], ask: Ask) -> None:
    path = f"/v1/routes/{(await add(api, mine))['id']}"
    await check_edits(ask, Edit.of(path, {"config": {"password": "other"}}, {"status": "paused"}))
    await check_removal(ask, path)


async def test_settings_of_the_account(ask: Ask) -> None:
    one, other = ({"own": [{"word": word, "keyword": "stop"}]} for word in ("basta", "genug"))
    await check_edits(ask, Edit.of("/v1/keywords", one, other, "PUT"))
    refused = await ask("PUT", "/v1/rate-card", {"currency": "EUR", "prices": {"US": "1"}}, {"If-Match": '"x"'})
    assert refused.status == 412
    for price in ("0.01", "0.0100"):
        card = {"currency": "EUR", "prices": {"US": price, "DE": "0.05"}}
        put = await ask("PUT", "/v1/rate-card", card, {})
        assert put.etag == (await ask("GET", "/v1/rate-card", None, {})).etag
    one, other = ({"currency": currency, "prices": {"US": "0.01"}} for currency in ("EUR", "USD"))
    await check_edits(ask, Edit.of("/v1/rate-card", one, other, "PUT"))
