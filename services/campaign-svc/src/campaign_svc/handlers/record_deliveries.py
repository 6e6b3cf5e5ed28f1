"""Remembers which recipients got their message, as receipts say: segments are made of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from campaign_svc.store import deliveries
from volley_chassis.database import Pool
from volley_chassis.kafka import Received
from volley_contracts import MessageReceipts, is_aside


async def record_deliveries(pool: Pool, received: Sequence[Received[MessageReceipts]]) -> None:
    """Idempotent by event."""
    await deliveries.add(pool, list(_rows(received)))


def _rows(received: Sequence[Received[MessageReceipts]]) -> Iterator[tuple[UUID, str, list[int], list[datetime]]]:
    """Those that were delivered, of campaigns: tests and answers are nobody's segment."""
    for one in received:
        event = one.data
        rows = zip(event.seqs, event.at, event.statuses, strict=True)
        reached = [(seq, at) for seq, at, status in rows if status == "delivered"]
        if reached and not is_aside(event.campaign_id):
            yield event.campaign_id, one.id, [seq for seq, _ in reached], [at for _, at in reached]
