"""How many messages of a campaign its domain pools serve, also while other campaigns take of the same domains."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from uuid import UUID

import msgspec

MOST_BESIDE = 8
"""Pools beside one that share domains with it and are looked at."""


class PoolState(msgspec.Struct, frozen=True, kw_only=True):
    """A pool as link-svc describes it. `sample_url` is as long as its URLs get; `domains`: what each of them has left.

    `exhausted` from when a message finds no capacity until nothing waits any more or capacity is left over;
    `waiting` messages are served first. One with a `campaign_id` is the list of domains of that campaign.
    """

    id: UUID
    name: str
    purpose: str
    remaining: int
    domains: dict[UUID, int] = {}
    exhausted: bool = False
    waiting: int = 0
    sample_url: str
    active_domains: int = 0
    campaign_id: UUID | None = None


def _nobody(_sent: int) -> Mapping[UUID, int]:
    return {}


def lasting(
    pools: Sequence[PoolState],
    rivals: Sequence[PoolState] = (),
    taken: Callable[[int], Mapping[UUID, int]] = _nobody,
) -> list[int]:
    """How many messages of a campaign each of its pools serves, as link-svc allots them; whatever waits comes first.

    A message takes one of each pool. `taken` is how many messages other campaigns will have taken of these pools and
    the `rivals` by the time that so many of the campaign's own are sent.
    """
    return [_lasts(pool, pools, rivals, taken) for pool in pools]


def _lasts(
    pool: PoolState, own: Sequence[PoolState], rivals: Sequence[PoolState], taken: Callable[[int], Mapping[UUID, int]]
) -> int:
    """Pools that share domains serve together what all their domains have; each serves no more than its own have, and
    what one does not take the others may.
    """
    mine = {each.id for each in own}
    every = [(beside, _capacity(pool, *beside)) for beside in _groups(pool, [*own, *rivals])]

    def lacks(sent: int) -> bool:
        gone = taken(sent)

        def wanted(each: PoolState) -> int:
            return each.waiting + gone.get(each.id, 0) + (sent if each.id in mine else 0)

        return any(
            wanted(pool) + sum(min(wanted(each), _capacity(each)) for each in beside) > capacity
            for beside, capacity in every
        )

    return max(bisect_left(range(_capacity(pool) + 2), True, key=lacks) - 1, 0)


def _groups(pool: PoolState, pools: Sequence[PoolState]) -> Iterator[tuple[PoolState, ...]]:
    """All sets of other pools that share domains with the pool, also by way of one another."""
    found, reached = [pool], set(_domains(pool))
    while more := [each for each in pools if each not in found and reached & _domains(each).keys()]:
        found += more
        reached |= {domain_id for each in more for domain_id in _domains(each)}
    beside = found[1 : 1 + MOST_BESIDE]
    return (group for size in range(len(beside) + 1) for group in combinations(beside, size))


def _capacity(*pools: PoolState) -> int:
    return sum({domain_id: left for pool in pools for domain_id, left in _domains(pool).items()}.values())


def _domains(pool: PoolState) -> dict[UUID, int]:
    return pool.domains or {pool.id: pool.remaining}
