"""A number must not be texted any more, or may be again."""

from dispatch_svc.store import suppressions
from volley_chassis.database import Pool
from volley_contracts import SuppressionChanged


async def apply_suppression(pool: Pool, change: SuppressionChanged) -> None:
    async with pool.acquire() as connection:
        await suppressions.change(
            connection, change.account_id, [change.number], suppressed=change.suppressed, at=change.at
        )
