"""Routes of pools, and what other services may ask about one."""

from collections.abc import Sequence
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import UNSET

from link_svc.api.domains import host
from link_svc.api.schemas import (
    After,
    Limit,
    NewPool,
    Page,
    Pool,
    PoolDomain,
    PoolEdit,
    PoolForOthers,
    shown,
)
from link_svc.domain.domains import Terms, pool_remaining
from link_svc.domain.slugs import LENGTH
from link_svc.handlers.edit_pools import add_domain_to_pool, add_pool, edit_pool, remove_domain_from_pool, tag
from link_svc.store import health, pools
from volley_chassis import database
from volley_chassis.database import Connection
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, check_name, invalid, not_found


@post("/v1/pools", summary="Make a pool", tags=["pools"], opt={"role": "operator"})
async def add(
    data: JSONBody[NewPool], caller: NamedDependency[Caller], pool: NamedDependency[database.Pool]
) -> Tagged[Pool]:
    """A pool of domains for short URLs or for opt-out URLs."""
    check_name("name", data.name)
    pool_id = await add_pool(pool, caller.account_id, name=data.name, purpose=data.purpose, domain_ids=data.domain_ids)
    return await _one(pool, caller, pool_id, 201)


@get("/v1/pools", summary="List pools", tags=["pools"], opt={"role": "viewer"})
async def list_all(
    caller: NamedDependency[Caller], pool: NamedDependency[database.Pool], limit: Limit = 50, after: After = None
) -> Page[Pool]:
    """With their domains, what those have left, and what waits."""
    async with pool.acquire() as connection:
        found = await pools.page(connection, caller.account_id, after=after, limit=limit + 1)
        total = await pools.total(connection, caller.account_id)
        items = await _shown(connection, found[:limit])
    return Page(items, found[limit - 1].id if len(found) > limit else None, total)


@get("/v1/pools/{pool_id:uuid}", summary="Show a pool", tags=["pools"], opt={"role": "viewer"})
async def show(
    pool_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[database.Pool]
) -> Tagged[Pool]:
    """With its domains, what they have left, and what waits. Its ETag is of its name and which domains it has."""
    return await _one(pool, caller, pool_id)


@patch("/v1/pools/{pool_id:uuid}", summary="Edit a pool", tags=["pools"], opt={"role": "operator"})
async def edit(
    pool_id: FromPath[UUID],
    data: JSONBody[PoolEdit],
    caller: NamedDependency[Caller],
    pool: NamedDependency[database.Pool],
    if_match: IfMatch = None,
) -> Tagged[Pool]:
    """Rename it or replace its domains."""
    name = None if data.name is UNSET else data.name
    if name is not None:
        check_name("name", name)
    domain_ids = None if data.domain_ids is UNSET else data.domain_ids
    if not await edit_pool(pool, caller.account_id, pool_id, name=name, domain_ids=domain_ids, if_match=if_match):
        raise not_found("pool")
    return await _one(pool, caller, pool_id)


@post("/v1/pools/{pool_id:uuid}/domains", summary="Add a domain to a pool", tags=["pools"], opt={"role": "operator"})
async def add_member(
    pool_id: FromPath[UUID],
    data: JSONBody[PoolDomain],
    caller: NamedDependency[Caller],
    pool: NamedDependency[database.Pool],
) -> Tagged[Pool]:
    """A known domain by `domain_id`, or a new active one by `host`: quick when a pool runs out."""
    if not await add_domain_to_pool(pool, caller.account_id, pool_id, _wanted(data)):
        raise not_found("pool")
    return await _one(pool, caller, pool_id, 201)


@delete(
    "/v1/pools/{pool_id:uuid}/domains/{domain_id:uuid}",
    summary="Take a domain out of a pool",
    tags=["pools"],
    opt={"role": "operator"},
)
async def remove_member(
    pool_id: FromPath[UUID],
    domain_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[database.Pool],
    if_match: IfMatch = None,
) -> None:
    """The domain stays, and so do its links. If-Match takes the pool's ETag."""
    if not await remove_domain_from_pool(pool, caller.account_id, pool_id, domain_id, if_match):
        raise not_found("domain in this pool")


@get("/internal/pools/{pool_id:uuid}", include_in_schema=False, opt={"role": "viewer"})
async def for_others(
    pool_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[database.Pool]
) -> PoolForOthers:
    """Asked by campaign-svc when a campaign is prepared or resumed."""
    async with pool.acquire() as connection:
        found = await pools.get(connection, caller.account_id, pool_id)
        if found is None:
            raise not_found("pool")
        members = (await pools.members(connection, [pool_id]))[pool_id]
        # After `members`: what is served in between must not look as if it lacked capacity.
        waiting = (await pools.waiting(connection, [pool_id])).get(pool_id, 0)
    active = [domain for domain in members if domain.status == "active"]
    longest = max((domain.host for domain in active or members), key=len, default="")
    return PoolForOthers(
        id=found.id,
        name=found.name,
        purpose=found.purpose,
        exhausted=found.exhausted,
        remaining=pool_remaining(domain.remaining for domain in members),
        domains={domain.id: pool_remaining([domain.remaining]) for domain in members},
        waiting=waiting,
        active_domains=len(active),
        sample_url=f"https://{longest}/{'x' * LENGTH}",
        campaign_id=found.campaign_id,
    )


def _wanted(data: PoolDomain) -> UUID | tuple[str, Terms]:
    if data.domain_id is not None and data.host is None:
        if data.message_limit is not None:
            raise invalid(
                FieldError("message_limit", "the domain exists already", "edit the domain to change its limit")
            )
        return data.domain_id
    if data.host is not None and data.domain_id is None:
        return host(data.host), Terms("active", data.message_limit)
    raise invalid(FieldError("domain_id", "which domain is not clear", "give either domain_id or host"))


async def _one(pool: database.Pool, caller: Caller, pool_id: UUID, status_code: int = 200) -> Tagged[Pool]:
    async with pool.acquire() as connection:
        found = await pools.get(connection, caller.account_id, pool_id)
        if found is None:
            raise not_found("pool")
        (one,) = await _shown(connection, [found])
    return Tagged(one, tag(one.name, [domain.id for domain in one.domains]), status_code)


async def _shown(connection: Connection, found: Sequence[pools.Pool]) -> list[Pool]:
    ids = [each.id for each in found]
    members = await pools.members(connection, ids)
    waiting = await pools.waiting(connection, ids)
    known = await health.of(connection, [domain.id for each in members.values() for domain in each])
    return [
        Pool(
            id=each.id,
            name=each.name,
            purpose=each.purpose,
            exhausted=each.exhausted,
            waiting=waiting.get(each.id, 0),
            remaining=_sum([domain.remaining for domain in members[each.id]]),
            domains=[shown(domain, known.get(domain.id)) for domain in members[each.id]],
            created_at=each.created_at,
            campaign_id=each.campaign_id,
        )
        for each in found
    ]


def _sum(each: Sequence[int | None]) -> int | None:
    limited = [left for left in each if left is not None]
    return sum(limited) if len(limited) == len(each) else None


ROUTES = [add, list_all, show, edit, add_member, remove_member, for_others]
