"""Open routes follow what is stored, and what is stored tells how they fare."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from dispatch_svc.clients.routes import OpenRoutes
from dispatch_svc.handlers.keep_routes_open import keep_routes_open
from volley_chassis.outside import EVERYWHERE, Outside
from volley_tools.pytest_stack import Until
from volley_tools.simulator import Options, Simulator


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    started = Simulator(Options(smpp_port=0, http_port=0))
    await started.start()
    yield started
    await started.stop()


second_simulator = third_simulator = simulator


@pytest.fixture
async def open_routes(settings: Any, vault: Any, heard: Any) -> AsyncIterator[OpenRoutes]:
    """Kept as they are stored."""
    opened = OpenRoutes(heard.on_receipts, heard.on_inbound, Outside(EVERYWHERE), drain_within=1.0)
    keeping = asyncio.create_task(keep_routes_open(settings.database_url, "dispatch-svc-0", vault, opened))
    yield opened
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await opened.close()


def config(simulator: Simulator, **changes: Any) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": simulator.smpp_port, "system_id": "volley", "password": "secret", **changes}


async def add(api: Any, mine: Any, name: str, config: dict[str, Any], **body: Any) -> Any:
    body = {"name": name, "protocol": "smpp", "config": config, **body}
    return (await api.post("/v1/routes", json=body, headers=mine)).json()["id"]


async def test_a_route_is_opened_as_soon_as_it_is_made_and_shows_it(
    api: Any, caller: Any, simulator: Simulator, open_routes: OpenRoutes, until: Any
) -> None:
    mine = caller()
    account = UUID(mine["x-volley-account"])
    route_id = await add(api, mine, "a", config(simulator))

    async def shown() -> Any:
        return (await api.get(f"/v1/routes/{route_id}", headers=mine)).json()

    async def connected() -> bool:
        return bool((await shown())["connected"])

    await until(connected)
    [connection] = (await shown())["connections"]
    assert (connection["instance"], connection["healthy"], connection["sessions"]) == ("dispatch-svc-0", True, 1)
    assert connection["connected_since"]
    client = open_routes.choose(account, "US")
    assert client is open_routes.get(UUID(route_id))
    assert open_routes.choose(UUID(int=0), "US") is None

    simulator.provider.options.refuse_binds = True
    for session in simulator.smpp.sessions:
        session.transport.abort()

    async def refused() -> bool:
        [connection] = (await shown())["connections"]
        return connection["last_error"] == "bind refused: ESME_RBINDFAIL" and not connection["healthy"]

    await until(refused)
    assert open_routes.choose(account, "US") is None


async def test_the_next_route_serves_while_the_first_cannot(
    api: Any,
    caller: Any,
    simulator: Simulator,
    second_simulator: Simulator,
    third_simulator: Simulator,
    open_routes: OpenRoutes,
    until: Until,
) -> None:
    mine = caller()
    account = UUID(mine["x-volley-account"])
    first = await add(api, mine, "first", config(simulator), priority=1)
    second = await add(api, mine, "second", config(second_simulator), priority=2)
    britain = await add(api, mine, "britain", config(third_simulator), priority=0, countries=["GB"])

    async def chosen(country: str) -> str | None:
        client = open_routes.choose(account, country)
        return str(client.route_id) if client else None

    async def is_chosen(country: str, route_id: str) -> bool:
        return await chosen(country) == route_id

    async def edit(route_id: str, **body: Any) -> None:
        await api.patch(f"/v1/routes/{route_id}", json=body, headers=mine)

    await until(lambda: is_chosen("US", first))
    await until(lambda: is_chosen("GB", britain))
    await edit(first, config={"password": "wrong"})
    await until(lambda: is_chosen("US", second))
    kept = open_routes.get(UUID(second))
    await edit(first, config={"password": "secret"})
    await until(lambda: is_chosen("US", first))
    await edit(first, status="paused")
    await until(lambda: is_chosen("US", second))
    assert open_routes.get(UUID(second)) is kept
    assert open_routes.get(UUID(first)) is not None
    await edit(first, status="active", priority=3)
    await edit(second, status="disabled")
    await until(lambda: is_chosen("US", first))
    assert open_routes.get(UUID(second)) is None
    await api.delete(f"/v1/routes/{first}", headers=mine)
    await until(lambda: _is_none(open_routes.get(UUID(first))))


async def _is_none(value: object) -> bool:
    return value is None
