"""What passes between the pacer and a route's client: messages out, what became of them, receipts and replies back."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

import msgspec

HandoverResult = Literal["submitted", "refused", "retry", "unknown", "not_sent"]


ROUTE_REFUSALS = frozenset(
    {
        "ESME_RINVSRCADR",
        "ESME_RINVSRCTON",
        "ESME_RINVSRCNPI",
        "ESME_RINVDSTTON",
        "ESME_RINVDSTNPI",
        "ESME_RINVSERTYP",
        "ESME_RSUBMITFAIL",
        "sender_not_allowed",
        "country_not_served",
    }
)
"""Errors by which a provider refuses a message for what it may carry, not for what it is: another route may take it."""


class Outbound(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rendered message, ready to be written to a provider.

    ref: "{campaign_id}:{seq}", the client reference and idempotency key.
    to: E.164 with "+". sender, sender_kind: the address as the account wrote it, and what it is: "alphanumeric",
        "long_number" or "short_code".
    parts: the payload of each part, without its concatenation header. data_coding: 0 (GSM-7, one septet an octet) or
        8 (UCS-2, big endian).
    text: the whole text, for providers that split it themselves.
    valid_for: seconds for which the provider may try to deliver it; None: as long as it does by itself.
    due: `time.monotonic()` at which the first part may go; part_due: the times of the further parts (len(parts) - 1).
    """

    ref: str
    to: str
    sender: str
    sender_kind: str
    parts: list[bytes]
    data_coding: int
    text: str
    due: float
    part_due: list[float] = msgspec.field(default_factory=list)
    valid_for: int | None = None


class Handed(msgspec.Struct, frozen=True, gc=False):
    """What became of one message.

    submitted: every part was taken, provider_ids has one id a part. refused: for good, `error` says why.
    retry: the provider said not now (throttled, queue full) and surely did not take it; retry_after in seconds.
    unknown: the provider may have it. not_sent: it never left (stopped, or unbound before it was written).
    """

    ref: str
    result: HandoverResult
    provider_ids: list[str] = msgspec.field(default_factory=list)
    error: str | None = None
    retry_after: float = 0.0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """A provider's word on one part. to, from_: as on the submitted message, so that `to` is the recipient. at: the
    provider's time (UTC).
    """

    provider_id: str
    ref: str | None
    to: str
    from_: str
    status: Literal["delivered", "undelivered", "expired", "rejected"]
    error: str | None
    at: datetime


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """A message from a phone. from_: E.164 with "+", or a short code or a name (`addresses.written`); to: our address;
    provider_key: the same for every delivery of one message.
    """

    from_: str
    to: str
    text: str
    at: datetime
    provider_key: str


MaySend = Callable[[], bool]
"""Asked before every write; False means that nothing more of this hand-over may leave."""

OnReceipts = Callable[[UUID, UUID, list[Receipt]], Awaitable[None]]
OnInbound = Callable[[UUID, UUID, list[Inbound]], Awaitable[None]]
"""Called with the account and the route. When they return, what they were given is committed and may be acknowledged
to the provider; when they raise, it is not."""


class Client(Protocol):
    """A route that is open: SMPP or HTTP."""

    route_id: UUID
    account_id: UUID

    @property
    def healthy(self) -> bool:
        """Whether messages can be handed over now."""

    @property
    def gives_receipts(self) -> bool: ...

    @property
    def can_be_asked(self) -> bool:
        """Whether `find` gives an answer that is worth something."""

    async def hand_over(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        """Write each message when it is due and give what became of all, in any order. Never raises for a provider's
        or the network's failure. `may_send()` is asked before every write; after False the rest is not_sent.
        """

    async def find(self, ref: str) -> Handed | None:
        """What the provider knows of a message (result submitted or refused), or None: it never took it.

        Raises OSError or TimeoutError where it does not answer.
        """


class Routes(Protocol):
    """The open routes of all accounts (`clients.routes`)."""

    def choose(self, account_id: UUID, country: str, but: Collection[UUID] = ()) -> Client | None:
        """The healthy route of the account, but those, that serves the country and comes first by priority."""

    def get(self, route_id: UUID) -> Client | None:
        """An open route by id, healthy or not."""
