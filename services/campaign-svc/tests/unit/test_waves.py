"""Waves: whose turn it is, what may still be changed, and how a test of variants ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.hours import Group
from campaign_svc.domain.trial import Comparison, anew, ending, look_again, only
from campaign_svc.domain.waves import (
    Halt,
    Wave,
    Winner,
    halts,
    of_groups,
    plan,
    portion,
    share_of,
    what_is_too_late,
    what_is_wrong,
)
from volley_contracts import Tried

NOW = datetime(2031, 1, 1, tzinfo=UTC)
WINNER = Winner(test_share=20, min_wait_minutes=10, max_wait_minutes=60)


def wave(share: int, wait: int = 30) -> Wave:
    return Wave(share=share, wait_minutes=wait)


def test_a_test_is_the_first_wave_and_the_rest_the_last() -> None:
    planned = plan([wave(10), wave(30)], WINNER)
    assert [share_of(planned, no) for no in range(4)] == [20, 30, 60, 100]
    assert [share_of((), no) for no in range(2)] == [100, 100]


@given(
    counts=st.lists(st.integers(1, 400), min_size=1, max_size=30),
    shares=st.lists(st.integers(1, 30), min_size=1, max_size=3),
)
def test_a_wave_is_its_share_whatever_groups_there_are(counts: list[int], shares: list[int]) -> None:
    firsts = [sum(counts[:no]) for no in range(len(counts))]
    pairs = zip(firsts, counts, strict=True)
    groups = [Group(no=no, zones=("UTC",), first_seq=first, count=n) for no, (first, n) in enumerate(pairs)]
    total, planned = sum(counts), plan([wave(share) for share in shares], None)
    for no in range(len(shares) + 1):
        share = share_of(planned, no)
        mine = of_groups(groups, share)
        assert sum(group.count for group in mine) == portion(0, total, share) == -(-total * share // 100)
        assert all(
            0 <= part.count - group.count * share / 100 + 1 <= 2 for part, group in zip(mine, groups, strict=True)
        )
    assert of_groups(groups, 100) == groups


def test_what_lies_ahead_is_shorter_by_what_has_passed() -> None:
    planned = plan([wave(10, 120), wave(30, 60)], None)
    assert halts(planned, 0, recipients=1_000, sent_at=None, at=NOW) == [Halt(10, 900, 7200), Halt(40, 600, 3600)]
    waiting = halts(planned, 0, recipients=1_000, sent_at=NOW - timedelta(minutes=90), at=NOW)
    assert waiting == [Halt(10, 900, 1800), Halt(40, 600, 3600)]
    assert halts(planned, 1, recipients=1_000, sent_at=NOW - timedelta(days=1), at=NOW) == [Halt(40, 600, 0)]
    assert halts(planned, 2, recipients=1_000, sent_at=None, at=NOW) == []


@pytest.mark.parametrize(
    ("waves", "winner", "fields"),
    [
        ([], None, []),
        ([wave(60), wave(39)], None, []),
        ([wave(60), wave(40)], None, ["schedule.waves"]),
        ([wave(60), wave(20)], WINNER, ["schedule.waves"]),
        ([wave(1)] * 21, None, ["schedule.waves"]),
        ([], Winner(test_share=99, min_wait_minutes=5, max_wait_minutes=4), ["content.winner.min_wait_minutes"]),
    ],
)
def test_what_is_illegal_is_named(waves: list[Wave], winner: Winner | None, fields: list[str]) -> None:
    assert [field for field, _, _ in what_is_wrong(waves, winner)] == fields


LONGER = msgspec.structs.replace(WINNER, max_wait_minutes=90)
WIDER = msgspec.structs.replace(WINNER, test_share=30)
W = (wave(10), wave(30))


@pytest.mark.parametrize(
    ("now", "before", "after", "refused"),
    [
        # The wave under way keeps its share; its wait and all later ones may change.
        (0, (W, None), ((wave(10, 5), wave(20)), None), []),
        (0, (W, None), ((wave(10),), None), []),
        (0, (W, None), ((wave(11), wave(30)), None), ["schedule.waves"]),
        (0, (W, None), ((), None), ["schedule.waves"]),
        (1, (W, None), ((wave(10), wave(30, 5), wave(5)), None), []),
        (1, (W, None), ((wave(10, 5), wave(30)), None), ["schedule.waves"]),
        (1, (W, None), ((wave(10),), None), ["schedule.waves"]),
        # The rest is under way, or was all there ever was.
        (2, (W, None), (W, None), []),
        (2, (W, None), ((*W, wave(5)), None), ["schedule.waves"]),
        (0, ((), None), ((wave(10),), None), ["schedule.waves"]),
        # A test keeps its share; its waits may change while it lasts.
        (0, (W, WINNER), ((), LONGER), []),
        (0, (W, WINNER), (W, WIDER), ["content.winner"]),
        (0, (W, WINNER), (W, None), ["content.winner"]),
        (0, ((), None), ((), WINNER), ["content.winner"]),
        (1, (W, WINNER), ((wave(10, 5), wave(20)), WINNER), []),
        (1, (W, WINNER), (W, LONGER), ["content.winner"]),
    ],
)
def test_what_has_begun_stays(now: int, before: Any, after: Any, refused: list[str]) -> None:
    assert [field for field, _, _ in what_is_too_late(before, after, now)] == refused


def said(verdict: Any = "winner", winner: int | None = 1) -> Comparison:
    variants = [Tried(0, 600, 12), Tried(1, 610, 61)]
    return Comparison(verdict=verdict, winner=winner, p_value=0.0004, variants=variants, at=NOW)


@pytest.mark.parametrize(
    ("minutes", "comparison", "same_texts", "code", "variant"),
    [
        (9, said(), True, None, None),
        (10, said(), True, "winner_chosen", 1),
        (10, said("undecided", None), True, None, None),
        (59, None, True, None, None),
        (60, said("undecided", None), True, "no_winner", None),
        (60, None, True, "no_winner", None),
        (60, said(), True, "winner_chosen", 1),
        (59, said(), False, None, None),
        (60, said(), False, "no_winner", None),
        (60, said("winner", 2), True, "no_winner", None),
    ],
)
def test_a_test_ends_with_a_winner_or_when_its_time_is_over(
    minutes: int, comparison: Comparison | None, same_texts: bool, code: str | None, variant: int | None
) -> None:
    at = NOW + timedelta(minutes=minutes)
    found = ending(WINNER, comparison, variants=2, same_texts=same_texts, sent_at=NOW, at=at)
    assert (found and found.code, found and found.variant) == (code, variant)


def test_why_a_test_is_over_has_the_figures() -> None:
    over = NOW + timedelta(minutes=60)
    won = ending(WINNER, said(), variants=2, same_texts=True, sent_at=NOW, at=over)
    assert won is not None
    figures = "variant 0 was clicked by 2.00% of 600 people, variant 1 was clicked by 10.00% of 610 people"
    assert won.sentence == f"Variant 1 goes to the rest: {figures} (p = 0.0004, whenever one looks)."
    drawn = ending(WINNER, said("undecided", None), variants=2, same_texts=True, sent_at=NOW, at=over)
    assert drawn is not None
    assert drawn.sentence == f"No winner within 60 minutes: {figures}. The rest goes by the ratios."


def test_a_test_is_looked_at_when_its_waits_are_over() -> None:
    first = look_again(WINNER, sent_at=NOW, at=NOW)
    assert (first, look_again(WINNER, sent_at=NOW, at=first)) == (NOW + timedelta(minutes=10), NOW + timedelta(hours=1))


def test_the_winner_goes_to_everybody_left() -> None:
    assert only([50, 30, 20], 1) == [0, 100, 0]


def test_a_duplicate_tries_every_variant_again() -> None:
    assert anew([70, 30]) == [70, 30]
    assert anew([0, 100]) == [50, 50]
    assert anew(only([40, 30, 30], 2)) == [34, 33, 33]
    assert anew([]) == []
