"""Messages leave only while it is a good time for their people; what comes too late waits for the next one."""

from datetime import timedelta
from typing import Any

from dispatch_svc.store import pieces, slices
from volley_contracts import Stretch, now
from volley_tools.pytest_stack import Until

HOUR = timedelta(hours=1)


def around(*hours: int) -> tuple[Stretch, ...]:
    """Stretches of an hour that begin so many hours from now."""
    return tuple(Stretch(opens=now() + n * HOUR, closes=now() + (n + 1) * HOUR) for n in hours)


async def test_what_comes_at_a_bad_time_waits_for_a_good_one(
    queue: Any, provider: Any, start_replica: Any, until: Until, pool: Any
) -> None:
    await queue.move("started")
    await queue.put(50, sendable=(Stretch(opens=now() - HOUR, closes=now() + HOUR), *around(24)))
    late = queue.batch(50, 30, sendable=around(-5, 20))
    async with pool.acquire() as connection:
        for _ in range(2):
            await pieces.take(connection, late)
    await start_replica()
    await until(lambda: queue.has_settled(50))
    assert {ref.partition(":")[2] for ref in provider.refs} == {str(seq) for seq in range(50)}
    async with pool.acquire() as connection:
        assert [work for work in await pieces.work(connection) if work.campaign_id == queue.campaign_id] == []
    await pool.execute(
        "UPDATE pieces SET sendable = sendable + tstzmultirange(tstzrange(now(), NULL)) WHERE first_seq = 50"
        " AND campaign_id = $1",
        queue.campaign_id,
    )
    await until(lambda: queue.has_settled(80))
    assert set(provider.refs.values()) == {1}


async def test_what_is_tried_again_waits_too(queue: Any, pool: Any) -> None:
    await queue.move("started")
    async with pool.acquire() as connection:
        await pieces.take(connection, queue.batch(0, 10, sendable=around(2)))
        owner = await connection.fetchval("INSERT INTO owners (instance) VALUES ('one') RETURNING owner_id")
        await connection.execute("UPDATE pieces SET next_offset = size WHERE campaign_id = $1", queue.campaign_id)
        await connection.execute(
            "INSERT INTO returned (campaign_id, first_seq, sender_id, pace, offsets, attempts, not_before)"
            " VALUES ($1, 0, $2, 100, '{0,1,2}', 1, now() - interval '1 second')",
            queue.campaign_id,
            queue.account_id,
        )
        assert await pieces.work(connection, [queue.account_id]) == []
        assert await slices.lease_returned(connection, queue.account_id, queue.campaign_id, 5, owner) is None
        await connection.execute("UPDATE pieces SET sendable = NULL WHERE campaign_id = $1", queue.campaign_id)
        assert len(await pieces.work(connection, [queue.account_id])) == 1
        leased = await slices.lease_returned(connection, queue.account_id, queue.campaign_id, 5, owner)
        assert leased is not None
        assert list(leased.offsets) == [0, 1, 2]
