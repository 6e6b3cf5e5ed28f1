"""Asks dispatch-svc where the account can send, and for how much."""

from decimal import Decimal
from uuid import UUID

import msgspec

from campaign_svc.clients import internal
from campaign_svc.clients.internal import Peers


class Coverage(msgspec.Struct, frozen=True):
    """Prices per part by country in `currency`; `routable` None means wherever there is a price."""

    currency: str
    prices: dict[str, Decimal]
    routable: list[str] | None = None

    @property
    def countries(self) -> list[str]:
        """Where a message can go and what it costs is known."""
        return sorted(self.prices if self.routable is None else self.prices.keys() & set(self.routable))


_decoder = msgspec.json.Decoder(Coverage)


async def coverage(peers: Peers, account_id: UUID) -> Coverage | None:
    """None if the account has no rate card or no route. Raises UnavailableError."""
    body = await internal.get(peers.session, f"{peers.dispatch_url}/internal/coverage", account_id)
    return None if body is None else internal.decoded(_decoder, body)
