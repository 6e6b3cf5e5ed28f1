"""Removes what is old: a bounded number of rows a transaction, one replica at a time, never more than half of the time.

A service gives rules, each with its age from a setting. What has no rule stays; where its table grows, the service says
why beside its rules.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import structlog
from prometheus_client import Counter

from volley_chassis.database import Pool
from volley_contracts import now

log = structlog.get_logger()
REMOVED = Counter("volley_retention_removed_total", "Rows that were removed because of their age.", ["table"])

_LOCK = 7_306_105_125
_LEAD = "SELECT pg_try_advisory_xact_lock($1)"
_ROWS = 1000
_EVERY_SECONDS = 600.0


class Rule(msgspec.Struct, frozen=True):
    """`sql` is a DELETE (or an UPDATE that empties) of at most $2 rows of `table` that were old at $1."""

    table: str
    sql: str
    age: timedelta


def by_days(sql: Mapping[str, str], days: Mapping[str, float]) -> list[Rule]:
    """Rules by their table, each with the query of that name."""
    return [Rule(table, sql[table], timedelta(days=age)) for table, age in days.items()]


async def retain(pool: Pool, rules: Sequence[Rule]) -> None:
    """Apply the rules every ten minutes until cancelled. Runs in every replica; one at a time removes."""
    while True:
        for rule in rules:
            try:
                await remove_old(pool, rule, at=now())
            except Exception:  # what is old today is old tomorrow
                log.exception("old rows are removed later", table=rule.table)
        await asyncio.sleep(_EVERY_SECONDS)


async def remove_old(pool: Pool, rule: Rule, *, at: datetime, rows: int = _ROWS) -> int:
    """Remove what is older than the rule's age at `at`, `rows` at once, and give how many rows that were.

    Stops early where another replica is at it.
    """
    removed, some = 0, rows
    while some == rows:
        began = time.monotonic()
        async with pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(_LEAD, _LOCK):
                return removed
            done = await connection.execute(rule.sql, at - rule.age, rows)
        some = int(done.rpartition(" ")[2])
        REMOVED.labels(rule.table).inc(some)
        removed += some
        if some == rows:
            await asyncio.sleep(time.monotonic() - began)
    if removed:
        log.info("old rows removed", table=rule.table, rows=removed)
    return removed
