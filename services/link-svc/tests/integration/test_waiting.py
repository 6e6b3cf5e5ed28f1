"""What does not fit waits in order, nothing overtakes it, and it leaves when there is capacity; states do not flap."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import pytest

from link_svc.config import LinkSettings
from link_svc.domain.domains import Terms
from link_svc.domain.linking import part
from link_svc.handlers.edit_domains import edit_domain
from link_svc.handlers.edit_pools import add_domain_to_pool
from link_svc.handlers.end_campaign import end_campaign
from link_svc.handlers.give_back import give_back
from volley_chassis.database import Pool
from volley_contracts import Event, LinkedBatch, PoolExhausted, PoolRefilled, new_id

from .builders import LATER_CONTENT, a_batch, a_pool, left_in_outbox, moved, outcomes, refill, take, used


async def events(pool: Pool) -> list[Event]:
    """What went out since the last time."""
    found = [event for _, event in await left_in_outbox(pool)]
    await pool.execute("DELETE FROM outbox")
    return found


async def add(pool: Pool, account: UUID, pool_id: UUID, limit: int | None) -> None:
    assert await add_domain_to_pool(pool, account, pool_id, (f"{new_id().hex}.example", Terms("active", limit)))


def kinds(found: Sequence[Event]) -> list[type[Event]]:
    return [type(event) for event in found]


async def test_nothing_overtakes_and_the_queue_is_served_in_order(pool: Pool, settings: LinkSettings) -> None:
    account, campaign = new_id(), new_id()
    short = await a_pool(pool, account, [15])
    for first in (0, 10, 20):
        await take(pool, a_batch(account, count=10, first_seq=first, campaign=campaign, short=short))
    (exhausted,) = await events(pool)
    assert isinstance(exhausted, PoolExhausted)
    assert exhausted.waiting_campaigns == (campaign,)
    assert exhausted.pool_name == "main"

    await add(pool, account, short, 8)
    late = a_batch(account, count=1, first_seq=30, campaign=campaign, short=short)
    assert await take(pool, late) == []  # before the queue is served
    await refill(pool, settings)
    released = await events(pool)
    assert kinds(released) == [LinkedBatch, LinkedBatch, PoolExhausted]  # and no PoolRefilled: more waits
    assert [(each.first_seq, len(each.recipients.numbers)) for each in released if isinstance(each, LinkedBatch)] == [
        (15, 5),
        (20, 3),
    ]

    await add(pool, account, short, 100)
    await refill(pool, settings)
    *rest, refilled = await events(pool)
    assert [each.first_seq for each in rest if isinstance(each, LinkedBatch)] == [23, 30]
    assert isinstance(refilled, PoolRefilled)
    assert refilled.remaining == 92
    assert await pool.fetchval("SELECT count(*) FROM waiting") == 0
    await refill(pool, settings)
    assert await events(pool) == []


async def test_an_event_of_exhaustion_goes_out_once_an_exhaustion_and_campaign(pool: Pool) -> None:
    account, first, second = new_id(), new_id(), new_id()
    short = await a_pool(pool, account, [5])
    for seq in (0, 10, 20):
        await take(pool, a_batch(account, first_seq=seq, campaign=first, short=short))
    assert kinds(await events(pool)) == [PoolExhausted]
    for seq in (0, 10):
        await take(pool, a_batch(account, first_seq=seq, campaign=second, short=short))
    (again,) = await events(pool)
    assert isinstance(again, PoolExhausted)
    assert set(again.waiting_campaigns) == {first, second}


async def test_a_queue_served_to_the_last_message_counts_as_refilled(pool: Pool, settings: LinkSettings) -> None:
    account = new_id()
    short = await a_pool(pool, account, [5])
    await take(pool, a_batch(account, count=8, short=short))
    await add(pool, account, short, 3)
    await events(pool)
    await refill(pool, settings)
    _, refilled = await events(pool)
    assert isinstance(refilled, PoolRefilled)
    assert refilled.remaining == 0


async def test_released_pieces_have_the_names_and_links_that_a_redelivery_gives(
    pool: Pool, settings: LinkSettings
) -> None:
    account = new_id()
    short = await a_pool(pool, account, [4])
    batch = a_batch(account, count=10, short=short)
    await take(pool, batch)
    await add(pool, account, short, None)
    await refill(pool, settings)
    ((name, released),) = [each for each in await left_in_outbox(pool) if isinstance(each[1], LinkedBatch)]
    assert name == f"{batch.campaign_id}:4"
    assert isinstance(released, LinkedBatch)
    assert released.recipients.numbers == batch.recipients.numbers[4:]
    assert [(piece.first_seq, piece.count) for piece in await take(pool, batch)] == [(0, 4), (4, 6)]


async def test_waiting_for_one_pool_does_not_hold_what_needs_only_the_other(pool: Pool, settings: LinkSettings) -> None:
    account = new_id()
    short = await a_pool(pool, account, [5])
    optout = await a_pool(pool, account, [5], "optout")
    await take(pool, a_batch(account, count=10, short=short, optout=optout))
    assert {event.pool_id for event in await events(pool) if isinstance(event, PoolExhausted)} == {short, optout}

    await add(pool, account, short, 100)
    await refill(pool, settings)
    (refilled,) = await events(pool)
    assert isinstance(refilled, PoolRefilled)
    assert refilled.pool_id == short
    assert len(await take(pool, a_batch(account, count=10, short=short))) == 1

    await add(pool, account, optout, 5)
    await refill(pool, settings)
    assert kinds(await events(pool)) == [LinkedBatch, PoolRefilled]
    assert await used(pool, optout) == [5, 5]


async def test_a_partner_that_runs_out_while_the_queue_is_served_is_announced(
    pool: Pool, settings: LinkSettings
) -> None:
    account = new_id()
    short = await a_pool(pool, account, [2])
    optout = await a_pool(pool, account, [5], "optout")
    await take(pool, a_batch(account, count=10, short=short, optout=optout))
    await events(pool)
    await add(pool, account, short, None)
    await refill(pool, settings)
    piece, exhausted, refilled = await events(pool)
    assert isinstance(piece, LinkedBatch)
    assert len(piece.recipients.numbers) == 3
    assert isinstance(exhausted, PoolExhausted)
    assert exhausted.pool_id == optout
    assert isinstance(refilled, PoolRefilled)
    assert refilled.pool_id == short


@pytest.mark.parametrize("capacity", [5, 8])
async def test_what_uses_up_a_partial_refill_is_announced_once(
    pool: Pool, settings: LinkSettings, capacity: int
) -> None:
    account, first, second = new_id(), new_id(), new_id()
    short = await a_pool(pool, account, [5])
    for campaign in (first, second):
        await take(pool, a_batch(account, count=10, campaign=campaign, short=short))
    await events(pool)

    await add(pool, account, short, capacity)  # enough for somebody to resume the campaigns
    for _ in range(2):
        await refill(pool, settings)
    (again,) = [event for event in await events(pool) if not isinstance(event, LinkedBatch)]
    assert isinstance(again, PoolExhausted)
    assert again.waiting_campaigns == (second,)


async def test_given_back_capacity_serves_what_waits(pool: Pool, settings: LinkSettings) -> None:
    account = new_id()
    short = await a_pool(pool, account, [10])
    batch = a_batch(account, count=15, short=short)
    (piece,) = await take(pool, batch)
    assert piece.short is not None
    await events(pool)
    results = outcomes(
        batch, ["failed", "suppressed", "unknown", "submitted", "cancelled"], piece.short.domain_id, None
    )
    for _ in range(2):
        await give_back(pool, "one event", results)
    assert await used(pool, short) == [7]
    await refill(pool, settings)
    assert kinds(await events(pool)) == [LinkedBatch, PoolExhausted]
    assert await used(pool, short) == [10]


async def test_raising_a_limit_or_activating_a_domain_serves_what_waits(pool: Pool, settings: LinkSettings) -> None:
    account = new_id()
    short = await a_pool(pool, account, [10, 10])
    first, second = await pool.fetch("SELECT id FROM domains ORDER BY id")
    await edit_domain(pool, account, second["id"], state="blocked")
    await take(pool, a_batch(account, count=30, short=short))
    await events(pool)
    await edit_domain(pool, account, second["id"], state="active")
    await refill(pool, settings)
    assert kinds(await events(pool)) == [LinkedBatch, PoolExhausted]
    await edit_domain(pool, account, first["id"], message_limit=None)
    await refill(pool, settings)
    assert kinds(await events(pool)) == [LinkedBatch, PoolRefilled]


async def test_an_ended_campaign_waits_for_nothing_any_more(pool: Pool, settings: LinkSettings) -> None:
    account = new_id()
    short = await a_pool(pool, account, [5])
    ended, other = a_batch(account, short=short), a_batch(account, count=3, short=short)
    await take(pool, ended)
    await take(pool, other)
    await events(pool)
    for _ in range(2):
        await end_campaign(pool, moved(ended, "aborted"))
    assert await end_campaign(pool, moved(other, "paused")) == 0
    await add(pool, account, short, 3)
    await refill(pool, settings)
    released, _ = await events(pool)
    assert isinstance(released, LinkedBatch)
    assert released.campaign_id == other.campaign_id
    late = a_batch(account, first_seq=10, campaign=ended.campaign_id, short=short)
    assert await take(pool, late) == []
    assert await pool.fetchval("SELECT count(*) FROM waiting") == 0


async def test_a_batch_that_comes_again_with_later_texts_keeps_its_urls(pool: Pool, settings: LinkSettings) -> None:
    account, campaign = new_id(), new_id()
    short = await a_pool(pool, account, [15])
    first = [a_batch(account, count=10, first_seq=seq, campaign=campaign, short=short) for seq in (0, 10)]
    taken = [await take(pool, batch) for batch in first]
    later = [msgspec.structs.replace(batch, content=LATER_CONTENT) for batch in first]
    for _ in range(2):
        assert [await take(pool, batch) for batch in later] == taken
        assert [await take(pool, batch) for batch in first] == taken  # the earlier one is delivered again
    assert await used(pool, short) == [15]
    await events(pool)
    await add(pool, account, short, 100)
    await refill(pool, settings)
    (released, _) = await events(pool)
    assert isinstance(released, LinkedBatch)
    assert (released.first_seq, released.content, released.recipients) == (
        15,
        LATER_CONTENT,
        part(first[1].recipients, 5, 5),
    )
