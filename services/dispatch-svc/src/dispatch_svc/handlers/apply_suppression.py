"""Numbers must not be texted any more, or may be again."""

from collections.abc import Sequence

from dispatch_svc.store import suppressions
from volley_chassis.database import Pool
from volley_contracts import SuppressionChanged


async def apply_suppressions(pool: Pool, changes: Sequence[SuppressionChanged]) -> None:
    """One statement, however many: a flood of opt-outs must not queue."""
    newest = {(one.account_id, one.number): one for one in sorted(changes, key=lambda one: one.at)}
    async with pool.acquire() as connection:
        await suppressions.apply(connection, list(newest.values()))
