"""Which recipients a provider says to have reached."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from volley_chassis.database import Pool, queries

SQL = queries("campaign_svc.store", "deliveries.sql")


async def add(pool: Pool, rows: Iterable[tuple[UUID, str, Sequence[int], Sequence[datetime]]]) -> None:
    """Rows of (campaign, event, seqs, times). An event that comes again changes nothing."""
    await pool.executemany(SQL["add"], rows)
