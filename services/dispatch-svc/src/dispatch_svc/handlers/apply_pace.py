"""A sender ID was edited: its pace binds within milliseconds, in every replica."""

from dispatch_svc.store import senders
from volley_chassis.database import Pool
from volley_contracts import SenderChanged


async def apply_pace(pool: Pool, changed: SenderChanged) -> None:
    async with pool.acquire() as connection:
        await senders.learn(connection, changed.sender_id, pace=changed.parts_per_second, version=changed.version)
