"""The last word on each message, once, whatever order and however often a provider tells it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch_svc.domain.handover import Handed, Receipt
from dispatch_svc.handlers.match_parked import match_some
from dispatch_svc.handlers.record_receipts import match, record_receipts
from dispatch_svc.store import messages
from volley_contracts import Event, MessageOutcomesRevised, MessageReceipts, new_id
from volley_tools.pytest_stack import Until

AT = datetime(2026, 1, 1, tzinfo=UTC)
Record = Callable[..., Any]


@pytest.fixture
def record(queue: Any, provider: Any) -> Record:
    """Every receipt comes twice."""

    async def record(*receipts: Receipt) -> None:
        for _ in range(2):
            await record_receipts(queue.pool, queue.account_id, provider.route_id, receipts)

    return record


def receipt(provider_id: str, status: Any = "delivered", **more: Any) -> Receipt:
    return Receipt(
        provider_id=provider_id,
        ref=more.get("ref"),
        to=more.get("to", "+447799999999"),
        from_=more.get("from_", "VOLLEY"),
        status=status,
        error=more.get("error"),
        at=more.get("at", AT),
    )


async def told(queue: Any, kind: type[Event]) -> list[tuple[int, str]]:
    """(seq, status or outcome) in events of the kind."""
    pairs: list[tuple[int, str]] = []
    for event in await queue.events():
        if type(event) is MessageReceipts is kind:
            pairs += zip(event.seqs, event.statuses, strict=True)
        if type(event) is MessageOutcomesRevised is kind:
            pairs += zip(event.seqs, event.outcomes, strict=True)
    return pairs


async def send(queue: Any, start_replica: Any, until: Until, count: int, **more: Any) -> None:
    await queue.move("started")
    await queue.put(count, **more)
    await start_replica()
    await until(lambda: queue.has_settled(count))


async def test_receipts_are_told_once(queue: Any, start_replica: Any, until: Until, record: Record) -> None:
    await send(queue, start_replica, until, 3)
    ids = [f"id-{queue.campaign_id}:{seq}" for seq in range(3)]
    await record(receipt(ids[0]), receipt(ids[1], "undelivered", error="absent"))
    await record(receipt(ids[2]), receipt(ids[2]))
    assert not await queue.pool.fetchval("SELECT count(*) FROM parked_receipts")
    await record(receipt(ids[0], "expired"))
    assert await told(queue, MessageReceipts) == [(0, "delivered"), (1, "undelivered"), (2, "delivered")]


async def test_a_receipt_before_the_settlement_waits_for_it(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    await record(receipt(f"id-{queue.campaign_id}:0"))
    assert not await told(queue, MessageReceipts)
    await send(queue, start_replica, until, 1)

    async def matched() -> bool:
        await match_some(queue.pool)
        return await told(queue, MessageReceipts) == [(0, "delivered")]

    await until(matched)


async def test_a_provider_may_count_its_ids_anew(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    """The receipt is early, and its id was that of an older message."""
    provider.answers = lambda m: Handed(m.ref, "submitted", [m.ref.partition(":")[2]])
    await send(queue, start_replica, until, 1)
    await record(receipt("0"))
    await record(receipt("0", "undelivered", at=AT + timedelta(hours=1)))
    again = queue.sibling()
    await again.move("started")
    await again.put(1)
    await until(lambda: again.has_settled(1))

    async def matched() -> bool:
        await match_some(queue.pool)
        return await told(queue, MessageReceipts) == [(0, "delivered"), (0, "undelivered")]

    await until(matched)


async def test_a_long_message_is_delivered_when_all_of_its_parts_are(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    provider.answers = lambda m: Handed(m.ref, "submitted", [f"{m.ref}-{part}" for part in range(len(m.parts))])
    await send(queue, start_replica, until, 2, variants=("x" * 400,))
    prefix = f"{queue.campaign_id}:"
    await record(receipt(f"{prefix}0-2"), receipt(f"{prefix}0-0"), receipt(f"{prefix}1-0"))
    assert not await told(queue, MessageReceipts)
    await record(receipt(f"{prefix}1-1", "expired"))
    await record(receipt(f"{prefix}0-1"), receipt(f"{prefix}1-2"))
    assert sorted(await told(queue, MessageReceipts)) == [(0, "delivered"), (1, "expired")]


async def test_receipts_by_a_new_route_are_not_held_against_all_of_its_parts(queue: Any, provider: Any) -> None:
    """New since the last ANALYZE: the planner expects one part of it, and none without a status."""
    ids = [f"id-{number}" for number in range(300)]
    for route_id in (new_id(), new_id(), new_id(), provider.route_id):
        await queue.pool.execute("UPDATE message_parts SET status = 'delivered'")
        await queue.pool.execute("ANALYZE message_parts")
        await queue.pool.execute(
            "INSERT INTO message_parts (route_id, provider_id, campaign_id, seq, variant, country, part_count)"
            " SELECT $1, unnest($2::text[]), $3, 0, 0, 'US', 1",
            route_id,
            ids,
            queue.campaign_id,
        )
    columns = (ids, ["delivered"] * 300, [None] * 300, [AT] * 300)
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {messages.SQL['finish_parts']}"
    plan = (await queue.pool.fetchval(explain, provider.route_id, *columns))[0]["Plan"]
    assert thrown_away(plan) < 10 * 300


def thrown_away(node: dict[str, Any]) -> int:
    """Pairs of rows that were put together and did not fit, in all of the plan."""
    own = node.get("Rows Removed by Join Filter", 0) + node.get("Rows Removed by Filter", 0)
    return int(own * node["Actual Loops"]) + sum(map(thrown_away, node.get("Plans", [])))


async def test_many_long_messages_take_as_many_statements_as_one(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answers = lambda m: Handed(m.ref, "submitted", [f"{m.ref}-{part}" for part in range(len(m.parts))])
    await send(queue, start_replica, until, 20, variants=("x" * 200,))
    statements = []
    for seqs in (range(1), range(1, 20)):
        ids = [f"{queue.campaign_id}:{seq}-{part}" for seq in seqs for part in range(2)]
        seen: list[str] = []
        async with queue.pool.acquire() as connection, connection.transaction():
            with connection.query_logger(lambda query, seen=seen: seen.append(query.query)):
                await match(connection, queue.account_id, provider.route_id, [receipt(id_) for id_ in ids])
        statements.append(seen)
    assert len(statements[1]) <= len(statements[0])  # the first also asks for the types of its arguments
    assert sorted(await told(queue, MessageReceipts)) == [(seq, "delivered") for seq in range(20)]


async def test_an_unknown_message_is_settled_by_a_receipt_with_its_reference(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    provider.answers = lambda m: Handed(m.ref, "unknown", error="no_answer_in_time")
    await send(queue, start_replica, until, 2, country="US")
    await record(receipt("id-7", ref=f"{queue.campaign_id}:1"))
    assert await told(queue, MessageOutcomesRevised) == [(1, "submitted")]
    assert await told(queue, MessageReceipts) == [(1, "delivered")]
    (revised,) = [event for event in await queue.events() if type(event) is MessageOutcomesRevised]
    assert (str(revised.costs[0]), revised.parts, revised.currency) == ("0.0079", [1], "EUR")


async def test_an_unknown_message_is_settled_by_a_receipt_to_its_number(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    provider.answers = lambda m: Handed(m.ref, "unknown", error="no_answer_in_time")
    await send(queue, start_replica, until, 2)
    await record(receipt("id-8", "undelivered", to="+447700000001"))

    async def matched() -> bool:
        await match_some(queue.pool)
        return bool(await told(queue, MessageReceipts))

    await until(matched)
    assert await told(queue, MessageOutcomesRevised) == [(1, "submitted")]
    assert await told(queue, MessageReceipts) == [(1, "undelivered")]


async def test_a_long_unknown_message_is_settled_when_each_of_its_parts_has_a_receipt(
    queue: Any, provider: Any, start_replica: Any, until: Until, record: Record
) -> None:
    """A provider that took the first part only, and lost the connection, has not taken the message."""
    provider.answers = lambda m: Handed(m.ref, "unknown", error="connection_lost")
    await send(queue, start_replica, until, 2, variants=("x" * 200,))
    number, other = "+447700000000", "+447700000001"
    await record(receipt("a1", to=number), receipt("a1", to=number), receipt("b1", to=other))
    await queue.pool.execute(
        "UPDATE parked_receipts SET next_try = now() + interval '1 hour' WHERE number = $1", number
    )
    await record(receipt("a2", "undelivered", to=number))

    async def matched() -> bool:
        await match_some(queue.pool)
        return bool(await told(queue, MessageReceipts))

    await until(matched)
    assert await told(queue, MessageOutcomesRevised) == [(0, "submitted")]
    assert await told(queue, MessageReceipts) == [(0, "undelivered")]
    assert await queue.pool.fetchval("SELECT array_agg(seq) FROM unknown_messages") == [1]


async def test_a_reference_of_another_account_settles_nothing(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    provider.answers = lambda m: Handed(m.ref, "unknown", error="no_answer_in_time")
    await send(queue, start_replica, until, 1)
    stranger = queue.campaign_id
    await record_receipts(queue.pool, stranger, provider.route_id, [receipt("id-9", ref=f"{queue.campaign_id}:0")])
    assert not await told(queue, MessageOutcomesRevised)
