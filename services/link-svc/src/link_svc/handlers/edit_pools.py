"""Makes pools and changes their name and domains."""

from collections.abc import Sequence
from uuid import UUID

from link_svc.domain.allotment import Kind
from link_svc.domain.domains import CampaignsPoolError, Terms, UnknownDomainsError
from link_svc.handlers.edit_domains import add_domain
from link_svc.store import domains, pools
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import check, tag_of
from volley_contracts import new_id


async def add_pool(pool: Pool, account_id: UUID, *, name: str, purpose: Kind, domain_ids: Sequence[UUID]) -> UUID:
    pool_id = new_id()
    async with pool.acquire() as connection, connection.transaction():
        await pools.add(connection, pool_id, account_id, name=name, purpose=purpose)
        await pools.add_domains(connection, pool_id, await _owned(connection, account_id, domain_ids))
    return pool_id


def tag(name: str, domain_ids: Sequence[UUID]) -> str:
    """Of what an edit of a pool may change."""
    return tag_of(name, domain_ids)


async def edit_pool(
    pool: Pool,
    account_id: UUID,
    pool_id: UUID,
    *,
    name: str | None,
    domain_ids: Sequence[UUID] | None,
    if_match: str | None,
) -> bool:
    """Rename it or replace its domains. False: no such pool. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        if not await _lock(connection, account_id, pool_id, if_match):
            return False
        if name is not None:
            await pools.rename(connection, pool_id, name)
        if domain_ids is not None:
            await pools.set_domains(connection, pool_id, await _owned(connection, account_id, domain_ids))
            await domains.tell_capacity(connection)
        return True


async def add_domain_to_pool(pool: Pool, account_id: UUID, pool_id: UUID, domain: UUID | tuple[str, Terms]) -> bool:
    """Append a domain to the rotation: a known one, or a new one by its host. False: no such pool."""
    async with pool.acquire() as connection, connection.transaction():
        if not await _lock(connection, account_id, pool_id, None):
            return False
        if isinstance(domain, tuple):
            domain = (await add_domain(connection, account_id, *domain)).id
        await pools.add_domains(connection, pool_id, await _owned(connection, account_id, [domain]))
        await domains.tell_capacity(connection)
        return True


async def remove_domain_from_pool(
    pool: Pool, account_id: UUID, pool_id: UUID, domain_id: UUID, if_match: str | None
) -> bool:
    """The domain itself stays. False: no such pool, or the domain is not in it. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        return await _lock(connection, account_id, pool_id, if_match) and await pools.remove_domain(
            connection, pool_id, domain_id
        )


async def _lock(connection: Connection, account_id: UUID, pool_id: UUID, if_match: str | None) -> bool:
    """Whether there is such a pool, as the caller has seen it. Raises CampaignsPoolError."""
    for locked in await pools.lock(connection, account_id, [pool_id]):
        if locked.campaign_id is not None:
            raise CampaignsPoolError(locked.campaign_id)
        members = (await pools.members(connection, [pool_id]))[pool_id]
        check(if_match, tag(locked.name, [domain.id for domain in members]))
        return True
    return False


async def _owned(connection: Connection, account_id: UUID, domain_ids: Sequence[UUID]) -> list[UUID]:
    distinct = list(dict.fromkeys(domain_ids))
    if not await pools.owns_domains(connection, account_id, distinct):
        raise UnknownDomainsError
    return distinct
