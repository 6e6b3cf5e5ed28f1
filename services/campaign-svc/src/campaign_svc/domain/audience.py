"""Who is in the audience, and which variant each of them gets. The rules that SQL applies are written down here."""

from collections.abc import Sequence
from itertools import accumulate

DROPPED = {
    "duplicate": "stands in more than one of the segments",
    "excluded": "stands in an excluded segment",
    "suppressed": "must not be texted",
    "invalid": "is no number that can be texted",
    "sender_country": "is in a country where the sender ID is not valid",
    "unroutable": "is in a country without a price or route",
}
"""Why a contact of the segments is no recipient. The first reason that holds is counted."""

SLOTS = 65_536
STRIDE = 40_503  # SLOTS / golden ratio, odd: consecutive recipients land far apart, and every slot is hit once


def thresholds(ratios: Sequence[int]) -> list[int]:
    """The first slot of every variant but the first; ratios are percent and sum to 100."""
    total = sum(ratios)
    return [SLOTS * share // total for share in accumulate(ratios[:-1])]


def variant_of(seq: int, ratios: Sequence[int]) -> int:
    """The variant of recipient `seq`: always the same, in the ratio asked for in every stretch of the audience."""
    slot = seq * STRIDE % SLOTS
    return sum(slot >= first for first in thresholds(ratios))
