"""Old rows go in small transactions, from one replica at a time; young ones stay."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from volley_chassis import database, inbox, retention
from volley_chassis.settings import ServiceSettings, SettingsError, load
from volley_contracts import now

FILL = """
INSERT INTO inbox (consumer, event_id, received_at)
SELECT 'c', n, now() - make_interval(days => n) FROM generate_series(20, 59) AS n
"""


def removed() -> float:
    return REGISTRY.get_sample_value("volley_retention_removed_total", {"table": "inbox"}) or 0.0


async def test_what_is_old_goes_however_many_and_the_rest_stays(settings: ServiceSettings) -> None:
    rule = inbox.old_events(settings)
    async with database.pool(settings) as pool:
        await pool.execute(FILL)
        before = removed()
        at = now() + timedelta(minutes=1)
        assert await retention.remove_old(pool, rule, at=at, rows=7) == 29
        assert removed() - before == 29
        assert await retention.remove_old(pool, rule, at=at) == 0
        ages = "SELECT max(now() - received_at) < interval '31 days' FROM inbox"
        assert (await pool.fetchval("SELECT count(*) FROM inbox"), await pool.fetchval(ages)) == (11, True)


async def test_one_replica_at_a_time_removes(settings: ServiceSettings) -> None:
    rule = inbox.old_events(settings)
    async with database.pool(settings) as pool, database.pool(settings) as other:
        await pool.execute(FILL)
        async with other.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", retention._LOCK)
            assert await retention.remove_old(pool, rule, at=now() + timedelta(minutes=1)) == 0
        assert await retention.remove_old(pool, rule, at=now() + timedelta(minutes=1)) == 29


def test_events_are_known_as_long_as_topics_are_retained() -> None:
    environ = {"VOLLEY_DATABASE_URL": "", "VOLLEY_KAFKA": "", "VOLLEY_INTERNAL_TOKEN": "", "VOLLEY_INBOX_DAYS": "7"}
    with pytest.raises(SettingsError, match="inbox_days"):
        load(ServiceSettings, environ)
