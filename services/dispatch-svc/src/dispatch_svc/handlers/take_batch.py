"""A piece of a batch comes from link-svc: into the queue, once, at once. No partition waits for a slow sender."""

from dispatch_svc import metrics
from dispatch_svc.store import campaigns, pieces, senders
from volley_chassis.database import Pool
from volley_contracts import LinkedBatch, is_aside


async def take_batch(pool: Pool, batch: LinkedBatch) -> bool:
    """Whether it is in the queue as it came: anew, or with texts that passed later.

    A test has no lifecycle: it may be sent as it comes.
    """
    async with pool.acquire() as connection:
        sender = batch.sender
        await senders.learn(connection, sender.id, pace=sender.parts_per_second, version=sender.version)
        taken = await pieces.take(connection, batch)
        if is_aside(batch.campaign_id):
            await campaigns.allow_test(connection, batch)
    metrics.PIECES.inc(taken == "new")
    return taken is not None
