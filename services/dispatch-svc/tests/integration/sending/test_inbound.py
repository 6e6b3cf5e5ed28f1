"""Messages from phones: stored and told once; STOP holds at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dispatch_svc.domain.handover import Inbound
from dispatch_svc.domain.keywords import Word
from dispatch_svc.handlers.apply_suppression import apply_suppressions
from dispatch_svc.handlers.put_keywords import put_keywords
from dispatch_svc.handlers.receive_inbound import receive_inbound
from volley_contracts import InboundMessage, SuppressionChanged, new_aside_id, now
from volley_tools.pytest_stack import Until

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


@pytest.mark.parametrize("writer", ["60777", "ACME Café"])
async def test_short_codes_and_names_are_recorded_as_they_are(queue: Any, provider: Any, writer: str) -> None:
    await receive(queue, provider, "STOP", number=writer)
    [event] = await queue.events()
    assert (event.from_number, event.keyword) == (writer, "stop")


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


@pytest.mark.parametrize("together", [False, True])
async def test_the_newest_change_of_a_suppression_counts(
    queue: Any, provider: Any, start_replica: Any, until: Until, together: bool
) -> None:
    await receive(queue, provider, "STOP")
    later = now() + timedelta(seconds=1)
    events = [
        change(queue, suppressed=False, at=later),
        change(queue, suppressed=True, at=later - timedelta(hours=1)),
        change(queue, suppressed=False, at=later),
    ]
    for some in [events] if together else [[event] for event in events]:
        await apply_suppressions(queue.pool, some)
    await queue.move("started")
    await queue.put(3)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert (await queue.outcomes())[1] == [("submitted", None)]


async def test_own_words_are_obeyed_in_the_transaction_that_stores_them(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await put_keywords(queue.pool, queue.account_id, [Word("Tschüss", "stop", "de"), Word("menu", "help")])
    await receive(queue, provider, "tschuss!")
    await receive(queue, provider, "MENU", key="k2", number="+447700000002")
    first, second = await queue.events()
    assert isinstance(first, InboundMessage)
    assert isinstance(second, InboundMessage)
    assert (first.keyword, first.language, second.keyword, second.language) == ("stop", "de", "help", None)
    await queue.move("started")
    await queue.put(3)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert (await queue.outcomes())[1] == [("suppressed", None)]


async def test_own_words_are_of_one_account_and_are_replaced(queue: Any, provider: Any) -> None:
    await put_keywords(queue.pool, new_aside_id(), [Word("basta ya", "stop")])
    await put_keywords(queue.pool, queue.account_id, [Word("genug", "stop")])
    await put_keywords(queue.pool, queue.account_id, [])
    await receive(queue, provider, "Basta ya")
    await receive(queue, provider, "Genug", key="k2")
    assert [event.keyword for event in await queue.events()] == [None, None]


async def test_only_the_confirmation_of_an_opt_out_is_sent_after_it(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await receive(queue, provider, "STOP")
    await queue.move("started")
    await queue.put(3, despite_optout=True)  # a campaign's: it means nothing there
    other = queue.sibling()
    for confirms in (True, False):
        other.campaign_id = new_aside_id()
        await other.put(3, despite_optout=confirms)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    await until(lambda: other.has_settled(3))

    async def taken() -> bool:
        return sum(message.to == "+447700000001" for _, _, message in provider.taken) == 1

    await until(taken)
    assert (await queue.outcomes())[1] == [("suppressed", None)]
    assert (await other.outcomes())[1] == [("suppressed", None)]
