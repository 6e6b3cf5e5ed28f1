"""A small campaign as events, each of which the tests deliver twice."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from volley_chassis.kafka import Received
from volley_contracts import (
    BotReason,
    CampaignMoved,
    Clicks,
    Event,
    MessageOutcomes,
    MessageOutcomesRevised,
    MessageReceipts,
    OptedOut,
    Replied,
    SuppressionChanged,
    SuppressionReason,
    declaration_of,
    new_id,
    now,
)

AT = datetime(2026, 5, 1, 12, 30, tzinfo=UTC)
VARIANTS = (0, 0, 1, 1, 0, 1)
COUNTRIES = ("DE", "US", "US", "US", "DE", "DE")


def received(event: Event, id_: str | None = None) -> Received[Any]:
    return Received(id_ or str(new_id()), declaration_of(type(event)).name, "/test", now(), event)


class Story:
    """Six recipients: two delivered, one undelivered, one failed, one suppressed, one unknown and then submitted.

    Recipient 0 clicks twice, a scanner opens the link of recipient 1, recipient 1 opts out twice on the page,
    and recipient 2 by STOP and then on the page; recipient 1 is allowed again. Recipient 0 writes back.
    """

    def __init__(self, account_id: UUID | None = None) -> None:
        self.account_id, self.campaign_id = account_id or new_id(), new_id()
        self.short, self.optout = new_id(), new_id()
        self.whose = {"account_id": self.account_id, "campaign_id": self.campaign_id}

    def moved(self, version: int = 1, status: Any = "started", tags: tuple[str, ...] | None = None) -> CampaignMoved:
        return CampaignMoved(
            **self.whose,
            campaign_name="May",
            move="launch",
            status_from="ready",
            status_to=status,
            version=version,
            actor="a",
            at=AT,
            recipients=6,
            tags=tags,
        )

    def outcomes(self) -> MessageOutcomes:
        return MessageOutcomes(
            **self.whose,
            batch_no=0,
            sender_id=new_id(),
            short_domain_id=self.short,
            optout_domain_id=self.optout,
            currency="EUR",
            seqs=[0, 1, 2, 3, 4, 5],
            outcomes=["submitted", "submitted", "submitted", "failed", "suppressed", "unknown"],
            variants=list(VARIANTS),
            countries=list(COUNTRIES),
            parts=[1, 2, 1, 0, 0, 0],
            costs=[Decimal("0.071"), Decimal("0.0158"), Decimal("0.0079"), Decimal(0), Decimal(0), Decimal(0)],
            errors=[None, None, None, "invalid_number", None, None],
            receipts=True,
            at=AT,
        )

    def revised(self) -> MessageOutcomesRevised:
        return MessageOutcomesRevised(
            **self.whose,
            batch_no=0,
            sender_id=new_id(),
            short_domain_id=self.short,
            optout_domain_id=self.optout,
            currency="EUR",
            seqs=[5],
            outcomes=["submitted"],
            variants=[1],
            countries=["DE"],
            parts=[1],
            costs=[Decimal("0.071")],
            errors=[None],
            receipts=True,
            at=AT + timedelta(minutes=2),
        )

    def receipts(self) -> MessageReceipts:
        return MessageReceipts(
            **self.whose,
            seqs=[0, 1, 2],
            variants=[0, 0, 1],
            countries=["DE", "US", "US"],
            statuses=["delivered", "delivered", "undelivered"],
            errors=[None, None, "absent"],
            at=[AT, AT + timedelta(minutes=1), AT],
            short_domains=[self.short],
            places=[0, 0, 0],
        )

    def clicks(self, seqs: tuple[int, ...] = (0, 0, 1)) -> Clicks:
        return Clicks(
            **self.whose,
            domain_id=self.short,
            seqs=list(seqs),
            variants=[0] * len(seqs),
            at=[AT + timedelta(minutes=1)] * len(seqs),
            reasons=["scanner" if seq == 1 else None for seq in seqs],
            user_agents=["phone\0"] * len(seqs),
            countries=[COUNTRIES[seq] for seq in seqs],
        )

    def visits(self, agents: Sequence[tuple[int, str, BotReason | None]], rules: int = 0) -> Clicks:
        """Clicks by recipient, user agent and reason, each a minute after the one before it."""
        return Clicks(
            **self.whose,
            domain_id=self.short,
            seqs=[seq for seq, _, _ in agents],
            variants=[VARIANTS[seq] for seq, _, _ in agents],
            at=[AT + timedelta(minutes=minute) for minute in range(len(agents))],
            reasons=[reason for _, _, reason in agents],
            user_agents=[agent for _, agent, _ in agents],
            countries=[COUNTRIES[seq] for seq, _, _ in agents],
            rules=rules,
        )

    def opted_out(self, seq: int = 1) -> OptedOut:
        return OptedOut(**self.whose, seq=seq, variant=VARIANTS[seq], domain_id=self.optout, at=AT)

    def suppressed(
        self, seq: int | None = 1, reason: SuppressionReason = "optout_page", *, suppressed: bool = True
    ) -> SuppressionChanged:
        """Without `seq`: as when nobody knows what the person reacted to."""
        return SuppressionChanged(
            account_id=self.account_id,
            number="+12025550143",
            suppressed=suppressed,
            reason=reason,
            campaign_id=None if seq is None else self.campaign_id,
            seq=seq,
            variant=None if seq is None else VARIANTS[seq],
            country=None if seq is None else COUNTRIES[seq],
            at=AT,
        )

    def replied(self, seq: int, keyword: Any = None) -> Replied:
        return Replied(
            **self.whose,
            message_id=new_id(),
            seq=seq,
            variant=VARIANTS[seq],
            country=COUNTRIES[seq],
            keyword=keyword,
            at=AT,
        )

    def optouts(self) -> list[Event]:
        """Presses and replies, and what campaign-svc makes of them."""
        return [
            self.opted_out(1),
            self.opted_out(1),
            self.opted_out(2),
            self.suppressed(1),
            self.suppressed(1, "start_keyword", suppressed=False),
            self.suppressed(1),
            self.suppressed(2, "stop_keyword"),
            self.suppressed(None, "manual"),
        ]
