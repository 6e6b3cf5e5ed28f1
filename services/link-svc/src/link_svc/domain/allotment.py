"""Which domains serve which consecutive messages of a batch.

A batch goes to one domain of each pool as a whole, and the next batch to the next domain in turn; it is cut only where
a domain's limit is reached. A message that needs a short and an opt-out URL takes one of each, or neither. Domains that
are in both pools come after the others, so that whatever the sizes of batches the pools serve as many messages as they
can.
"""

from collections.abc import Iterator, Sequence
from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["short", "optout"]
UNLIMITED = 10**15
"""What remains of a domain without a limit, as a number that can be added up and compared."""


class Supply(msgspec.Struct, frozen=True):
    """An active domain of a pool: the messages that it may still serve, and its place in the pool's rotation."""

    domain_id: UUID
    position: int
    remaining: int


class Piece(msgspec.Struct, frozen=True):
    """Messages `offset` .. `offset + count - 1` of the batch and the domains that serve them."""

    offset: int
    count: int
    short: Supply | None
    optout: Supply | None


class Allotment(msgspec.Struct, frozen=True):
    """Pieces without gaps from the first message on. `lacking` names the pools that the rest waits for; if it is
    empty, there is no rest.
    """

    pieces: list[Piece]
    lacking: frozenset[Kind]

    @property
    def count(self) -> int:
        """Messages in the pieces."""
        return sum(piece.count for piece in self.pieces)


def rotated(supplies: Sequence[Supply], last: int) -> list[Supply]:
    """The domains in the order in which they come, after the one at position `last` served."""
    return sorted(supplies, key=lambda supply: (supply.position <= last, supply.position, supply.domain_id))


def allot(count: int, *, short: Sequence[Supply] | None, optout: Sequence[Supply] | None) -> Allotment:
    """Cut `count` messages into pieces. Supplies are in their order of use; None where no such URL is needed."""
    left = {supply.domain_id: supply.remaining for supply in (*(short or ()), *(optout or ()))}
    short, optout = _own_first(short, optout), _own_first(optout, short)
    pieces: list[Piece] = []
    offset = 0
    while offset < count:
        chosen = next(_choices(left, short, optout), None)
        if chosen is None:
            return Allotment(pieces, _lacking(left, short, optout))
        first, second, room = chosen
        piece = Piece(offset, min(count - offset, room), first, second)
        for supply in (first, second):
            if supply is not None:
                left[supply.domain_id] -= piece.count
        pieces.append(piece)
        offset += piece.count
    return Allotment(pieces, frozenset())


def _own_first(supplies: Sequence[Supply] | None, others: Sequence[Supply] | None) -> Sequence[Supply] | None:
    theirs = {supply.domain_id for supply in others or ()}
    return supplies and sorted(supplies, key=lambda supply: supply.domain_id in theirs)


def _choices(
    left: dict[UUID, int], short: Sequence[Supply] | None, optout: Sequence[Supply] | None
) -> Iterator[tuple[Supply | None, Supply | None, int]]:
    """Pairs of domains that can serve one message more, in turn, with how many they can serve."""
    for first in _able(left, short):
        for second in _able(left, optout):
            if room := _room(left, first, second):
                yield first, second, room


def _able(left: dict[UUID, int], supplies: Sequence[Supply] | None) -> list[Supply] | list[None]:
    if supplies is None:
        return [None]
    return [supply for supply in supplies if left[supply.domain_id] > 0]


def _room(left: dict[UUID, int], first: Supply | None, second: Supply | None) -> int:
    if first is not None and second is not None and first.domain_id == second.domain_id:
        return left[first.domain_id] // 2  # one domain in both pools serves each message twice
    return min(left[supply.domain_id] if supply is not None else UNLIMITED for supply in (first, second))


def _lacking(left: dict[UUID, int], short: Sequence[Supply] | None, optout: Sequence[Supply] | None) -> frozenset[Kind]:
    lacking: set[Kind] = set()
    if not _able(left, short):
        lacking.add("short")
    if not _able(left, optout):
        lacking.add("optout")
    return frozenset(lacking or {"short", "optout"})
