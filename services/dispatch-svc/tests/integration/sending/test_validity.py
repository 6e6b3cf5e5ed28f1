"""What was not handed over within its validity fails; providers are told how long they may try."""

from datetime import timedelta
from typing import Any

from volley_contracts import now
from volley_tools.pytest_stack import Until


async def test_what_waited_too_long_fails(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    await queue.put(3, expires_at=now())
    await queue.move("started")
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert await queue.outcomes() == {seq: [("failed", "expired")] for seq in range(3)}
    assert not provider.taken


async def test_what_was_paused_longer_than_it_is_valid_is_sent_when_it_is_resumed(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.put(3, expires_at=now() - timedelta(hours=1), validity_s=600)
    await queue.move("paused")
    await start_replica()
    await queue.move("sending")
    await until(lambda: queue.has_settled(3))
    assert await queue.outcomes() == {seq: [("submitted", None)] for seq in range(3)}
    assert all(500 < message.valid_for <= 600 for _, _, message in provider.taken)


async def test_it_expires_while_no_route_works(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    provider.healthy = False
    await queue.put(3, expires_at=now() + timedelta(seconds=2))
    await queue.move("started")
    await start_replica()
    await until(queue.has_returned)
    await until(lambda: queue.has_settled(3))
    assert await queue.outcomes() == {seq: [("failed", "expired")] for seq in range(3)}


async def test_the_provider_hears_for_how_long_it_may_try(
    queue: Any, provider: Any, start_replica: Any, until: Any
) -> None:
    await queue.put(2, expires_at=now() + timedelta(hours=1))
    await queue.move("started")
    await start_replica()
    await until(lambda: queue.has_settled(2))
    assert all(3000 < message.valid_for <= 3600 for _, _, message in provider.taken)
    assert len(provider.taken) == 2
