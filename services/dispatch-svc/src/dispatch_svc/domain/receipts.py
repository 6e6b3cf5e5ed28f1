"""Delivery receipts: what the parts of a message say together, and the events that tell it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from volley_contracts import MessageReceipts, ReceiptStatus


class Final(msgspec.Struct, frozen=True):
    """The last word on one message."""

    campaign_id: UUID
    seq: int
    variant: int
    country: str
    status: ReceiptStatus
    error: str | None
    at: datetime
    short_domain_id: UUID | None = None


def joined(parts: Sequence[Final]) -> Final:
    """A message of several parts is delivered, with its last part, when all are; else the first other word counts."""
    others = [part for part in parts if part.status != "delivered"]
    return min(others, key=_at) if others else max(parts, key=_at)


def _at(part: Final) -> datetime:
    return part.at


def receipt_events(account_id: UUID, finals: Iterable[Final]) -> list[MessageReceipts]:
    """One event a campaign."""
    campaigns: dict[UUID, list[Final]] = {}
    for final in finals:
        campaigns.setdefault(final.campaign_id, []).append(final)
    return [_event(account_id, campaign_id, group) for campaign_id, group in campaigns.items()]


def _event(account_id: UUID, campaign_id: UUID, group: Sequence[Final]) -> MessageReceipts:
    domains = list(dict.fromkeys(one.short_domain_id for one in group if one.short_domain_id))
    places: dict[UUID | None, int] = {domain_id: place for place, domain_id in enumerate(domains)}
    return MessageReceipts(
        account_id=account_id,
        campaign_id=campaign_id,
        seqs=[one.seq for one in group],
        variants=[one.variant for one in group],
        countries=[one.country for one in group],
        statuses=[one.status for one in group],
        errors=[one.error for one in group],
        at=[one.at for one in group],
        short_domains=domains,
        places=[places.get(one.short_domain_id, -1) for one in group],
    )
