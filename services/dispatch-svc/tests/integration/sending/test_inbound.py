"""Messages from phones: stored and told once; STOP holds at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dispatch_svc.domain.handover import Inbound
from dispatch_svc.handlers.apply_suppression import apply_suppression
from dispatch_svc.handlers.receive_inbound import receive_inbound
from volley_contracts import InboundMessage, SuppressionChanged, now

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def receive(queue: Any, provider: Any, text: str, key: str = "k1", number: str = "+447700000001") -> None:
    """As a provider delivers it that was not answered the first time."""
    for _ in range(2):
        inbound = Inbound(from_=number, to="VOLLEY", text=text, at=AT, provider_key=key)
        await receive_inbound(queue.pool, queue.account_id, provider.route_id, [inbound])


def change(queue: Any, *, suppressed: bool, at: datetime) -> SuppressionChanged:
    return SuppressionChanged(
        account_id=queue.account_id,
        number="+447700000001",
        suppressed=suppressed,
        reason="manual",
        at=at,
    )


async def test_a_message_is_told_once(queue: Any, provider: Any) -> None:
    await receive(queue, provider, "Who\x00 is this?")
    await receive(queue, provider, "STOP", key="k2")
    first, second = await queue.events()
    assert isinstance(first, InboundMessage)
    assert isinstance(second, InboundMessage)
    assert (first.text, first.keyword, first.from_number) == ("Who is this?", None, "+447700000001")
    assert (second.keyword, second.account_id) == ("stop", queue.account_id)


async def test_stop_holds_for_everything_that_was_not_handed_over(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await receive(queue, provider, " stop! ")
    await queue.move("started")
    await queue.put(3)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert (await queue.outcomes())[1] == [("suppressed", None)]
    assert len(provider.taken) == 2


async def test_the_newest_change_of_a_suppression_counts(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await receive(queue, provider, "STOP")
    later = now() + timedelta(seconds=1)
    for event in (
        change(queue, suppressed=False, at=later),
        change(queue, suppressed=True, at=later - timedelta(hours=1)),
        change(queue, suppressed=False, at=later),
    ):
        await apply_suppression(queue.pool, event)
    await queue.move("started")
    await queue.put(3)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert (await queue.outcomes())[1] == [("submitted", None)]
