"""Every recipient of every piece gets exactly one outcome, whatever comes in between."""

from typing import Any

from dispatch_svc.domain.handover import Handed, Outbound
from dispatch_svc.store import suppressions
from volley_contracts import MessageOutcomes, now
from volley_tools.pytest_stack import Until

SUBMITTED: list[tuple[str, str | None]] = [("submitted", None)]


def every(count: int, told: list[tuple[str, str | None]]) -> dict[int, list[tuple[str, str | None]]]:
    """The same was told of every recipient."""
    return {seq: told for seq in range(count)}  # noqa: C420 - a list that nobody changes


def seq_of(message: Outbound) -> int:
    return int(message.ref.partition(":")[2])


async def test_every_recipient_is_sent_to_once(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    await queue.move("started")
    await queue.put(1200)
    await start_replica()
    await until(lambda: queue.has_settled(1200))
    assert await queue.outcomes() == every(1200, SUBMITTED)
    assert set(provider.refs.values()) == {1}
    assert {message.text for _, _, message in provider.taken} == {f"Hi N{seq}" for seq in range(1200)}


async def test_two_replicas_share_the_work_and_nobody_is_sent_to_twice(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(3000, pace=1_000_000)
    await start_replica("dispatch-0")
    await start_replica("dispatch-1")
    await until(lambda: queue.has_settled(3000))
    assert await queue.outcomes() == every(3000, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_a_paused_campaign_stands_still_and_goes_on_where_it_stopped(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(150, pace=40)
    await start_replica()
    await until(lambda: provider.has_taken(20))
    await queue.move("paused")
    await until(queue.stands_still)
    assert len(provider.taken) < 150
    taken = set(provider.refs)
    settled = await queue.outcomes()
    assert {ref.partition(":")[2] for ref in taken} == {str(seq) for seq in settled}
    await queue.move("sending")
    await until(lambda: queue.has_settled(150))
    assert await queue.outcomes() == every(150, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_nothing_is_sent_before_the_status_is_known(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    other = queue.sibling()
    await queue.put(10)
    await start_replica()
    await other.move("started")
    await other.put(10)
    await until(lambda: other.has_settled(10))
    assert not await queue.outcomes()
    await queue.move("started")
    await until(lambda: queue.has_settled(10))
    assert set(provider.refs.values()) == {1}


async def test_an_aborted_campaign_cancels_what_was_not_sent(
    queue: Any, provider: Any, start_replica: Any, until: Until, cancelling: None
) -> None:
    await queue.move("started")
    await queue.put(400, size=100, pace=100)
    await start_replica()
    await until(lambda: provider.has_taken(20))
    await queue.move("aborted")
    await until(lambda: queue.has_settled(400))
    outcomes = await queue.outcomes()
    sent = {int(ref.partition(":")[2]) for ref in provider.refs}
    assert outcomes == {seq: SUBMITTED if seq in sent else [("cancelled", None)] for seq in range(400)}


async def test_pieces_that_come_after_the_abort_are_cancelled(queue: Any, until: Until, cancelling: None) -> None:
    await queue.move("started")
    await queue.move("deleted")
    await queue.put(700)
    await until(lambda: queue.has_settled(700))
    assert await queue.outcomes() == every(700, [("cancelled", None)])


async def test_campaigns_of_one_sender_share_it(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    other = queue.sibling()
    for one in (queue, other):
        await one.move("started")
        await one.put(400, pace=400, sender=queue.account_id)
    await start_replica()
    await until(lambda: provider.has_taken(400))
    first = [ref.partition(":")[0] for _, ref, _ in provider.taken[:400]]
    assert 100 <= first.count(str(queue.campaign_id)) <= 300


async def test_a_slow_sender_does_not_delay_another(
    queue: Any, provider: Any, start_replica: Any, until: Until
) -> None:
    slow = queue.sibling()
    await slow.move("started")
    await slow.put(60, pace=1, sender=slow.campaign_id)
    await queue.move("started")
    await queue.put(2000)
    await start_replica()
    await until(lambda: queue.has_settled(2000))
    assert await slow.settled() < 60


async def test_refusals_are_failures_and_not_now_is_tried_again(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    throttled: set[str] = set()

    def answer(message: Outbound) -> Handed:
        seq = int(message.ref.partition(":")[2])
        if seq == 1:
            return Handed(message.ref, "refused", error="invalid_number")
        if seq == 2 and message.ref not in throttled:
            throttled.add(message.ref)
            return Handed(message.ref, "retry", error="throttled")
        return Handed(message.ref, "submitted", [f"id-{message.ref}"])

    provider.answers = answer
    await queue.move("started")
    await queue.put(5)
    await start_replica()
    await until(lambda: queue.has_settled(5))
    assert await queue.outcomes() == every(5, SUBMITTED) | {1: [("failed", "invalid_number")]}
    assert throttled


async def test_what_a_route_does_not_carry_goes_by_the_next(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    def answer(message: Outbound) -> Handed:
        error = {1: "sender_not_allowed", 2: "invalid_number", 3: "sender_not_allowed"}.get(seq_of(message))
        return Handed(message.ref, "refused", error=error) if error else Handed(message.ref, "submitted", ["a"])

    def second_answer(message: Outbound) -> Handed:
        if seq_of(message) == 3:
            return Handed(message.ref, "refused", error="sender_not_allowed")
        return Handed(message.ref, "submitted", ["b"])

    provider.answers = answer
    provider.second = type(provider)()
    provider.second.answers = second_answer
    await queue.move("started")
    await queue.put(5)
    await start_replica()
    await until(lambda: queue.has_settled(5))
    failed = {2: [("failed", "invalid_number")], 3: [("failed", "sender_not_allowed")]}
    assert await queue.outcomes() == every(5, SUBMITTED) | failed
    assert [seq_of(message) for _, _, message in provider.second.taken] == [1]
    routes = {seq: event.route_id for event in await queue.events() for seq in event.seqs}
    assert (routes[0], routes[1], routes[3]) == (
        provider.route_id,
        provider.second.route_id,
        provider.second.route_id,
    )


async def test_without_a_healthy_route_it_waits(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    provider.healthy = False
    await queue.move("started")
    await queue.put(5)
    await start_replica()
    await until(queue.has_returned)
    assert not await queue.outcomes()
    provider.healthy = True
    await until(lambda: queue.has_settled(5))
    assert await queue.outcomes() == every(5, SUBMITTED)


async def test_suppressed_numbers_are_left_out(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    async with queue.pool.acquire() as connection:
        await suppressions.change(connection, queue.account_id, ["+447700000003"], suppressed=True, at=now())
    await queue.move("started")
    await queue.put(5)
    await start_replica()
    await until(lambda: queue.has_settled(5))
    assert await queue.outcomes() == every(5, SUBMITTED) | {3: [("suppressed", None)]}
    assert len(provider.taken) == 4


async def test_who_is_suppressed_while_a_message_misses_its_slots_is_left_out(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    missed: set[str] = set()

    def answer(message: Outbound) -> Handed:
        if message.ref in missed:
            return Handed(message.ref, "submitted", [f"id-{message.ref}"])
        missed.add(message.ref)
        return Handed(message.ref, "not_sent")

    async def all_missed() -> bool:
        return len(missed) == 5

    provider.answers = answer
    provider.answering.clear()
    await queue.move("started")
    await queue.put(5)
    await start_replica()
    await until(all_missed)
    async with queue.pool.acquire() as connection:
        await suppressions.change(connection, queue.account_id, ["+447700000003"], suppressed=True, at=now())
    provider.answering.set()
    await until(lambda: queue.has_settled(5))
    assert await queue.outcomes() == every(5, SUBMITTED) | {3: [("suppressed", None)]}
    assert len(provider.taken) == 4


async def test_a_text_that_was_not_approved_is_not_sent(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(3, hash="0" * 64)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert await queue.outcomes() == every(3, [("failed", "content_changed")])
    assert not provider.taken


async def test_a_country_without_a_price_fails(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    await queue.move("started")
    await queue.put(3, country="FR")
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert await queue.outcomes() == every(3, [("failed", "no_price")])
    assert not provider.taken


async def test_outcomes_carry_parts_and_exact_costs(queue: Any, start_replica: Any, until: Until) -> None:
    await queue.move("started")
    await queue.put(2, variants=("x" * 161,), country="US")
    await start_replica()
    await until(lambda: queue.has_settled(2))
    (event,) = await queue.events()
    assert isinstance(event, MessageOutcomes)
    assert (event.parts, [str(cost) for cost in event.costs], event.currency) == ([2, 2], ["0.0158", "0.0158"], "EUR")
