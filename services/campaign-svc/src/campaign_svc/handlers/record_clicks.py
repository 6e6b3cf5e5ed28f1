"""Remembers which recipients clicked. Clicks by machines are left out."""

from campaign_svc.store import clickers
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import ClickersRecounted, Clicks, DomainClicks, by_campaign


async def record_clicks(pool: Pool, received: Received[DomainClicks | Clicks]) -> None:
    """A click that comes again changes nothing."""
    event = received.data
    for clicks in [event] if isinstance(event, Clicks) else by_campaign(event):
        rows = zip(clicks.seqs, clicks.at, clicks.reasons, strict=True)
        people = [(seq, at) for seq, at, reason in rows if reason is None]
        if people:
            seqs, times = map(list, zip(*people, strict=True))
            await clickers.add(pool, clicks.campaign_id, seqs, times, clicks.rules)


async def correct_clickers(pool: Pool, received: Received[ClickersRecounted]) -> None:
    """Kept clicks were judged by newer rules. Idempotent; a click that those rules judged meanwhile stands."""
    recount = received.data
    await clickers.correct(pool, recount.campaign_id, recount.seqs, recount.clicked_at, recount.rules)
