"""What is sent is what was approved, and nothing else: not after an edit, and not what somebody made up."""

from typing import Any

from dispatch_svc.handlers.take_batch import take_batch
from volley_contracts import Content, content_hash, new_aside_id
from volley_tools.pytest_stack import Until

from .test_sending import SUBMITTED, every


def content(text: str, version: int) -> Content:
    return Content(variants=(text,), hash=content_hash((text,), None), version=version)


OLD, NEW = content("Old {{ name }}", 2), content("New {{ name }}", 5)


async def test_after_an_edit_only_the_new_texts_leave(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started", OLD)
    await queue.put(300, size=100, pace=60, content=OLD)
    await start_replica("dispatch-0")
    await start_replica("dispatch-1")
    await until(lambda: provider.has_taken(20))
    await queue.move("suspended", OLD)
    await until(queue.stands_still)
    sent = len(provider.taken)
    assert sent < 300
    await queue.move("sending", NEW)  # before the pieces have come again
    await until(queue.has_returned)
    assert len(provider.taken) == sent
    await queue.put(300, size=100, pace=100_000, content=NEW)
    await queue.put(300, size=100, pace=100_000, content=OLD)  # a late delivery of what came first
    await until(lambda: queue.has_settled(300))
    assert {m.text.split()[0] for _, _, m in provider.taken[:sent]} == {"Old"}
    assert {m.text.split()[0] for _, _, m in provider.taken[sent:]} == {"New"}
    assert await queue.outcomes() == every(300, SUBMITTED)
    assert set(provider.refs.values()) == {1}


async def test_an_edit_that_passes_at_once_takes_slices_on_their_way_along(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.move("started", OLD)
    await queue.put(200, pace=40, content=OLD)
    await start_replica()
    await until(lambda: provider.has_taken(10))
    await queue.move("suspended", OLD)
    await queue.move("sending", NEW)
    await queue.put(200, pace=100_000, content=NEW)
    await until(lambda: queue.has_settled(200))
    words = [message.text.split()[0] for _, _, message in provider.taken]
    assert words == sorted(words, reverse=True)  # all old ones before all new ones
    assert words.count("New") > 100
    assert set(provider.refs.values()) == {1}


async def test_texts_that_nobody_approved_fail_and_are_never_sent(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    forged = content("Forged {{ name }}", OLD.version)
    await queue.move("started", OLD)
    await take_batch(queue.pool, queue.batch(0, 10, content=forged))
    await take_batch(queue.pool, queue.batch(10, 10, content=OLD))
    await start_replica()
    await until(lambda: queue.has_settled(20))
    told = await queue.outcomes()
    assert [told[seq] for seq in range(20)] == [[("failed", "content_changed")]] * 10 + [SUBMITTED] * 10
    assert len(provider.taken) == 10


async def test_texts_that_are_not_approved_yet_wait(
    queue: Any, provider: Any, start_replica: Any, until: Until
) -> None:
    await queue.move("started", OLD)
    await queue.put(10, content=NEW)
    await start_replica()
    await until(queue.has_returned)
    assert not provider.taken
    await queue.move("sending", NEW)
    await until(lambda: queue.has_settled(10))
    assert {message.text.split()[0] for _, _, message in provider.taken} == {"New"}


async def test_what_is_sent_beside_campaigns_needs_no_lifecycle(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    queue.campaign_id = new_aside_id()
    await queue.put(5, content=content("Test {{ name }}", 1))
    await start_replica()
    await until(lambda: queue.has_settled(5))
    assert await queue.outcomes() == every(5, SUBMITTED)
    assert set(provider.refs.values()) == {1}
