"""Slices: recipients of a piece that are leased, handed over and settled together, and what settling them means."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec

from dispatch_svc.domain.cost import ZERO
from dispatch_svc.domain.rendering import Piece
from volley_contracts import MessageOutcomes, Outcome

RETRY_ATTEMPTS = 50
RETRY_FOR = timedelta(hours=24)
_LONGEST_WAIT = 300.0
_SHORTEST_WAIT = 1.0


class Slice(msgspec.Struct, frozen=True):
    """Recipients of a piece, by their offsets in it. `attempts` and `tried_since`: how often, and since when, the
    provider said not now to all of them. `avoid`: routes that do not carry them.
    """

    slice_no: int
    campaign_id: UUID
    first_seq: int
    sender_id: UUID
    pace: int
    offsets: list[int]
    attempts: int
    tried_since: datetime | None
    owner_id: int
    avoid: list[UUID] = msgspec.field(default_factory=list)


class Fate(msgspec.Struct):
    """What became of one recipient of a slice. An `outcome` of None puts it back into the queue.

    parts, cost: of the rendered message, whatever became of it. refused_now: the provider said not now; it counts as an
    attempt, and `wait` is in seconds.
    avoid: the route that does not carry it, where another may.
    provider_ids: one a part, where the provider took the message and gives receipts.
    """

    offset: int
    outcome: Outcome | None
    error: str | None = None
    parts: int = 0
    cost: Decimal = ZERO
    route_id: UUID | None = None
    provider_ids: list[str] = msgspec.field(default_factory=list)
    receipts: bool = False
    refused_now: bool = False
    wait: float = 0.0
    avoid: UUID | None = None

    @property
    def billed(self) -> Decimal:
        return self.cost if self.outcome == "submitted" else ZERO

    @property
    def spent(self) -> Decimal:
        """Of a budget: what a provider may have is counted, until it is known."""
        return self.cost if self.outcome in {"submitted", "unknown"} else ZERO

    @property
    def billed_parts(self) -> int:
        return self.parts if self.outcome == "submitted" else 0


class Return(msgspec.Struct, frozen=True):
    """Recipients that go back into the queue. `wait` is in seconds."""

    offsets: list[int]
    attempts: int
    tried_since: datetime | None
    wait: float
    avoid: list[UUID] = msgspec.field(default_factory=list)


def exhausted(fate: Fate, leased: Slice, now: datetime) -> Fate:
    """The fate itself, or failure where the provider said not now too often or for too long."""
    if fate.outcome is not None or not fate.refused_now:
        return fate
    too_long = leased.tried_since is not None and now - leased.tried_since >= RETRY_FOR
    if leased.attempts + 1 < RETRY_ATTEMPTS and not too_long:
        return fate
    return Fate(fate.offset, "failed", "retries_exhausted")


def returns(fates: Iterable[Fate], leased: Slice, now: datetime) -> list[Return]:
    """What goes back into the queue, in groups that wait equally long and avoid the same routes."""
    groups: dict[tuple[bool, float, UUID | None], list[int]] = {}
    for fate in fates:
        if fate.outcome is None:
            groups.setdefault((fate.refused_now, fate.wait, fate.avoid), []).append(fate.offset)
    return [
        Return(
            offsets,
            leased.attempts + refused,
            (leased.tried_since or now) if refused else leased.tried_since,
            backoff(leased.attempts, wait) if refused else wait,
            [*leased.avoid, avoid] if avoid else leased.avoid,
        )
        for (refused, wait, avoid), offsets in groups.items()
    ]


def backoff(attempts: int, asked_for: float) -> float:
    """Seconds until the next attempt: what the provider asked for, at least twice as long each time, at most 5 min."""
    return max(asked_for, min(_LONGEST_WAIT, _SHORTEST_WAIT * 2.0 ** min(attempts, 10)))


def outcome_events(
    piece: Piece, slice_no: int, fates: Iterable[Fate], *, currency: str, at: datetime
) -> Mapping[str, MessageOutcomes]:
    """The events by their id: one a route, as a route says whether it reports delivery."""
    groups: dict[tuple[UUID | None, bool], list[Fate]] = {}
    for fate in fates:
        if fate.outcome is not None:
            groups.setdefault((fate.route_id, fate.receipts), []).append(fate)
    events = {}
    for number, route in enumerate(sorted(groups, key=str)):
        suffix = f":{number}" if number else ""
        event_id = f"{piece.campaign_id}:{piece.batch.first_seq}:{slice_no}{suffix}"
        events[event_id] = _event(piece, groups[route], currency, at)
    return events


def _event(piece: Piece, fates: list[Fate], currency: str, at: datetime) -> MessageOutcomes:
    batch, recipients = piece.batch, piece.batch.recipients
    return MessageOutcomes(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        batch_no=batch.batch_no,
        sender_id=batch.sender.id,
        route_id=fates[0].route_id,
        short_domain_id=batch.short.domain_id if batch.short else None,
        optout_domain_id=batch.optout.domain_id if batch.optout else None,
        currency=currency,
        seqs=[batch.first_seq + fate.offset for fate in fates],
        outcomes=[fate.outcome for fate in fates if fate.outcome],
        variants=[recipients.variants[fate.offset] for fate in fates],
        countries=[recipients.countries[fate.offset] for fate in fates],
        parts=[fate.billed_parts for fate in fates],
        costs=[fate.billed for fate in fates],
        errors=[fate.error for fate in fates],
        receipts=fates[0].receipts,
        at=at,
    )
