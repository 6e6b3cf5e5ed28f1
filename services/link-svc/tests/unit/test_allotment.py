"""Batches are cut only where a limit is reached; capacity is used to the last message and never beyond."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from link_svc.domain.allotment import UNLIMITED, Piece, Supply, allot, rotated
from volley_contracts import new_id

A, B, C = (new_id() for _ in range(3))


def supply(domain_id: UUID, remaining: int, position: int = 0) -> Supply:
    return Supply(domain_id, position, remaining)


def test_a_batch_that_fits_goes_to_one_domain() -> None:
    first, second = supply(A, 500), supply(B, 500, 1)
    allotment = allot(500, short=[first, second], optout=None)
    assert allotment.pieces == [Piece(0, 500, first, None)]
    assert not allotment.lacking


def test_a_batch_is_cut_where_a_limit_of_either_pool_is_reached() -> None:
    a, b, c = supply(A, 300), supply(B, 1000), supply(C, 400)
    allotment = allot(600, short=[a, b], optout=[c, supply(new_id(), UNLIMITED)])
    assert [(piece.offset, piece.count) for piece in allotment.pieces] == [(0, 300), (300, 100), (400, 200)]
    assert [piece.short for piece in allotment.pieces] == [a, b, b]


def test_what_lacks_is_named_and_the_other_pool_not_touched_for_the_rest() -> None:
    allotment = allot(10, short=[supply(A, 4)], optout=[supply(B, 9)])
    assert (allotment.count, allotment.lacking) == (4, {"short"})
    assert allot(10, short=[supply(A, 4)], optout=[supply(B, 4)]).lacking == {"short", "optout"}
    assert allot(10, short=[], optout=None).lacking == {"short"}


def test_a_domain_in_both_pools_serves_each_message_twice() -> None:
    shared, other = supply(A, 5), supply(B, 1)
    allotment = allot(9, short=[shared, other], optout=[shared])
    assert allotment.count == 3  # two by the shared domain alone, one more with the other's help
    assert allotment.lacking


def test_the_next_domain_in_turn_serves_the_next_batch() -> None:
    first, second, third = supply(A, 9, 0), supply(B, 9, 3), supply(C, 9, 5)
    assert rotated([third, first, second], -1) == [first, second, third]
    assert rotated([third, first, second], 3) == [third, first, second]
    assert rotated([third, first, second], 5) == [first, second, third]


remains = st.lists(st.integers(0, 40), max_size=5)


@given(st.integers(1, 100), remains, st.none() | remains)
def test_pieces_have_no_gaps_and_use_all_capacity_but_no_more(
    count: int, short: list[int], optout: list[int] | None
) -> None:
    shorts = [supply(new_id(), left, place) for place, left in enumerate(short)]
    optouts = None if optout is None else [supply(new_id(), left, place) for place, left in enumerate(optout)]
    allotment = allot(count, short=shorts, optout=optouts)
    assert [piece.offset for piece in allotment.pieces] == [
        sum(piece.count for piece in allotment.pieces[:place]) for place in range(len(allotment.pieces))
    ]
    assert allotment.count == min(count, sum(short), *([] if optout is None else [sum(optout)]))
    assert bool(allotment.lacking) == (allotment.count < count)
    used: Counter[UUID] = Counter()
    for piece in allotment.pieces:
        for chosen in (piece.short, piece.optout):
            used[chosen.domain_id if chosen else A] += piece.count
    assert all(used[each.domain_id] <= each.remaining for each in (*shorts, *(optouts or [])))


@given(st.integers(2, 6), st.integers(1, 30))
def test_domains_without_limits_are_used_evenly(domains: int, rounds: int) -> None:
    supplies = [supply(new_id(), UNLIMITED, place) for place in range(domains)]
    last, used = -1, Counter[UUID]()
    for _ in range(rounds * domains):
        (piece,) = allot(500, short=rotated(supplies, last), optout=None).pieces
        assert piece.short is not None
        used[piece.short.domain_id] += piece.count
        last = piece.short.position
    assert set(used.values()) == {rounds * 500}
