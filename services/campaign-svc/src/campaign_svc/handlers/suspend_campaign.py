"""The system stops a campaign: the move, and an alert that somebody should look."""

from datetime import datetime
from uuid import UUID

from campaign_svc.config import SERVICE
from campaign_svc.domain.campaign import Campaign
from campaign_svc.handlers.move_campaign import move
from campaign_svc.store import alerts
from volley_chassis import outbox
from volley_chassis.database import Connection
from volley_contracts import AlertRaised

ACTOR = "system"


async def suspend(
    connection: Connection, campaign: Campaign, *, code: str, sentence: str, at: datetime, name: str = "suspend"
) -> Campaign:
    """Suspend a locked campaign and raise an alert for it."""
    moved = await move(connection, campaign, name, actor=ACTOR, at=at, to="suspended", code=code, sentence=sentence)
    alert_id = await alerts.raise_for_campaign(
        connection, campaign.account_id, campaign_id=campaign.id, code=code, sentence=sentence, at=at
    )
    if alert_id:
        await tell_raised(connection, campaign.account_id, alert_id, code, sentence, at, campaign_id=campaign.id)
    return moved


async def tell_raised(
    connection: Connection,
    account_id: UUID,
    alert_id: UUID,
    code: str,
    sentence: str,
    at: datetime,
    *,
    campaign_id: UUID | None = None,
    pool_id: UUID | None = None,
    domain_id: UUID | None = None,
) -> None:
    raised = AlertRaised(
        account_id=account_id,
        alert_id=alert_id,
        code=code,
        sentence=sentence,
        campaign_id=campaign_id,
        pool_id=pool_id,
        domain_id=domain_id,
        at=at,
    )
    await outbox.put(connection, raised, source=SERVICE, id=f"{alert_id}:raised")
