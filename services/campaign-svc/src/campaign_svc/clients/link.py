"""Asks link-svc about domain pools and domains."""

from collections.abc import Sequence
from uuid import UUID

import msgspec

from campaign_svc.clients import internal
from campaign_svc.clients.internal import Peers
from campaign_svc.domain.capacity import PoolState

_decoder = msgspec.json.Decoder(PoolState)


class _Hosts(msgspec.Struct):
    hosts: list[str]


_hosts = msgspec.json.Decoder(_Hosts)


async def pool(peers: Peers, account_id: UUID, pool_id: UUID) -> PoolState | None:
    """The pool's capacity and a sample of its URLs; None if the account has no such pool. Raises UnavailableError."""
    body = await internal.get(peers.session, f"{peers.link_url}/internal/pools/{pool_id}", account_id)
    return None if body is None else internal.decoded(_decoder, body)


class HostProblem(msgspec.Struct, frozen=True):
    """What is wrong with one of the hosts, and the fix."""

    index: int
    message: str
    fix: str


class ListedDomains(msgspec.Struct, frozen=True):
    """The pool that holds the list, and the hosts in their canonical form; None where there are problems."""

    pool_id: UUID | None
    hosts: list[str]
    problems: list[HostProblem]


_listed = msgspec.json.Decoder(ListedDomains)


async def list_domains(
    peers: Peers, account_id: UUID, campaign_id: UUID, *, purpose: str, name: str, hosts: Sequence[str]
) -> ListedDomains:
    """Make the campaign's own pool what the hosts say. Raises UnavailableError."""
    url = f"{peers.link_url}/internal/campaigns/{campaign_id}/pools/{purpose}"
    body = await internal.put(peers.session, url, account_id, {"name": name, "hosts": hosts})
    return internal.decoded(_listed, body)


async def hosts(peers: Peers, account_id: UUID) -> list[str]:
    """The hosts of the account's domains. Raises UnavailableError."""
    body = await internal.get(peers.session, f"{peers.link_url}/internal/hosts", account_id)
    return [] if body is None else internal.decoded(_hosts, body).hosts
