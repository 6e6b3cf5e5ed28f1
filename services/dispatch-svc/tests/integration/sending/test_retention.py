"""What ended long ago goes; what may still be sent is known however long it waits, so that nobody is sent to twice."""

from datetime import timedelta
from typing import Any

from dispatch_svc.handlers.take_batch import take_batch
from dispatch_svc.store.pieces import forget_values
from dispatch_svc.store.retention import rules
from volley_chassis.retention import remove_old
from volley_contracts import new_aside_id, now


async def later(queue: Any, settings: Any, days: float) -> None:
    async with queue.pool.acquire() as connection:
        await forget_values(connection)
    for rule in rules(settings):
        await remove_old(queue.pool, rule, at=now() + timedelta(days=days), rows=2)


async def left(queue: Any, table: str, column: str = "campaign_id") -> int:
    return int(await queue.pool.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1", queue.campaign_id))


async def test_a_piece_that_comes_again_after_a_long_pause_is_sent_to_nobody(
    queue: Any, settings: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(10, size=5)
    await start_replica()
    await until(lambda: queue.has_settled(10))
    await queue.move("paused")
    await later(queue, settings, 700)
    assert (await left(queue, "pieces"), await left(queue, "slices")) == (2, 0)
    await queue.move("sending")
    await queue.put(15, size=5)
    await until(lambda: queue.has_settled(15))
    assert set(provider.refs.values()) == {1}


async def test_what_ended_goes_table_by_table(
    queue: Any, settings: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(10, size=5)
    answer = queue.sibling()
    answer.campaign_id = new_aside_id()
    await take_batch(queue.pool, answer.batch(0, 1))
    await start_replica()
    await until(lambda: queue.has_settled(10))
    await until(lambda: answer.has_settled(1))
    events = await queue.events()
    await queue.move("finished")
    for days, expected in (
        (7.9, {"pieces": (2, 1), "slices": (2, 1), "campaigns": (1, 1), "message_parts": (10, 1)}),
        (8.1, {"pieces": (0, 0), "slices": (2, 1), "campaigns": (1, 1), "message_parts": (0, 0)}),
        (60.1, {"pieces": (0, 0), "slices": (2, 1), "campaigns": (0, 0)}),
        (90.1, {"slices": (0, 0)}),
    ):
        await later(queue, settings, days)
        found = {table: (await left(queue, table), await left(answer, table)) for table in expected}
        assert found == expected, days
    assert await queue.events() == events  # what was told of outcomes and cost
