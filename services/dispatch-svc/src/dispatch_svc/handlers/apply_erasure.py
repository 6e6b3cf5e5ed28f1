"""A person is to be forgotten: at first nothing more is handed over, in the end the number is taken out."""

from dispatch_svc.store import erasures, suppressions
from volley_chassis.database import Pool
from volley_contracts import ContactErased


async def apply_erasure(pool: Pool, erased: ContactErased) -> None:
    async with pool.acquire() as connection, connection.transaction():
        if not erased.complete:
            await suppressions.change(connection, erased.account_id, [erased.number], suppressed=True, at=erased.at)
            return
        await erasures.clear(connection, erased.account_id, erased.number, erased.at)
        if not erased.suppressed:
            await erasures.let_go(connection, erased.account_id, erased.number, erased.at)
