"""Finds dead owners and has their slices judged. An owner is dead when its lock can be taken, and only then."""

import asyncio

import asyncpg
import structlog

from dispatch_svc.handlers.means import Means
from dispatch_svc.handlers.reconcile_slice import reconcile_slice
from dispatch_svc.store import owners, slices

log = structlog.get_logger()
_SWEEP_SECONDS = 1.0
_AT_ONCE = 20
# A provider that does not answer for so long is not waited for any longer.
_GIVE_UP_SECONDS = 15 * 60


async def recover_slices(means: Means) -> None:
    """Until cancelled."""
    while True:
        owner_id = means.ownership.owner_id
        if owner_id is not None:
            try:
                await recover_once(means, owner_id)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("recovery will try again", error=repr(error))
            except Exception:
                log.exception("recovery failed; trying again")
        await asyncio.sleep(_SWEEP_SECONDS)


async def recover_once(means: Means, owner_id: int) -> None:
    """One look at all other owners."""
    async with means.pool.acquire() as connection:
        for other in await owners.others(connection, owner_id):
            if not await owners.try_lock(connection, other):
                continue
            try:
                dead_for = await owners.found_dead(connection, other)
                sending_too = dead_for >= means.settings.recover_after
                orphans = await slices.orphans(connection, other, sending_too=sending_too, limit=_AT_ONCE)
                if orphans:
                    log.info("recovering slices of a dead process", owner_id=other, slices=len(orphans))
                for orphan in orphans:
                    await reconcile_slice(means, orphan, give_up=dead_for > _GIVE_UP_SECONDS)
                await owners.forget(connection, other)
            finally:
                await owners.unlock(connection, other)
