"""Checks whether domains lead here, and tells when one in use begins to fail and when it works again."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from link_svc import metrics
from link_svc.clients.health import Reach, check_host
from link_svc.domain.health import ENOUGH, Health, after
from link_svc.store import domains, health
from link_svc.store.health import Checked
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_contracts import DomainHealth, now

log = structlog.get_logger()
SOURCE = "link-svc"
AT_ONCE = 10
SOON = timedelta(minutes=1)
"""After a failure that is not told of yet."""

RESTS = timedelta(seconds=5)
"""Who asks again sooner gets what was found."""


async def check_due(pool: Pool, reach: Reach, every: timedelta) -> int:
    """Check some domains whose check is due; gives how many."""
    async with pool.acquire() as connection, connection.transaction():
        for unused in await health.forget_unused(connection):
            await _tell(connection, unused, None, now())
    due = await health.claim(pool, every, AT_ONCE)
    found = await asyncio.gather(*(check_domain(pool, reach, each, every) for each in due), return_exceptions=True)
    for error in found:
        if isinstance(error, BaseException):
            log.warning("a domain is checked later", error=repr(error))
    return len(due)


async def check_now(pool: Pool, reach: Reach, account_id: UUID, domain_id: UUID, every: timedelta) -> bool:
    """Check a domain because somebody asks for it. False: no such domain."""
    async with pool.acquire() as connection:
        domain = await domains.get(connection, account_id, domain_id)
        known = await health.of(connection, [domain_id])
    if domain is None:
        return False
    last = known.get(domain_id)
    if last is None or now() - last.checked_at > RESTS:
        await check_domain(pool, reach, Checked(domain_id, account_id, domain.host), every)
    return True


async def check_domain(pool: Pool, reach: Reach, domain: Checked, every: timedelta) -> Health:
    """Check it and note what was found. One that was pending for it is active from now on."""
    found = await check_host(reach, domain.host)
    at = now()
    async with pool.acquire() as connection, connection.transaction():
        terms = await domains.lock(connection, domain.account_id, domain.id)
        assert terms is not None  # domains are archived, never removed
        known = (await health.of(connection, [domain.id])).get(domain.id)
        new, works = after(known, found, at, in_use=terms.state == "active")
        await health.save(connection, domain.id, new, at + (SOON if 0 < new.failures < ENOUGH else every))
        if terms.state == "pending" and new.problem is None:
            await domains.edit(
                connection, domain.account_id, domain.id, state="active", message_limit=terms.message_limit
            )
            await domains.tell_capacity(connection)
        if works is not None:
            await _tell(connection, domain, new.problem, at)
    metrics.CHECKS.labels("ok" if new.problem is None else "failing").inc()
    return new


async def _tell(connection: Connection, domain: Checked, problem: str | None, at: datetime) -> None:
    event = DomainHealth(account_id=domain.account_id, domain_id=domain.id, host=domain.host, problem=problem, at=at)
    await outbox.put(connection, event, source=SOURCE)
