"""A piece of a batch comes from link-svc: into the queue, once, at once. No partition waits for a slow sender."""

from dispatch_svc import metrics
from dispatch_svc.store import campaigns, pieces
from volley_chassis.database import Pool
from volley_contracts import LinkedBatch, is_aside


async def take_batch(pool: Pool, batch: LinkedBatch) -> None:
    """A test has no lifecycle: it may be sent as it comes."""
    async with pool.acquire() as connection:
        if await pieces.take(connection, batch):
            metrics.PIECES.inc()
        if is_aside(batch.campaign_id):
            await campaigns.allow_test(connection, batch)
