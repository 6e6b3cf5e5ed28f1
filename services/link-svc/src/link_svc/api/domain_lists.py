"""Lists of domains that campaigns name instead of pools, as campaign-svc asks for them."""

from collections.abc import Sequence
from uuid import UUID

from litestar import put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from link_svc.api.hosts import HostError, host_of
from link_svc.api.schemas import DomainList, HostProblem, ListedDomains
from link_svc.domain.allotment import Kind
from link_svc.handlers.list_domains import list_domains
from link_svc.store import domains
from volley_chassis.database import Pool
from volley_chassis.http import Caller


@put("/internal/campaigns/{campaign_id:uuid}/pools/{purpose:str}", include_in_schema=False, opt={"role": "operator"})
async def put_list(
    campaign_id: FromPath[UUID],
    purpose: FromPath[Kind],
    data: JSONBody[DomainList],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> ListedDomains:
    """The campaign's own pool becomes what the hosts say."""
    hosts, problems = _read(data.hosts)
    if problems:
        return ListedDomains(None, [], problems)
    pool_id = await list_domains(pool, caller.account_id, campaign_id, name=data.name, purpose=purpose, hosts=hosts)
    if pool_id is None:
        async with pool.acquire() as connection:
            known = await domains.of_hosts(connection, caller.account_id, hosts)
        fix = "add it with POST /v1/domains, or leave it out"
        problems = [
            HostProblem(index, f"{host} is no domain of yours, or archived", fix)
            for index, host in enumerate(hosts)
            if host not in known
        ]
    return ListedDomains(pool_id, hosts, problems)


def _read(texts: Sequence[str]) -> tuple[list[str], list[HostProblem]]:
    hosts: list[str] = []
    problems: list[HostProblem] = []
    for index, text in enumerate(texts):
        try:
            host = host_of(text)
        except HostError as error:
            problems.append(HostProblem(index, error.message, error.fix))
            continue
        if host in hosts:
            problems.append(HostProblem(index, f"{host} is named twice", "name it once"))
        hosts.append(host)
    return hosts, problems


ROUTES = [put_list]
