"""Which pace a sender has when it is edited while its pieces wait with another one."""

import time
from typing import Any
from uuid import UUID

from dispatch_svc.domain.slices import Return, Slice
from dispatch_svc.handlers.apply_pace import apply_pace
from dispatch_svc.handlers.take_batch import take_batch
from dispatch_svc.store import senders, slices
from volley_contracts import SenderChanged, new_id, now
from volley_tools.pytest_stack import Until

BINDS = 1.0
"""Seconds after an edit from which no second is fuller than the new pace."""


def _edited(queue: Any, pace: int, version: int) -> SenderChanged:
    return SenderChanged(
        account_id=queue.account_id,
        sender_id=queue.account_id,
        address="VOLLEY",
        kind="alphanumeric",
        parts_per_second=pace,
        countries=None,
        version=version,
        at=now(),
    )


async def _edit(queue: Any, pace: int, version: int) -> None:
    await apply_pace(queue.pool, _edited(queue, pace, version))
    await apply_pace(queue.pool, _edited(queue, pace, version))


async def _pace(queue: Any, sender: UUID | None = None) -> int | None:
    async with queue.pool.acquire() as connection:
        sender_id = sender or queue.account_id
        return (await senders.paces(connection, [sender_id])).get(sender_id)


async def test_the_newest_edit_counts_whatever_comes_later(queue: Any) -> None:
    await take_batch(queue.pool, queue.batch(0, 10, pace=1000))
    assert await _pace(queue) == 1000
    await _edit(queue, 10, 2)
    await _edit(queue, 500, 1)
    await take_batch(queue.pool, queue.batch(10, 10, pace=1000))
    assert await _pace(queue) == 10
    await take_batch(queue.pool, queue.batch(20, 10, pace=2000, pace_version=3))
    assert await _pace(queue) == 2000
    await take_batch(queue.pool, queue.batch(10, 10, pace=1000))
    await take_batch(queue.pool, queue.batch(20, 10, pace=2000, pace_version=3))
    assert await _pace(queue) == 2000


async def test_of_a_sender_that_an_older_release_took_work_for_the_newest_piece_counts(queue: Any) -> None:
    await take_batch(queue.pool, queue.batch(0, 10, pace=1000))
    await take_batch(queue.pool, queue.batch(10, 10, pace=20))
    await queue.pool.execute("DELETE FROM senders")
    assert await _pace(queue) == 20
    assert await _pace(queue, new_id()) is None


async def test_a_slower_pace_binds_for_what_is_on_its_way(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.put(4000, pace=4000)
    await queue.move("started")
    await start_replica()
    await until(lambda: provider.has_taken(500))
    await _edit(queue, 40, 1)
    binds = time.monotonic() + BINDS

    async def some_came_since() -> bool:
        return sum(at >= binds for at, _, _ in provider.taken) > 60

    await until(some_came_since)
    times = [at for at, _, _ in provider.taken if at >= binds]
    assert not [first for first, over in zip(times, times[40:], strict=False) if over < first + 1.0]
    assert set(provider.refs.values()) == {1}


async def test_a_faster_pace_binds_for_what_waits(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    """At the old pace it would take three minutes."""
    await queue.put(200, pace=1)
    await queue.move("started")
    await start_replica()
    await until(lambda: provider.has_taken(1))
    await _edit(queue, 1000, 1)
    await until(lambda: queue.has_settled(200))
    assert set(provider.refs.values()) == {1}


async def test_what_comes_back_of_older_pieces_goes_by_the_newest_pace(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.put(200, pace=1)
    await queue.pool.execute("UPDATE pieces SET next_offset = size")
    await queue.move("started")
    leased = Slice(0, queue.campaign_id, 0, queue.account_id, 1, list(range(200)), 0, None, 0)
    async with queue.pool.acquire() as connection:
        await slices.put_back(connection, leased, [Return(leased.offsets, 0, None, 0.0)])
    await _edit(queue, 1000, 1)
    await start_replica()
    await until(lambda: queue.has_settled(200))
