"""Capacity is exact at any concurrency; a decision is made once and for ever."""

import asyncio
import random
from collections.abc import Sequence

import pytest

from link_svc.domain.linking import LinkedPiece
from link_svc.handlers.allot_batch import UnknownPoolError
from link_svc.handlers.give_back import give_back
from volley_chassis.database import Pool
from volley_contracts import CampaignBatch, PoolExhausted, new_id

from .builders import a_batch, a_pool, left_in_outbox, outcomes, take, used

OVERLAPS = """
SELECT count(*) FROM ranges a JOIN ranges b ON a.domain_id = b.domain_id
WHERE a.start < b.start AND b.start < a.start + a.count
"""


def messages(batches: Sequence[CampaignBatch]) -> int:
    return sum(len(batch.recipients.numbers) for batch in batches)


async def test_sixteen_workers_pass_no_limit_and_leave_nothing_over(pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [977, 1501, 640, 2003])
    optout = await a_pool(pool, account, [4000, 1121], "optout")
    draw = random.Random(7)
    batches = [
        a_batch(account, count=draw.randint(1, 60), first_seq=100 * place, short=short, optout=optout)
        for place in range(240)
    ]

    async def work(share: Sequence[CampaignBatch]) -> int:
        return sum([piece.count for batch in share for piece in await take(pool, batch)])

    linked = sum(await asyncio.gather(*(work(batches[place::16]) for place in range(16))))
    assert messages(batches) > linked == 5121
    assert await used(pool, short) == [977, 1501, 640, 2003]
    assert await used(pool, optout) == [4000, 1121]
    assert await pool.fetchval("SELECT sum(count) FROM waiting") == messages(batches) - linked
    assert await pool.fetchval(OVERLAPS) == 0


async def test_what_is_given_back_meanwhile_is_counted_exactly(pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [1000, 1000])
    optout = await a_pool(pool, account, [None], "optout")

    async def work(place: int) -> int:
        batch = a_batch(account, count=50, first_seq=50 * place, short=short, optout=optout)
        kept = 0
        for piece in await take(pool, batch):
            assert piece.short is not None
            assert piece.optout is not None
            results = outcomes(batch, ["failed", "submitted"] * 25, piece.short.domain_id, piece.optout.domain_id)
            assert len(results.outcomes) == piece.count
            await asyncio.gather(*(give_back(pool, f"outcomes {place}", results) for _ in range(3)))
            kept += 25
        return kept

    kept = sum(await asyncio.gather(*(work(place) for place in range(32))))
    assert kept == 32 * 25
    assert sum(await used(pool, short)) == kept
    assert await used(pool, optout) == [kept]


async def test_a_pool_that_two_campaigns_share_in_either_role_never_deadlocks(pool: Pool) -> None:
    account = new_id()
    first, second = await a_pool(pool, account, [None, None]), await a_pool(pool, account, [None, None])
    batches = [
        a_batch(account, count=3, first_seq=place, short=pools[0], optout=pools[1])
        for place in range(40)
        for pools in ((first, second), (second, first))
    ]
    await asyncio.gather(*(take(pool, batch) for batch in batches))
    assert sum(await used(pool, first)) == sum(await used(pool, second)) == 240


async def test_a_batch_is_decided_upon_once(pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [7, 100])
    batch = a_batch(account, count=10, short=short)
    decided = await asyncio.gather(*(take(pool, batch) for _ in range(8)))
    assert all(pieces == decided[0] for pieces in decided)
    assert shape(decided[0]) == [(0, 7), (7, 3)]
    assert await used(pool, short) == [7, 3]


async def test_batches_take_turns_and_short_and_optout_capacity_come_together(pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [None, None, None])
    optout = await a_pool(pool, account, [25], "optout")
    for place in range(3):
        await take(pool, a_batch(account, count=10, first_seq=10 * place, short=short, optout=optout))
    assert await used(pool, short) == [10, 10, 5]
    assert await used(pool, optout) == [25]
    (event,) = [event for _, event in await left_in_outbox(pool)]
    assert isinstance(event, PoolExhausted)
    assert (event.pool_id, event.purpose) == (optout, "optout")


async def test_a_batch_without_urls_needs_no_capacity(pool: Pool) -> None:
    batch = a_batch(new_id(), count=4)
    assert shape(await take(pool, batch)) == [(0, 4)]


async def test_a_pool_of_another_account_gives_nothing(pool: Pool) -> None:
    short = await a_pool(pool, new_id(), [None])
    batch = a_batch(new_id(), short=short)
    with pytest.raises(UnknownPoolError):
        await take(pool, batch)
    assert await used(pool, short) == [0]
    assert await pool.fetchval("SELECT count(*) FROM taken") == 0


async def test_another_account_cannot_give_back(pool: Pool) -> None:
    account = new_id()
    short = await a_pool(pool, account, [None])
    (piece,) = await take(pool, a_batch(account, short=short))
    assert piece.short is not None
    foreign = outcomes(a_batch(new_id()), ["failed"] * 10, piece.short.domain_id, None)
    await give_back(pool, "foreign", foreign)
    assert await used(pool, short) == [10]


def shape(pieces: Sequence[LinkedPiece]) -> list[tuple[int, int]]:
    return [(piece.first_seq, piece.count) for piece in pieces]
