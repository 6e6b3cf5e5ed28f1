"""Kept answers, the webhooks' log and sessions go when they are old; the audit log never does."""

from datetime import timedelta
from typing import Any

from gateway_api.config import Settings
from gateway_api.store.retention import rules
from volley_chassis.retention import remove_old
from volley_contracts import new_id, now

from .conftest import Gateway
from .test_users import joined, signed_in

SETTINGS = Settings(
    database_url="",
    kafka="",
    internal_token="",
    campaign_url="",
    dispatch_url="",
    link_url="",
    stats_url="",
    redis_url="",
)
COUNTS = """
SELECT (SELECT count(*) FROM idempotency), (SELECT count(*) FROM webhook_deliveries), (SELECT count(*) FROM sessions)
"""


async def left(gateway: Gateway, hours: float) -> tuple[Any, ...]:
    for rule in rules(SETTINGS):
        await remove_old(gateway.pool, rule, at=now() + timedelta(hours=hours))
    return tuple(await gateway.pool.fetchrow(COUNTS))


async def test_what_is_old_goes_and_the_audit_log_stays(gateway: Gateway) -> None:
    await gateway.pool.execute("TRUNCATE idempotency, webhook_deliveries, sessions")
    await joined(gateway, "kept@example.com")
    await signed_in(gateway, "kept@example.com")
    await gateway.ask("POST", "/v1/things", json={"a": 1}, headers={"Idempotency-Key": "kept"})
    hook = {"url": "https://hooks.example/x", "events": ["volley.alert.raised.v1"]}
    _, made = await gateway.ask("POST", "/v1/webhooks", json=hook)
    await gateway.pool.execute(
        "INSERT INTO webhook_deliveries (id, webhook_id, event_id, event_type, body) VALUES ($1, $2, 'e', 't', '{}')",
        new_id(),
        made["id"],
    )
    _, before = await gateway.ask("GET", "/v1/audit-log")
    assert await left(gateway, 11) == (1, 1, 1)
    assert await left(gateway, 13) == (1, 1, 0)
    assert await left(gateway, 25) == (0, 1, 0)
    assert await left(gateway, 24 * 30 - 1) == (0, 1, 0)
    assert await left(gateway, 24 * 30 + 1) == (0, 0, 0)
    assert await left(gateway, 24 * 3650) == (0, 0, 0)
    _, after = await gateway.ask("GET", "/v1/audit-log")
    assert after["items"] == before["items"]
    assert (await gateway.ask("GET", "/v1/audit-log/verification"))[1]["intact"]
