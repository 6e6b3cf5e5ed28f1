"""Routes of domains."""

from datetime import timedelta
from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from link_svc.api.hosts import HostError, host_of
from link_svc.api.schemas import After, Domain, DomainEdit, Limit, NewDomain, Page, shown
from link_svc.clients.health import Reach
from link_svc.domain.domains import Status, Terms
from link_svc.handlers.check_domain import check_now
from link_svc.handlers.edit_domains import add_domain, edit_domain, tag
from link_svc.store import domains, health
from volley_chassis.database import Connection, Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, invalid, not_found


@post("/v1/domains", summary="Add a domain", tags=["domains"], opt={"role": "operator"})
async def add(
    data: JSONBody[NewDomain], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Domain]:
    """Messages may use it as soon as it is active and in a pool."""
    async with pool.acquire() as connection:
        terms = Terms(data.status, data.message_limit)
        added = await add_domain(connection, caller.account_id, host(data.host), terms)
        return await _tagged(connection, added, 201)


@get("/v1/domains", summary="List domains", tags=["domains"], opt={"role": "viewer"})
async def list_all(
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    status: FromQuery[Status | None] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[Domain]:
    """In the order in which they were added."""
    async with pool.acquire() as connection:
        found = await domains.page(connection, caller.account_id, after=after, status=status, limit=limit + 1)
        total = await domains.total(connection, caller.account_id, status)
        known = await health.of(connection, [domain.id for domain in found])
    following = found[limit - 1].id if len(found) > limit else None
    return Page([shown(domain, known.get(domain.id)) for domain in found[:limit]], following, total)


@get("/v1/domains/{domain_id:uuid}", summary="Show a domain", tags=["domains"], opt={"role": "viewer"})
async def show(
    domain_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Domain]:
    """With its limit and the messages that used it, which its ETag is not of."""
    async with pool.acquire() as connection:
        return await _tagged(connection, await domains.get(connection, caller.account_id, domain_id))


@patch("/v1/domains/{domain_id:uuid}", summary="Edit a domain", tags=["domains"], opt={"role": "operator"})
async def edit(
    domain_id: FromPath[UUID],
    data: JSONBody[DomainEdit],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> Tagged[Domain]:
    """Raise its limit, block it, activate it. Messages that wait for capacity get it in the order they came."""
    edited = await edit_domain(
        pool,
        caller.account_id,
        domain_id,
        state=data.status,
        message_limit=data.message_limit,
        if_match=if_match,
    )
    async with pool.acquire() as connection:
        return await _tagged(connection, edited)


@post(
    "/v1/domains/{domain_id:uuid}/check",
    summary="Check a domain",
    tags=["domains"],
    opt={"role": "operator"},
    status_code=200,
)
async def check(
    domain_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    reach: NamedDependency[Reach],
    check_every: NamedDependency[timedelta],
) -> Domain:
    """Whether its name leads here, its certificate is good, and this platform answers there. Takes up to 20 seconds.

    Domains are checked regularly too. A pending domain becomes active when its check passes.
    """
    if not await check_now(pool, reach, caller.account_id, domain_id, check_every):
        raise not_found("domain")
    async with pool.acquire() as connection:
        domain = await domains.get(connection, caller.account_id, domain_id)
        assert domain is not None  # domains are archived, never removed
        return shown(domain, (await health.of(connection, [domain_id])).get(domain_id))


@delete("/v1/domains/{domain_id:uuid}", summary="Archive a domain", tags=["domains"], opt={"role": "operator"})
async def archive(
    domain_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """It serves no new messages; links that were sent keep working. An edit of its status brings it back."""
    if await edit_domain(pool, caller.account_id, domain_id, state="archived", if_match=if_match) is None:
        raise not_found("domain")


@get(
    "/internal/hosts",
    summary="The hosts of an account, for other services",
    include_in_schema=False,
    opt={"role": "viewer"},
)
async def hosts_for_others(caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> dict[str, list[str]]:
    """Of all its domains, archived ones too: links that were sent lead there."""
    async with pool.acquire() as connection:
        return {"hosts": await domains.hosts(connection, caller.account_id)}


def host(text: str, field: str = "host") -> str:
    """The host in its canonical form; a problem that names the fix where it is none."""
    try:
        return host_of(text)
    except HostError as error:
        raise invalid(FieldError(field, error.message, error.fix)) from error


async def _tagged(connection: Connection, domain: domains.Domain | None, status_code: int = 200) -> Tagged[Domain]:
    if domain is None:
        raise not_found("domain")
    known = await health.of(connection, [domain.id])
    return Tagged(shown(domain, known.get(domain.id)), tag(domain), status_code)


ROUTES = [add, list_all, show, edit, check, archive, hosts_for_others]
