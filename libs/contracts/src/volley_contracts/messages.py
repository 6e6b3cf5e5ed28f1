"""Events of dispatch-svc: outcomes of hand-over, delivery receipts, inbound messages."""

from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

import msgspec

from volley_contracts.events import Event, event
from volley_contracts.topics import MESSAGE_INBOUND, MESSAGE_OUTCOMES, MESSAGE_RECEIPTS, ROUTE_HEALTH

Outcome = Literal["submitted", "failed", "unknown", "suppressed", "cancelled"]
"""What became of a recipient's message. Every recipient gets exactly one, but *unknown* may be revised later.

submitted   accepted by a provider
failed      refused by every route for good; `errors` says why
unknown     a crash fell between hand-over and record, and the provider cannot be asked; a receipt may settle it
suppressed  the number must not be texted (opted out after the audience was taken)
cancelled   the campaign was aborted before the message was handed over
"""
NOT_SENT: frozenset[Outcome] = frozenset({"failed", "suppressed", "cancelled"})
"""Outcomes that give reserved domain capacity back."""


@event("volley.message.outcomes.v1", MESSAGE_OUTCOMES)
class MessageOutcomes(Event, frozen=True, kw_only=True):
    """The outcomes of some recipients of one linked batch. Columns, one entry a recipient; a recipient stands in one
    such event only.

    `costs` are exact amounts in `currency`, zero where nothing was submitted; `parts` are billed parts.
    `receipts` says whether the route reports delivery: the click rate is over delivered messages where it does.
    """

    campaign_id: UUID
    batch_no: int
    sender_id: UUID
    route_id: UUID | None = None
    short_domain_id: UUID | None = None
    optout_domain_id: UUID | None = None
    currency: str
    seqs: list[int]
    outcomes: list[Outcome]
    variants: list[int]
    countries: list[str]
    parts: list[int]
    costs: list[Decimal]
    errors: list[str | None]
    receipts: bool = False
    at: datetime


@event("volley.message.outcomes_revised.v1", MESSAGE_OUTCOMES)
class MessageOutcomesRevised(MessageOutcomes, frozen=True, kw_only=True):
    """Messages that were *unknown* and are now known (`outcomes`). Columns as in `MessageOutcomes`."""


@event("volley.message.budget_reached.v1", MESSAGE_OUTCOMES)
class BudgetReached(Event, frozen=True, kw_only=True):
    """The rest of a campaign's budget pays for none of the messages that are next, and nothing is on its way whose
    failure would give some of it back.

    `spent` is what its messages cost, those that are unknown among them; with `needed` as its budget the next one can
    be sent. Exact amounts, in the currency of the account's rate card.
    """

    campaign_id: UUID
    spent: Decimal
    needed: Decimal
    at: datetime


ReceiptStatus = Literal["delivered", "undelivered", "expired", "rejected"]


@event("volley.message.receipts.v1", MESSAGE_RECEIPTS)
class MessageReceipts(Event, frozen=True, kw_only=True):
    """Final delivery receipts. Columns, one entry a message; a message stands in one such event only.

    A message of several parts is delivered when all of its parts are. `places` says whose domain its short URL has, by
    the place in `short_domains`, -1 where it has none or it is not known; records of older releases have neither.
    """

    campaign_id: UUID
    seqs: list[int]
    variants: list[int]
    countries: list[str]
    statuses: list[ReceiptStatus]
    errors: list[str | None]
    at: list[datetime]
    short_domains: list[UUID] = msgspec.field(default_factory=list)
    places: list[int] = msgspec.field(default_factory=list)


@event("volley.message.inbound.v1", MESSAGE_INBOUND)
class InboundMessage(Event, frozen=True, kw_only=True):
    """A message from a person. `keyword` is set where the whole text is one of the known words (STOP, HELP, START).

    `language` (ISO 639) is that of the word, None where there is no keyword, or people of many languages use it.
    """

    message_id: UUID
    from_number: str
    to_address: str
    text: str
    keyword: Literal["stop", "help", "start"] | None = None
    language: str | None = None
    at: datetime


@event("volley.route.health.v1", ROUTE_HEALTH)
class RouteHealth(Event, frozen=True, kw_only=True):
    """Where messages of the account can go at present: the countries that a working route serves, None: all.

    A route that fails is told of when it has failed for a while (a minute); one that works again at once.
    """

    reachable: tuple[str, ...] | None
    at: datetime
