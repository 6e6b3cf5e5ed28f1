"""Messages that a provider may have, and the news that it has them."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from volley_contracts import MessageOutcomesRevised


class Unknown(msgspec.Struct, frozen=True):
    """Everything that the revision of its outcome needs. `cost` is in `currency`, of all `parts`."""

    campaign_id: UUID
    seq: int
    account_id: UUID
    route_id: UUID
    number: str
    sender: str
    batch_no: int
    sender_id: UUID
    short_domain_id: UUID | None
    optout_domain_id: UUID | None
    variant: int
    country: str
    parts: int
    currency: str
    cost: Decimal


def revised_events(settled: Iterable[Unknown], at: datetime) -> list[MessageOutcomesRevised]:
    """The provider took these: one event for those that share a batch, a route and domains."""
    groups: dict[tuple[object, ...], list[Unknown]] = {}
    for one in settled:
        key = (one.campaign_id, one.batch_no, one.route_id, one.short_domain_id, one.optout_domain_id, one.currency)
        groups.setdefault(key, []).append(one)
    return [_event(group, at) for group in groups.values()]


def _event(group: list[Unknown], at: datetime) -> MessageOutcomesRevised:
    first = group[0]
    return MessageOutcomesRevised(
        account_id=first.account_id,
        campaign_id=first.campaign_id,
        batch_no=first.batch_no,
        sender_id=first.sender_id,
        route_id=first.route_id,
        short_domain_id=first.short_domain_id,
        optout_domain_id=first.optout_domain_id,
        currency=first.currency,
        seqs=[one.seq for one in group],
        outcomes=["submitted"] * len(group),
        variants=[one.variant for one in group],
        countries=[one.country for one in group],
        parts=[one.parts for one in group],
        costs=[one.cost for one in group],
        errors=[None] * len(group),
        receipts=True,
        at=at,
    )
