"""Takes out what is kept of a person who is erased: their target URLs then lead where fallbacks lead."""

from link_svc.store import ranges
from volley_chassis.database import Pool
from volley_contracts import ContactErased


async def forget_contact(pool: Pool, erased: ContactErased) -> None:
    """Once it is complete; links go on working."""
    if erased.complete:
        async with pool.acquire() as connection:
            await ranges.forget_values(connection, erased.account_id, erased.number, erased.at)
