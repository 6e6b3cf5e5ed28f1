"""What a campaign costs never exceeds its budget, whatever happens to texts, prices and the budget while it is sent."""

from decimal import Decimal
from typing import Any

from dispatch_svc.domain.handover import Handed, Outbound
from volley_contracts import Budget, BudgetReached, MessageOutcomes

PRICE = Decimal("0.01")


def budget(amount: str | None, counted: str = "0") -> Budget:
    return Budget(amount=None if amount is None else Decimal(amount), counted=Decimal(counted))


async def told(queue: Any) -> list[BudgetReached]:
    return [event for event in await queue.events() if isinstance(event, BudgetReached)]


async def cost(queue: Any) -> Decimal:
    found = [event for event in await queue.events() if isinstance(event, MessageOutcomes)]
    return sum((sum(event.costs, Decimal(0)) for event in found), Decimal(0))


async def has_told(queue: Any, times: int = 1) -> bool:
    return len(await told(queue)) >= times


async def test_a_budget_is_used_up_to_the_last_message_and_never_exceeded(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    """Two replicas, some messages that fail and cost nothing, some that are tried again."""
    tried: set[str] = set()

    def answer(message: Outbound) -> Handed:
        seq = int(message.ref.partition(":")[2])
        if seq % 10 == 3:
            return Handed(message.ref, "refused", error="invalid_number")
        if seq % 10 == 5 and message.ref not in tried:
            tried.add(message.ref)
            return Handed(message.ref, "retry", error="throttled")
        return Handed(message.ref, "submitted", [f"id-{message.ref}"])

    provider.answers = answer
    await queue.move("started", budget=budget("5.005"))
    await queue.put(1500, size=100)
    await start_replica("dispatch-0")
    await start_replica("dispatch-1")
    await until(lambda: has_told(queue))
    (event,) = await told(queue)
    assert (event.spent, event.needed) == (Decimal("5.00"), Decimal("5.01"))
    assert await cost(queue) == Decimal("5.00")
    assert set(provider.refs.values()) == {1}
    await queue.move("suspended")
    await queue.move("sending", budget=budget("100"))
    await until(lambda: queue.has_settled(1500))
    assert await cost(queue) == 1350 * PRICE
    assert set(provider.refs.values()) == {1}


async def test_a_dearer_card_and_longer_texts_than_foreseen_are_counted_as_they_are(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started", budget=budget("2.00"))
    await queue.put(400, size=50, pace=100, variants=("Hi {{ name }} " + "x" * 160,))  # two parts each
    replica = await start_replica()
    await until(lambda: provider.has_taken(30))
    await queue.set_prices(GB="0.03")
    replica.means.cards._kept.clear()
    await until(lambda: has_told(queue))
    spent = await cost(queue)
    assert Decimal("1.94") < spent <= Decimal("2.00")
    assert (await told(queue))[0].spent == spent
    assert (await told(queue))[0].needed == spent + Decimal("0.06")


async def test_a_budget_that_is_lowered_or_set_while_it_is_sent_binds_for_what_is_in_the_queue(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started")
    await queue.put(500, size=50, pace=100)
    await start_replica()
    await until(lambda: provider.has_taken(50))
    await queue.move("sending", budget=budget("1.50"))  # before, nobody counted
    await until(lambda: has_told(queue))
    assert await cost(queue) == Decimal("1.50")
    await queue.move("sending", budget=budget("4.00", counted="1.50"))
    await until(lambda: provider.has_taken(200))
    await queue.move("sending", budget=budget("0.50", counted="2.00"))  # less than is spent
    await until(lambda: has_told(queue, 2))
    lowered = await cost(queue)
    assert Decimal("2.00") <= lowered < Decimal("4.00")
    assert (await told(queue))[1].spent == lowered
    await queue.move("sending", budget=budget(None))
    await until(lambda: queue.has_settled(500))
    assert await cost(queue) == 500 * PRICE


async def test_what_is_unknown_is_spent_until_it_is_known(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answers = lambda message: Handed(message.ref, "unknown", error="timeout")
    await queue.move("started", budget=budget("0.20"))
    await queue.put(100, size=50)
    await start_replica()
    await until(lambda: has_told(queue))
    assert (await cost(queue), (await told(queue))[0].spent) == (Decimal(0), Decimal("0.20"))
    assert len(provider.taken) == 20


async def test_a_crash_frees_nothing_that_a_provider_may_have(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answering.clear()
    await queue.move("started", budget=budget("1.00"))
    await queue.put(200, size=40)
    first = await start_replica("dispatch-0")
    await until(lambda: provider.has_taken(40))
    await first.crash()
    provider.answering.set()
    await start_replica("dispatch-1")
    await until(lambda: has_told(queue))
    (event,) = await told(queue)
    assert (event.spent, event.needed) == (Decimal("1.00"), Decimal("1.01"))
    assert 40 <= len(provider.taken) <= 100
    assert set(provider.refs.values()) == {1}
