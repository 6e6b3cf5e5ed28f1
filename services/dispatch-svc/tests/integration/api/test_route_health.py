"""Where an account can be sent to is told when its routes fail for long, and when one works again."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from dispatch_svc.handlers.tell_route_health import tell_route_health
from volley_contracts import RouteHealth, decode, now

PATIENCE = timedelta(seconds=60)
HTTP = {"url": "http://127.0.0.1:9/", "token": "secret"}


async def add(api: Any, mine: Any, name: str, countries: list[str] | None, **body: Any) -> UUID:
    made = await api.post(
        "/v1/routes",
        json={"name": name, "protocol": "http", "config": HTTP, "countries": countries} | body,
        headers=mine,
    )
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def condition(
    pool: Any, route_id: UUID, *, healthy: bool, sessions: int, failed_s_ago: int | None = None
) -> None:
    """What a process says of a route."""
    failed_at = None if failed_s_ago is None else now() - timedelta(seconds=failed_s_ago)
    await pool.execute(
        "INSERT INTO route_connections (route_id, instance, healthy, sessions, last_error_at)"
        " VALUES ($1, 'one', $2, $3, $4)"
        " ON CONFLICT (route_id, instance)"
        " DO UPDATE SET healthy = $2, sessions = $3, last_error_at = $4, seen_at = now()",
        route_id,
        healthy,
        sessions,
        failed_at,
    )


async def told(pool: Any, account_id: UUID) -> list[tuple[str, ...] | None]:
    rows = await pool.fetch("SELECT value, headers FROM outbox WHERE topic = 'route.health' ORDER BY id")
    found = [decode(row["headers"]["ce_type"], row["value"]) for row in rows]
    return [e.reachable for e in found if isinstance(e, RouteHealth) and e.account_id == account_id]


async def test_an_account_s_routes_fail_and_come_back(api: Any, caller: Any, pool: Any, vault: Any) -> None:
    mine = caller()
    account_id = UUID(mine["x-volley-account"])
    everywhere = await add(api, mine, "everywhere", None)
    british = await add(api, mine, "british", ["GB"])
    start = now()

    async def look(after_s: float) -> list[Any]:
        at: datetime = start + timedelta(seconds=after_s)
        for _ in range(2):
            await tell_route_health(pool, vault, PATIENCE, at=at)
        return await told(pool, account_id)

    await condition(pool, everywhere, healthy=True, sessions=1)
    await condition(pool, british, healthy=True, sessions=1)
    assert await look(0) == []
    await condition(pool, everywhere, healthy=False, sessions=0, failed_s_ago=1)
    assert await look(1) == []
    assert await look(60) == []
    assert await look(61) == [("GB",)]
    # It shows as healthy whenever its next try is due: that is no news.
    await condition(pool, everywhere, healthy=True, sessions=0, failed_s_ago=20)
    assert await look(70) == [("GB",)]
    await condition(pool, british, healthy=False, sessions=0)
    assert await look(71) == [("GB",)]
    await condition(pool, british, healthy=True, sessions=1)
    assert await look(80) == [("GB",)]
    await condition(pool, british, healthy=False, sessions=0)
    assert await look(90) == [("GB",)]  # not down for a minute in one go
    assert await look(150) == [("GB",), ()]
    await condition(pool, everywhere, healthy=True, sessions=1)
    assert await look(151) == [("GB",), (), None]


async def test_a_route_that_an_operator_pauses_is_no_route(api: Any, caller: Any, pool: Any, vault: Any) -> None:
    mine = caller()
    account_id = UUID(mine["x-volley-account"])
    route_id = await add(api, mine, "only", None, status="paused")
    await condition(pool, route_id, healthy=True, sessions=1)
    start = now()
    for after in (0, 61):
        await tell_route_health(pool, vault, PATIENCE, at=start + timedelta(seconds=after))
    assert await told(pool, account_id) == [()]
