"""Remembers which recipients clicked. Clicks by machines are left out."""

from campaign_svc.store import clickers
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import Clicks


async def record_clicks(pool: Pool, received: Received[Clicks]) -> None:
    """A click that comes again changes nothing."""
    clicks = received.data
    rows = zip(clicks.seqs, clicks.at, clicks.reasons, strict=True)
    people = [(seq, at) for seq, at, reason in rows if reason is None]
    if people:
        await clickers.add(pool, clicks.campaign_id, [seq for seq, _ in people], [at for _, at in people])
