"""What other campaigns of the account will do while one is sent: they share its sender, or domains of its pools."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.clients import link
from campaign_svc.clients.internal import Peers
from campaign_svc.domain import waves
from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.capacity import PoolState
from campaign_svc.domain.finish import Load
from campaign_svc.domain.forecast import Other, load_of
from campaign_svc.store import campaigns, groups
from volley_chassis.database import Connection


async def others_of(
    connection: Connection, peers: Peers, campaign: Campaign, pools: Sequence[PoolState], at: datetime
) -> list[Other]:
    """Those that are sending, and those that are scheduled. Raises UnavailableError."""
    known: dict[UUID, PoolState | None] = {pool.id: pool for pool in pools}
    found = []
    for other, pace in await campaigns.under_way(connection, campaign.account_id, campaign.id):
        for pool_id in other.pools if pools else ():
            if pool_id not in known:
                known[pool_id] = await link.pool(peers, campaign.account_id, pool_id)
        states = tuple(state for pool_id in other.pools if (state := known.get(pool_id)))
        found.append(
            Other(
                load=await _load(connection, other, at),
                sender_id=None if other.sender_id == campaign.sender_id else other.sender_id,
                parts_per_second=pace,
                messages=(other.recipients or 0) - other.next_seq,
                pools=states,
            )
        )
    return found


async def _load(connection: Connection, other: Campaign, at: datetime) -> Load:
    return load_of(
        (other.recipients or 0) - other.next_seq,
        other.typical_parts,
        cap=other.max_parts_per_second,
        hours=other.hours,
        groups=await groups.of_campaign(connection, other.id),
        halts=waves.halts(
            other.planned_waves, other.wave, recipients=other.recipients or 0, sent_at=other.wave_sent_at, at=at
        ),
        begins=other.start_at if other.status == "scheduled" else None,
    )
