"""An audit log that was tampered with says so."""

import asyncio
from uuid import UUID

import pytest

from gateway_api.handlers.verify_audit import Verification, verify_audit
from volley_contracts import now

from .conftest import Gateway


@pytest.fixture
async def audited(gateway: Gateway) -> tuple[UUID, str]:
    """An account with six entries of an hour ago in its log, and its admin key."""
    admin = await gateway.account(f"audited {now()}")
    asked = [gateway.ask("POST", "/v1/things", admin, json={"n": n}) for n in range(5)]
    await asyncio.gather(*asked, gateway.ask("DELETE", "/v1/things/1", admin))
    account = UUID((await gateway.ask("GET", "/v1/me", admin))[1]["account"]["id"])
    async with asyncio.timeout(20):  # an answer is noted after it is given
        while (await verified(gateway, account)).facts < 12:
            await asyncio.sleep(0)
    return account, admin


async def verified(gateway: Gateway, account: UUID, known: tuple[int, str] | None = None) -> Verification:
    later = await gateway.pool.fetchval("SELECT now() + interval '1 hour'")
    return await verify_audit(gateway.pool, account, known, at=later)


async def test_a_log_that_nobody_touched_is_intact(gateway: Gateway, audited: tuple[UUID, str]) -> None:
    account, admin = audited
    answer, found = await gateway.ask("GET", "/v1/audit-log/verification", admin)
    assert (answer.status, found["intact"], found["facts"], found["broken_at"]) == (200, True, 12, None)
    assert await verified(gateway, account, (found["facts"], found["head"]))
    await gateway.ask("POST", "/v1/things", admin)
    query = f"fact={found['facts']}&head={found['head']}"
    _, again = await gateway.ask("GET", f"/v1/audit-log/verification?{query}", admin)
    assert again["intact"]
    assert again["facts"] in {13, 14}


SLIPPED_IN = """
    INSERT INTO audit (id, account_id, actor, role, method, path, status)
    SELECT 'ffffffff-0000-7000-8000-000000000000', $1, 'key:x', 'admin', 'POST', '/v1/things', 200
"""


SLIPPED_IN_AHEAD = """
    INSERT INTO audit (id, account_id, actor, role, method, path, status, at)
    SELECT 'ffffffff-0000-7000-8000-000000000001', $1, 'key:x', 'admin', 'POST', '/v1/things', 200,
        now() + interval '9 years'
"""


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE audit SET actor = 'key:somebody' WHERE account_id = $1 AND method = 'DELETE'",
        "UPDATE audit SET status = 403 WHERE account_id = $1 AND method = 'DELETE'",
        "DELETE FROM audit WHERE account_id = $1 AND method = 'DELETE'",
        SLIPPED_IN,
        SLIPPED_IN_AHEAD,
        "UPDATE audit SET id = gen_random_uuid(), actor = 'key:x' WHERE account_id = $1 AND method = 'DELETE'",
        "UPDATE audit_chain SET fact = replace(fact, 'DELETE', 'POST') WHERE account_id = $1",
        "DELETE FROM audit_chain WHERE account_id = $1 AND seq = 5",
        "DELETE FROM audit_chain WHERE account_id = $1 AND seq > 10",
        "UPDATE audit_chain SET seq = -seq WHERE account_id = $1 AND seq > 10",
        "UPDATE audit_heads SET seq = 11 WHERE account_id = $1",
    ],
)
async def test_tampering_shows(gateway: Gateway, audited: tuple[UUID, str], tampering: str) -> None:
    account, _ = audited
    assert (await verified(gateway, account)).intact
    await gateway.pool.execute(tampering, account)
    assert not (await verified(gateway, account)).intact


async def test_who_rewrites_the_whole_chain_cannot_rewrite_a_head_kept_elsewhere(
    gateway: Gateway, audited: tuple[UUID, str]
) -> None:
    account, admin = audited
    kept = await verified(gateway, account)
    for table in ("audit", "audit_chain", "audit_heads"):
        await gateway.pool.execute(f"DELETE FROM {table} WHERE account_id = $1", account)
    assert not (await verified(gateway, account, (kept.facts, kept.head))).intact
    for _ in range(10):
        await gateway.ask("POST", "/v1/things", admin)
    assert (await verified(gateway, account)).intact
    found = await verified(gateway, account, (kept.facts, kept.head))
    assert (found.intact, found.broken_at) == (False, kept.facts)
