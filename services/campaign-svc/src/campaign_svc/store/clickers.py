"""Which recipients opened their short URL as people do."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from volley_chassis.database import Connection, Pool, queries

SQL = queries("campaign_svc.store", "clickers.sql")


async def add(pool: Pool, campaign_id: UUID, seqs: Sequence[int], at: Sequence[datetime], rules: int) -> None:
    """Keep the first click of each recipient; `seqs` and `at` are columns, `rules` the version that judged them."""
    await pool.execute(SQL["add"], campaign_id, seqs, at, rules)


async def correct(
    pool: Pool, campaign_id: UUID, seqs: Sequence[int], at: Sequence[datetime | None], rules: int
) -> None:
    """As `add`, by clicks that were judged again; None: none of the recipient's clicks is a person's."""
    await pool.execute(SQL["correct"], campaign_id, seqs, at, rules)


async def put_into_segment(connection: Connection, account_id: UUID, campaign_id: UUID, segment_id: UUID) -> None:
    await connection.execute(SQL["into_segment"], account_id, campaign_id, segment_id)
