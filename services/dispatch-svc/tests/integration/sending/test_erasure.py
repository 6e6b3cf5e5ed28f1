"""People who are to be forgotten: nothing more goes to them, and their number is taken out. Each event comes twice."""

from datetime import datetime
from typing import Any

from dispatch_svc.domain.handover import Inbound
from dispatch_svc.handlers.apply_erasure import apply_erasure
from dispatch_svc.handlers.apply_suppression import apply_suppressions
from dispatch_svc.handlers.receive_inbound import receive_inbound
from volley_contracts import ContactErased, SuppressionChanged, new_id, now
from volley_tools.pytest_stack import Until

NUMBER = "+447700000001"


async def tell(queue: Any, *, complete: bool, suppressed: bool = False, at: datetime) -> None:
    event = ContactErased(
        account_id=queue.account_id,
        contact_id=new_id(),
        number=NUMBER,
        complete=complete,
        suppressed=suppressed,
        at=at,
    )
    for _ in range(2):
        await apply_erasure(queue.pool, event)


async def withheld(queue: Any) -> list[bool]:
    rows = await queue.pool.fetch(
        "SELECT suppressed FROM suppressions WHERE account_id = $1 AND number = $2", queue.account_id, NUMBER
    )
    return [row["suppressed"] for row in rows]


async def test_nothing_more_goes_to_the_number(queue: Any, provider: Any, start_replica: Any, until: Until) -> None:
    await tell(queue, complete=False, at=now())
    await queue.move("started")
    await queue.put(3)
    await start_replica()
    await until(lambda: queue.has_settled(3))
    assert (await queue.outcomes())[1] == [("suppressed", None)]
    assert len(provider.taken) == 2


async def test_the_number_is_taken_out(queue: Any, provider: Any) -> None:
    inbound = Inbound(from_=NUMBER, to="VOLLEY", text="It is me", at=now(), provider_key=f"k1:{NUMBER}")
    await receive_inbound(queue.pool, queue.account_id, provider.route_id, [inbound])
    at = now()
    await tell(queue, complete=False, at=at)
    await tell(queue, complete=True, at=at)
    rows = await queue.pool.fetch(
        "SELECT from_number, text, provider_key FROM inbound_messages WHERE account_id = $1", queue.account_id
    )
    assert [tuple(row)[:2] for row in rows] == [("", "")]
    assert NUMBER not in rows[0]["provider_key"]
    assert await withheld(queue) == []


async def test_who_is_suppressed_stays_so(queue: Any) -> None:
    at = now()
    await tell(queue, complete=False, at=at)
    stop = SuppressionChanged(
        account_id=queue.account_id, number=NUMBER, suppressed=True, reason="optout_page", at=now()
    )
    await apply_suppressions(queue.pool, [stop])
    await tell(queue, complete=True, at=at)
    assert await withheld(queue) == [True], "it was suppressed after the erasure, which campaign-svc may not know yet"
    await tell(queue, complete=True, suppressed=True, at=now())
    assert await withheld(queue) == [True]
