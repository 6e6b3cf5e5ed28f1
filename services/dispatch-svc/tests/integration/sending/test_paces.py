"""Which pace a sender has while its pieces carry several."""

from typing import Any

from dispatch_svc.domain.slices import Return, Slice
from dispatch_svc.handlers.take_batch import take_batch
from dispatch_svc.store import pieces, slices


async def _pace(queue: Any) -> int:
    async with queue.pool.acquire() as connection:
        (work,) = await pieces.work(connection)
    return work.pace


async def _come_back(queue: Any, *, pace: int) -> None:
    """What was leased of the first piece goes back into the queue."""
    leased = Slice(0, queue.campaign_id, 0, queue.account_id, pace, [0, 1], 0, None, 0)
    async with queue.pool.acquire() as connection:
        await slices.put_back(connection, leased, [Return([0, 1], 0, None, 0.0)])


async def _lease_all(queue: Any) -> None:
    await queue.pool.execute("UPDATE pieces SET next_offset = size")


async def test_a_sender_that_was_slowed_down_is_slow_at_once(queue: Any) -> None:
    await queue.move("started")
    await take_batch(queue.pool, queue.batch(0, 10, pace=1000))
    await take_batch(queue.pool, queue.batch(10, 10, pace=10))
    assert await _pace(queue) == 10


async def test_it_stays_slow_when_older_pieces_come_back(queue: Any) -> None:
    await queue.move("started")
    await take_batch(queue.pool, queue.batch(0, 10, pace=1000))
    await take_batch(queue.pool, queue.batch(10, 10, pace=10))
    await _lease_all(queue)
    await _come_back(queue, pace=1000)
    assert await _pace(queue) == 10


async def test_a_sender_that_may_be_faster_is_once_the_slow_pieces_are_gone(queue: Any) -> None:
    await queue.move("started")
    await take_batch(queue.pool, queue.batch(0, 10, pace=10))
    await take_batch(queue.pool, queue.batch(10, 10, pace=1000))
    assert await _pace(queue) == 10
    await queue.pool.execute("UPDATE pieces SET next_offset = size WHERE first_seq = 0")
    assert await _pace(queue) == 1000
