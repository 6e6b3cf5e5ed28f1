"""Adds domains and edits their state and limit."""

from uuid import UUID

from msgspec import UNSET, UnsetType

from link_svc.domain.domains import HostTakenError, State, Terms, edited
from link_svc.store import domains
from link_svc.store.domains import Domain
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import check, tag_of
from volley_contracts import new_id


async def add_domain(connection: Connection, account_id: UUID, host: str, terms: Terms) -> Domain:
    """Raises HostTakenError where any account has the host already."""
    added = await domains.add(
        connection, new_id(), account_id, host=host, state=terms.state, message_limit=terms.message_limit
    )
    if added is not None:
        return added
    owner = await domains.owner(connection, host)
    assert owner is not None  # domains are archived, never removed
    raise HostTakenError(host, owner.id if owner.account_id == account_id else None)


def tag(domain: Domain) -> str:
    """Of what an edit may change. A limit that is reached is no edit."""
    state = "active" if domain.status == "limit_reached" else domain.status
    return tag_of(state, domain.message_limit)


async def edit_domain(
    pool: Pool,
    account_id: UUID,
    domain_id: UUID,
    *,
    state: State | UnsetType = UNSET,
    message_limit: int | UnsetType | None = UNSET,
    if_match: str | None = None,
) -> Domain | None:
    """What is UNSET stays. None: no such domain. Raises LimitBelowUsedError, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        now = await domains.lock(connection, account_id, domain_id)
        if now is None:
            return None
        check(if_match, tag_of(now.state, now.message_limit))
        wanted = Terms(
            now.state if state is UNSET else state, now.message_limit if message_limit is UNSET else message_limit
        )
        terms = edited(wanted, now.used)
        domain = await domains.edit(
            connection, account_id, domain_id, state=terms.state, message_limit=terms.message_limit
        )
        await domains.tell_capacity(connection)
        return domain
