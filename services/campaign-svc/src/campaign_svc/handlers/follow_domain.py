"""A domain in use does not lead to the platform any more, or does again: an alert comes and goes.

Nothing is suspended: the domain may fail for some visitors or for minutes, and only a person can say what to do about
links that were sent.
"""

from datetime import datetime

from campaign_svc.handlers.move_campaign import tell_resolved
from campaign_svc.handlers.suspend_campaign import tell_raised
from campaign_svc.store import alerts
from volley_chassis import inbox
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import DomainHealth

CONSUMER = "link.domains"
CODE = "domain_failing"


async def follow_domain(pool: Pool, received: Received[DomainHealth], *, at: datetime) -> None:
    """At most one alert a domain is open."""
    event = received.data
    account_id, domain_id = event.account_id, event.domain_id
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, CONSUMER, received.id):
            return
        if event.problem is None:
            over = await alerts.resolve_domain(connection, account_id, domain_id, at)
            await tell_resolved(connection, account_id, over, at)
            return
        alert_id = await alerts.raise_for_domain(
            connection, account_id, domain_id=domain_id, code=CODE, sentence=event.problem, at=at
        )
        if alert_id:
            await tell_raised(connection, account_id, alert_id, CODE, event.problem, at, domain_id=domain_id)
