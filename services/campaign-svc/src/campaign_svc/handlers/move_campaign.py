"""Every move of a campaign goes through `move`; the moves that persons make by themselves stand below it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.domain import lifecycle
from campaign_svc.domain.campaign import Campaign, NoSuchCampaignError
from campaign_svc.metrics import MOVES
from campaign_svc.store import alerts, campaigns, progress
from campaign_svc.store.campaigns import HistoryEntry
from volley_chassis import etags, outbox
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller
from volley_contracts import AlertResolved, Budget, CampaignMoved, Status, now


async def move(
    connection: Connection,
    campaign: Campaign,
    name: str,
    *,
    actor: str,
    at: datetime,
    to: Status | None = None,
    code: str | None = None,
    sentence: str | None = None,
) -> Campaign:
    """Make the move: the row, its history, the event and the workers' bell, all in the caller's transaction.

    The row is locked. It may have been waited for: the move is of now, not of when it was asked for, unless `at` is
    later. Raises IllegalMoveError, CauseHoldsError.
    """
    moved = lifecycle.move(campaign, name, at=max(at, now()), to=to, code=code, sentence=sentence)
    at = moved.updated_at
    entry = HistoryEntry(moved.version, name, campaign.status, moved.status, actor, code, sentence, at)
    event = CampaignMoved(
        account_id=campaign.account_id,
        campaign_id=campaign.id,
        campaign_name=campaign.name,
        move=name,
        status_from=campaign.status,
        status_to=moved.status,
        version=moved.version,
        actor=actor,
        code=code,
        sentence=sentence,
        at=at,
        recipients=campaign.recipients,
        content_hash=campaign.content_hash,
        content_version=campaign.content_version,
        budget=await _budget(connection, campaign),
        tags=campaign.tags,
    )
    await campaigns.save(connection, moved)
    await campaigns.add_history(connection, campaign.id, entry)
    await outbox.put(connection, event, source=SERVICE, id=f"{campaign.id}:{moved.version}")
    if campaign.status == "suspended" != moved.status:
        over = await alerts.resolve_campaign(connection, campaign.id, at)
        await tell_resolved(connection, campaign.account_id, over, at)
    await campaigns.wake(connection)
    MOVES.labels(name, moved.status).inc()
    return moved


async def _budget(connection: Connection, campaign: Campaign) -> Budget:
    if campaign.budget_amount is None:
        return Budget()
    total = await progress.of_one(connection, campaign.id)
    return Budget(amount=campaign.budget_amount, counted=total.cost)


async def tell_resolved(connection: Connection, account_id: UUID, alert_ids: Sequence[UUID], at: datetime) -> None:
    for alert_id in alert_ids:
        resolved = AlertResolved(account_id=account_id, alert_id=alert_id, at=at)
        await outbox.put(connection, resolved, source=SERVICE, id=f"{alert_id}:resolved")


async def lock(connection: Connection, account_id: UUID, campaign_id: UUID) -> Campaign:
    """The campaign, locked until the transaction ends. Raises NoSuchCampaignError."""
    campaign = await campaigns.lock(connection, account_id, campaign_id)
    if campaign is None:
        raise NoSuchCampaignError
    return campaign


async def move_by_person(
    pool: Pool, caller: Caller, campaign_id: UUID, name: str, *, at: datetime, sentence: str | None = None
) -> Campaign:
    """Start, pause or abort: moves that need nothing but the table's consent. `sentence` says why, in their words."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        return await move(connection, campaign, name, actor=caller.actor, at=at, sentence=sentence)


async def delete_campaign(pool: Pool, caller: Caller, campaign_id: UUID, if_match: str | None, *, at: datetime) -> None:
    """Abort it first if it is active. What was sent and what it cost stays. Raises NoSuchCampaignError, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await lock(connection, caller.account_id, campaign_id)
        etags.check(if_match, str(campaign.revision))
        if campaign.status in lifecycle.ACTIVE:
            campaign = await move(connection, campaign, "abort", actor=caller.actor, at=at, sentence="Deleted.")
        await move(connection, campaign, "delete", actor=caller.actor, at=at)
