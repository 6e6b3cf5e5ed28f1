"""Schedules that are due: started, or suspended if they are too late."""

from datetime import datetime, timedelta

from campaign_svc.handlers.move_campaign import move
from campaign_svc.handlers.suspend_campaign import ACTOR, suspend
from campaign_svc.store import campaigns
from volley_chassis.database import Pool


async def start_next_due(pool: Pool, *, at: datetime) -> bool:
    """Start one campaign whose time has come; whether there was one."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.next_due(connection, at)
        if campaign is None:
            return False
        assert campaign.start_at is not None
        late = at - campaign.start_at
        if late > timedelta(seconds=campaign.lateness_limit_s):
            sentence = (
                f"The start at {campaign.start_at:%Y-%m-%d %H:%M} UTC was missed by more than "
                f"{campaign.lateness_limit_s // 60} minutes. Resume to send now, or abort."
            )
            await suspend(
                connection, campaign, code="missed_schedule", sentence=sentence, at=at, name="missed_schedule"
            )
        else:
            await move(connection, campaign, "start", actor=ACTOR, at=at)
        return True
