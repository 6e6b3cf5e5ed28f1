"""Reports, alerts and conversations go when they are old; what was sent, to whom and what it cost stays."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from campaign_svc.config import Settings
from campaign_svc.store.retention import rules
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.retention import remove_old
from volley_contracts import new_id, now

from .conftest import ClientOf
from .test_audience_events import NUMBER
from .test_conversations import inbox, write
from .test_imports import contact, imported


async def later(pool: Pool, settings: Settings, **ago: float) -> None:
    for rule in rules(settings):
        await remove_old(pool, rule, at=now() + timedelta(**ago), rows=3)


async def test_uploads_that_a_crash_cut_off_go(caller: Caller, pool: Pool, settings: Settings) -> None:
    await pool.execute(
        "INSERT INTO contact_imports (id, account_id, status, created_by, created_at, touched_at)"
        " VALUES ($1, $2, 'uploading', 'x', now(), now())",
        new_id(),
        caller.account_id,
    )
    count = "SELECT count(*) FROM contact_imports WHERE account_id = $1"
    for minutes, left in ((59, 1), (61, 0)):
        await later(pool, settings, minutes=minutes)
        assert await pool.fetchval(count, caller.account_id) == left


async def test_the_report_of_an_import_is_kept_for_a_while(
    client_of: ClientOf, caller: Caller, pool: Pool, settings: Settings
) -> None:
    client = client_of(caller)
    made = await imported(client, pool, b"number\n+12025550143\n" + b"x\n" * 10)
    path = f"/v1/contact-imports/{made['id']}/rejects"
    await later(pool, settings, days=settings.import_days - 1)
    assert len((await client.get(path)).json()["items"]) == 10
    await later(pool, settings, days=settings.import_days + 1)
    assert (await client.get(path)).status_code == 404
    for table in ("contact_import_rejects", "contact_import_chunks"):
        assert await pool.fetchval(f"SELECT count(*) FROM {table} WHERE import_id = $1", UUID(made["id"])) == 0
    assert await contact(client, "+12025550143")


async def test_conversations_go_after_two_years(
    client_of: ClientOf, caller: Caller, pool: Pool, settings: Settings
) -> None:
    client = client_of(caller)
    await write(pool, caller, "is it blue?")
    (conversation,) = await inbox(client)
    await pool.execute(
        "INSERT INTO answers (id, account_id, conversation_id, number, text, author, at, parts, cost, currency)"
        " VALUES ($1, $2, $3, $4, 'green', 'a', now(), 1, 0.05, 'EUR')",
        new_id(),
        caller.account_id,
        UUID(conversation["id"]),
        NUMBER,
    )
    await later(pool, settings, days=settings.conversation_days - 1)
    assert len(await inbox(client)) == 1
    await later(pool, settings, days=settings.conversation_days + 1)
    assert await inbox(client) == []
    texts = "SELECT count(*) FROM inbound_messages WHERE account_id = $1"
    assert await pool.fetchval(texts, caller.account_id) == 0
    answer = await pool.fetchrow("SELECT number, text, cost FROM answers WHERE account_id = $1", caller.account_id)
    assert (answer["number"], answer["text"], str(answer["cost"])) == ("", "", "0.05")


async def test_history_cost_and_recipients_stay(lab: Any, settings: Settings) -> None:
    ended, paused = await lab.started(recipients=20), await lab.started(recipients=20)
    for campaign in (ended, paused):
        await lab.pool.execute(
            "INSERT INTO campaign_progress (campaign_id) VALUES ($1)"
            " ON CONFLICT (campaign_id) DO UPDATE SET submitted = 20, parts = 20, cost = 1.5, currency = 'EUR'",
            UUID(campaign["id"]),
        )
        await lab.pool.execute(
            "INSERT INTO batches (campaign_id, batch_no, first_seq, count, content_hash)"
            " SELECT campaign_id, 0, 0, 20, hash FROM campaign_contents WHERE campaign_id = $1",
            UUID(campaign["id"]),
        )
    await lab.do(paused, "pause")
    await lab.do(ended, "abort")
    before = [await lab.get(campaign, path) for campaign in (ended, paused) for path in ("", "/history")]
    await later(lab.pool, settings, days=settings.batch_days - 1)
    count = "SELECT count(*) FROM {} WHERE campaign_id = $1"
    assert await lab.pool.fetchval(count.format("batches"), UUID(ended["id"])) == 1
    await later(lab.pool, settings, days=5000)
    assert await lab.pool.fetchval(count.format("batches"), UUID(ended["id"])) == 0
    assert await lab.pool.fetchval(count.format("batches"), UUID(paused["id"])) == 1
    assert await lab.pool.fetchval(count.format("recipients"), UUID(ended["id"])) == 20
    assert [await lab.get(campaign, path) for campaign in (ended, paused) for path in ("", "/history")] == before
