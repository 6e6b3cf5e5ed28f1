"""The forecast of campaign-svc against the rule of link-svc: at which message a domain pool ends."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.capacity import PoolState, lasting
from link_svc.domain.allotment import UNLIMITED, Supply, allot, rotated
from volley_contracts import new_id

DOMAINS = [new_id() for _ in range(6)]
limits = st.one_of(st.integers(0, 60), st.just(UNLIMITED))
pools = st.dictionaries(st.sampled_from(DOMAINS), limits, min_size=1, max_size=4)


def state(purpose: str, domains: dict[UUID, int], waiting: int = 0) -> PoolState:
    return PoolState(
        id=new_id(),
        name=purpose,
        purpose=purpose,
        remaining=min(UNLIMITED, sum(domains.values())),
        domains=domains,
        waiting=waiting,
        sample_url="https://x.example/1",
    )


def ends(
    short: dict[UUID, int], optout: dict[UUID, int] | None, batches: list[int], last: tuple[int, int]
) -> dict[str, int]:
    """By pool, the first message that it has no domain for, from 1; whereupon it is given one without a limit."""
    chosen = {"short": dict(short), "optout": None if optout is None else dict(optout)}
    turns, served, found = dict(zip(chosen, last, strict=True)), 0, dict[str, int]()
    for batch in batches:
        left = batch
        while left:
            supplies = {kind: _in_turn(pool, turns[kind]) for kind, pool in chosen.items()}
            allotment = allot(left, short=supplies["short"], optout=supplies["optout"])
            for piece in allotment.pieces:
                for kind, supply in (("short", piece.short), ("optout", piece.optout)):
                    if supply is not None:
                        turns[kind] = supply.position
                        _take(chosen.values(), supply.domain_id, piece.count)
            served, left = served + allotment.count, left - allotment.count
            for kind in allotment.lacking:
                found.setdefault(kind, served + 1)
                (chosen[kind] or {})[new_id()] = UNLIMITED
    return found


def _in_turn(pool: dict[UUID, int] | None, last: int) -> list[Supply] | None:
    return (
        None
        if pool is None
        else rotated([Supply(domain, place, pool[domain]) for place, domain in enumerate(sorted(pool))], last)
    )


def _take(pools: Iterable[dict[UUID, int] | None], domain: UUID, count: int) -> None:
    for pool in pools:
        if pool and domain in pool:
            pool[domain] -= count
            assert pool[domain] >= 0


@given(
    short=pools,
    optout=st.none() | pools,
    batches=st.lists(st.integers(1, 40), min_size=1, max_size=20),
    last=st.tuples(st.integers(-1, 3), st.integers(-1, 3)),
    waiting=st.integers(0, 20),
)
def test_a_pool_ends_at_the_message_that_was_forecast(
    short: dict[UUID, int],
    optout: dict[UUID, int] | None,
    batches: list[int],
    last: tuple[int, int],
    waiting: int,
) -> None:
    """Domains may be in both pools; what waited for them before is served first."""
    optout = None if optout is None else {domain: short.get(domain, left) for domain, left in optout.items()}
    states = [state("short", short, waiting), *([] if optout is None else [state("optout", optout, waiting)])]
    foretold = {one.purpose: served + 1 for one, served in zip(states, lasting(states), strict=True)}
    happened = ends(short, optout, [*([waiting] if waiting else []), *batches], last)
    assert {kind: max(message - waiting, 1) for kind, message in happened.items()} == {
        kind: message for kind, message in foretold.items() if message <= sum(batches)
    }


def test_a_pool_of_a_release_that_names_no_domains() -> None:
    without = msgspec.structs.replace(state("short", {DOMAINS[0]: 7}), domains={})
    assert lasting([without, state("optout", {DOMAINS[1]: 9})]) == [7, 9]
