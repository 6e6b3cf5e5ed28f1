"""Judging kept clicks again by today's rules, and correcting every figure that rests on them.

A transaction takes some clicks that older rules judged and adds the differences: at any moment the figures are those of
the clicks as they are judged. So it may be stopped, started again and run twice at once, while clicks keep coming.
"""

from datetime import datetime
from uuid import UUID

import msgspec
import structlog

from stats_svc.config import SERVICE
from stats_svc.domain.recount import Counted, KeptClick, judged, of_recount
from stats_svc.domain.tally import FirstClick
from stats_svc.store import campaigns, clicks, figures, recounts
from volley_chassis import outbox
from volley_chassis.database import Connection, Pool
from volley_contracts import BotReason, ClickersRecounted, now
from volley_visitors import RULES

log = structlog.get_logger()
CLICKS_AT_ONCE = 2000


class UnknownCampaignError(Exception):
    """No event has ever named the campaign."""


class Recount(msgspec.Struct, frozen=True):
    """Clicks that were judged again, how many of them otherwise than before, and what became of the clickers."""

    judged: int = 0
    changed: int = 0
    gained: int = 0
    lost: int = 0

    def plus(self, other: "Recount") -> "Recount":
        return Recount(
            self.judged + other.judged,
            self.changed + other.changed,
            self.gained + other.gained,
            self.lost + other.lost,
        )


async def recount_all(pool: Pool, at_once: int = CLICKS_AT_ONCE) -> Recount:
    """Recount every campaign."""
    whole, campaign_id = Recount(), await recounts.next_campaign(pool, None)
    while campaign_id is not None:
        whole = whole.plus(await recount_campaign(pool, campaign_id, at_once))
        campaign_id = await recounts.next_campaign(pool, campaign_id)
    return whole


async def recount_campaign(pool: Pool, campaign_id: UUID, at_once: int = CLICKS_AT_ONCE) -> Recount:
    """Judge again what older rules judged, `at_once` clicks a transaction. Raises UnknownCampaignError."""
    whole, seq = Recount(), 0
    async with pool.acquire() as connection:
        account_id = await recounts.account_of(connection, campaign_id)
        if account_id is None:
            raise UnknownCampaignError(f"no campaign {campaign_id} has figures here")
        while True:
            async with connection.transaction():
                part, seq = await _recount_some(connection, account_id, campaign_id, seq, at_once)
            if not part.judged:
                break
            whole = whole.plus(part)
    if whole.judged:
        log.info("clicks judged again", campaign_id=str(campaign_id), rules=RULES, **msgspec.to_builtins(whole))
    return whole


async def _recount_some(
    connection: Connection, account_id: UUID, campaign_id: UUID, seq: int, at_once: int
) -> tuple[Recount, int]:
    """What was done, and the recipient to go on with."""
    await recounts.lock(connection, campaign_id)
    places, kept = await recounts.take(connection, campaign_id, seq, RULES, at_once)
    if not kept:
        return Recount(), seq
    reasons = judged(kept)
    await recounts.judge(connection, places, reasons, RULES)
    gained, lost = await _correct_clickers(connection, account_id, campaign_id, kept)
    tally = of_recount(kept, reasons, gained, lost)
    if tally.figures:
        await campaigns.note_change(connection, campaign_id, account_id)
        await figures.add(connection, campaign_id, account_id, tally)
    return Recount(len(kept), _changed(kept, reasons), len(gained), len(lost)), kept[-1].seq


def _changed(kept: list[KeptClick], reasons: list[BotReason | None]) -> int:
    return sum(click.reason != reason for click, reason in zip(kept, reasons, strict=True))


async def _correct_clickers(
    connection: Connection, account_id: UUID, campaign_id: UUID, kept: list[KeptClick]
) -> tuple[dict[int, FirstClick], dict[int, Counted]]:
    """Who became a clicker and who ceased to be one; other services are told of everybody who was or is."""
    people = await recounts.people(connection, campaign_id, {click.seq for click in kept})
    no_more = {click.seq for click in kept if click.reason is None} - people.keys()
    gained = await clicks.add_clickers(connection, campaign_id, people)
    lost = await recounts.remove_clickers(connection, campaign_id, no_more)
    no_more -= await recounts.settled(connection, campaign_id, no_more)
    first: dict[int, datetime | None] = {seq: one.at for seq, one in people.items()} | dict.fromkeys(no_more)
    if first:
        seqs = sorted(first)
        event = ClickersRecounted(
            account_id=account_id,
            campaign_id=campaign_id,
            seqs=seqs,
            clicked_at=[first[seq] for seq in seqs],
            rules=RULES,
            at=now(),
        )
        await outbox.put(connection, event, source=SERVICE)
    return gained, lost
