"""Every recipient of every piece gets exactly one outcome, whatever comes."""

from typing import Any

from dispatch_svc.domain.handover import Handed


async def test_every_recipient_is_sent_to_once(queue: Any, provider: Any, start_replica: Any, until: Any) -> None:
    await queue.move("started")
    await queue.put(1200)
    await start_replica()

    async def settled() -> bool:
        return await queue.settled() >= 1200

    await until(settled)
    outcomes = await queue.outcomes()
    assert outcomes == {seq: [("submitted", None)] for seq in range(1200)}
    assert set(provider.refs.values()) == {1}
    assert {message.text for _, _, message in provider.taken} == {f"Hi N{seq}" for seq in range(1200)}
