"""Asks link-svc about domain pools and domains."""

from uuid import UUID

import msgspec

from campaign_svc.clients import internal
from campaign_svc.clients.internal import Peers
from campaign_svc.domain.forecast import PoolState

_decoder = msgspec.json.Decoder(PoolState)


class _Hosts(msgspec.Struct):
    hosts: list[str]


_hosts = msgspec.json.Decoder(_Hosts)


async def pool(peers: Peers, account_id: UUID, pool_id: UUID) -> PoolState | None:
    """The pool's capacity and a sample of its URLs; None if the account has no such pool. Raises UnavailableError."""
    body = await internal.get(peers.session, f"{peers.link_url}/internal/pools/{pool_id}", account_id)
    return None if body is None else internal.decoded(_decoder, body)


async def hosts(peers: Peers, account_id: UUID) -> list[str]:
    """The hosts of the account's domains. Raises UnavailableError."""
    body = await internal.get(peers.session, f"{peers.link_url}/internal/hosts", account_id)
    return [] if body is None else internal.decoded(_hosts, body).hosts
