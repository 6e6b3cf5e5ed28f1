"""Remembers which recipients clicked. Clicks by machines are left out."""

from campaign_svc.store import clickers
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import ClickersRecounted, Clicks


async def record_clicks(pool: Pool, received: Received[Clicks]) -> None:
    """A click that comes again changes nothing."""
    clicks = received.data
    rows = zip(clicks.seqs, clicks.at, clicks.reasons, strict=True)
    people = [(seq, at) for seq, at, reason in rows if reason is None]
    if people:
        await clickers.add(pool, clicks.campaign_id, [seq for seq, _ in people], [at for _, at in people], clicks.rules)


async def correct_clickers(pool: Pool, received: Received[ClickersRecounted]) -> None:
    """Kept clicks were judged by newer rules. Idempotent; a click that those rules judged meanwhile stands."""
    recount = received.data
    await clickers.correct(pool, recount.campaign_id, recount.seqs, recount.clicked_at, recount.rules)
