"""Nobody is sent to twice and nobody is lost, whatever dies, stops, or is taken for dead."""

from typing import Any

from dispatch_svc.domain.slices import Fate
from dispatch_svc.store import owners, slices
from volley_tools.pytest_stack import Until

SUBMITTED: list[tuple[str, str | None]] = [("submitted", None)]


def every(count: int, told: list[tuple[str, str | None]]) -> dict[int, list[tuple[str, str | None]]]:
    """The same was told of every recipient."""
    return {seq: told for seq in range(count)}  # noqa: C420 - a list that nobody changes


async def _lose_ownership(queue: Any) -> None:
    """The sessions that hold owners' locks end, as when the network or the database fails."""
    await queue.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = 73061"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )


async def test_what_a_dead_process_may_have_sent_is_unknown(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answering.clear()
    await queue.move("started")
    await queue.put(40, pace=40)
    first = await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(5))
    await first.crash()
    provider.answering.set()
    maybe = {int(ref.partition(":")[2]) for ref in provider.refs}
    await start_replica("dispatch-1")
    await until(lambda: queue.has_settled(40))
    outcomes = await queue.outcomes()
    assert set(provider.refs.values()) == {1}
    unknown = {seq for seq, told in outcomes.items() if told == [("unknown", "process_died")]}
    assert maybe <= unknown
    assert {seq: told for seq, told in outcomes.items() if seq not in unknown} == {
        seq: SUBMITTED for seq in range(40) if seq not in unknown
    }


async def test_a_provider_that_can_be_asked_leaves_nothing_unknown(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.can_be_asked = True
    provider.answering.clear()
    await queue.move("started")
    await queue.put(40, pace=40)
    first = await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(5))
    await first.crash()
    provider.answering.set()
    await start_replica("dispatch-1")
    await until(lambda: queue.has_settled(40))
    assert await queue.outcomes() == every(40, SUBMITTED)
    assert provider.refs == dict.fromkeys(provider.refs, 1)
    assert len(provider.refs) == 40


async def test_a_live_owner_is_not_taken_for_dead(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    """Its slices are on their way for long; another process looks on and leaves them alone."""
    provider.answering.clear()
    await queue.move("started")
    await queue.put(30, pace=1_000_000)
    await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(30))
    other = await start_replica("dispatch-1")
    await until(other.has_looked)
    assert not await queue.outcomes()
    provider.answering.set()
    await until(lambda: queue.has_settled(30))
    assert await queue.outcomes() == every(30, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_losing_the_lock_stops_sending_and_nothing_is_doubled(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.can_be_asked = True
    await queue.move("started")
    await queue.put(200, pace=200)
    await start_replica("dispatch-0")
    await start_replica("dispatch-1")
    for taken in (20, 60, 120):
        await until(lambda taken=taken: provider.has_taken(taken))
        await _lose_ownership(queue)
    await until(lambda: queue.has_settled(200))
    assert await queue.outcomes() == every(200, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_a_process_that_stops_leaves_nothing_in_doubt(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.latency = 0.05
    await queue.move("started")
    await queue.put(100, pace=40)
    first = await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(10))
    await first.stop()
    assert await queue.stands_still()
    settled = await queue.outcomes()
    assert {int(ref.partition(":")[2]) for ref in provider.refs} == set(settled)
    assert len(settled) < 100
    await start_replica("dispatch-1")
    await until(lambda: queue.has_settled(100))
    assert await queue.outcomes() == every(100, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_late_answers_of_a_process_taken_for_dead_change_nothing(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answering.clear()
    await queue.move("started")
    await queue.put(10, pace=1_000_000)
    await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(10))
    await _lose_ownership(queue)
    await start_replica("dispatch-1")
    await until(lambda: queue.has_settled(10))
    provider.answering.set()
    await until(queue.stands_still)
    assert await queue.outcomes() == every(10, [("unknown", "process_died")])
    assert set(provider.refs.values()) == {1}


async def test_a_number_that_postgres_forgot_and_gave_again_names_another_slice(queue: Any) -> None:
    """Leases do not wait for the disk. After a crash a process may hold a number that is another's."""
    await queue.move("started")
    await queue.put(20)
    async with queue.pool.acquire() as connection:
        before, since = [await owners.register(connection, name) for name in ("before", "since")]
        forgotten = await slices.lease_fresh(connection, queue.account_id, queue.campaign_id, 10, before)
        assert forgotten is not None
        await connection.execute("UPDATE slices SET owner_id = $1", since)
        args = (queue.account_id, [], {}, queue.batch(0, 1).content.hash)
        assert await slices.mark_sending(connection, forgotten, *args) is None
        assert not await slices.settle(connection, forgotten, [Fate(offset, None) for offset in forgotten.offsets])
        assert await connection.fetchval("SELECT state FROM slices") == "leased"
