"""The list of domains that a campaign names instead of a pool: a pool of its own, of domains that exist."""

from collections.abc import Sequence
from uuid import UUID

from link_svc.domain.allotment import Kind
from link_svc.store import domains, pools
from volley_chassis.database import Connection, Pool
from volley_contracts import new_id


async def list_domains(
    pool: Pool, account_id: UUID, campaign_id: UUID, *, name: str, purpose: Kind, hosts: Sequence[str]
) -> UUID | None:
    """Make the list what `hosts` say, and give the pool. None, and nothing done, where a host is no domain of the
    account, or archived; or the campaign is another account's.
    """
    async with pool.acquire() as connection, connection.transaction():
        known = await domains.of_hosts(connection, account_id, hosts)
        if known.keys() != set(hosts):
            return None
        pool_id = await pools.of_campaign(
            connection, new_id(), account_id, campaign_id=campaign_id, name=name, purpose=purpose
        )
        if pool_id is not None:
            await _set(connection, pool_id, [known[host] for host in dict.fromkeys(hosts)])
        return pool_id


async def _set(connection: Connection, pool_id: UUID, domain_ids: Sequence[UUID]) -> None:
    now = (await pools.members(connection, [pool_id]))[pool_id]
    if [domain.id for domain in now] != list(domain_ids):
        await pools.set_domains(connection, pool_id, domain_ids)
        await domains.tell_capacity(connection)
