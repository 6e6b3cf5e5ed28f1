"""Gives capacity back for messages that were not sent."""

from collections import Counter
from uuid import UUID

from link_svc.store import domains
from volley_chassis import inbox
from volley_chassis.database import Pool
from volley_contracts import NOT_SENT, MessageOutcomes


async def give_back(pool: Pool, event_id: str, outcomes: MessageOutcomes) -> int:
    """Give back what the event's unsent messages took of their domains, once an event. Gives how many messages."""
    unsent = sum(outcome in NOT_SENT for outcome in outcomes.outcomes)
    counts: Counter[UUID] = Counter()
    for domain_id in (outcomes.short_domain_id, outcomes.optout_domain_id):
        if domain_id is not None and unsent:
            counts[domain_id] += unsent
    if not counts:
        return 0
    async with pool.acquire() as connection, connection.transaction():
        if not await inbox.first_time(connection, "give_back", event_id):
            return 0
        await domains.give_back(connection, outcomes.account_id, counts)
        await domains.tell_capacity(connection)
    return unsent
