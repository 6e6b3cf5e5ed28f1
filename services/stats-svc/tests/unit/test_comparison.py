"""A comparison of variants that may be looked at as often as one likes."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats_svc.domain.comparison import ERROR, Sample, compare, interval

CAMPAIGNS, MESSAGES, LOOK_EVERY = 200, 6_000, 500


def looks(rates: tuple[float, ...], seed: int) -> Iterator[list[Sample]]:
    """The state of a campaign at each of many looks; `MESSAGES` of each variant, sent side by side."""
    chance = random.Random(seed)
    clickers = [0] * len(rates)
    for reached in range(LOOK_EVERY, MESSAGES + 1, LOOK_EVERY):
        for variant, rate in enumerate(rates):
            clickers[variant] += sum(chance.random() < rate for _ in range(LOOK_EVERY))
        yield [Sample(variant, reached, clicked) for variant, clicked in enumerate(clickers)]


def winner_at_any_look(rates: tuple[float, ...], seed: int) -> int | None:
    found = (compare(samples, finished=False).winner for samples in looks(rates, seed))
    return next((winner for winner in found if winner is not None), None)


@pytest.mark.parametrize("rates", [(0.05, 0.05), (0.2, 0.2, 0.2)])
def test_who_peeks_all_the_time_is_rarely_told_of_a_winner_that_is_none(rates: tuple[float, ...]) -> None:
    fooled = sum(winner_at_any_look(rates, seed) is not None for seed in range(CAMPAIGNS))
    assert fooled <= ERROR * CAMPAIGNS


def test_a_better_variant_is_found_and_never_the_worse_one() -> None:
    winners = [winner_at_any_look((0.05, 0.09), seed) for seed in range(40)]
    assert winners.count(0) == 0
    assert winners.count(1) >= 38


@given(reached=st.integers(1, 5000), share=st.floats(0, 1), error=st.floats(0.001, 0.5))
def test_the_interval_holds_the_observed_rate(reached: int, share: float, error: float) -> None:
    sample = Sample(0, reached, round(share * reached))
    low, high = interval(sample, error)
    assert 0 <= low <= sample.rate <= high <= 1


def test_the_interval_narrows_and_holds_the_true_rate_at_every_look() -> None:
    held = 0
    for seed in range(CAMPAIGNS):
        bounds = [interval(samples[0], ERROR) for samples in looks((0.1,), seed)]
        held += all(low <= 0.1 <= high for low, high in bounds)
        assert bounds[-1][1] - bounds[-1][0] < bounds[0][1] - bounds[0][0]
    assert held >= (1 - ERROR) * CAMPAIGNS


@pytest.mark.parametrize(
    ("samples", "finished", "verdict", "winner"),
    [
        ([Sample(0, 9000, 900)], True, "one_variant", None),
        ([Sample(0, 9000, 900), Sample(1, 499, 400)], False, "too_early", None),
        ([Sample(0, 9000, 10), Sample(1, 9000, 9)], True, "too_early", None),
        ([Sample(0, 9000, 900), Sample(1, 9000, 880)], False, "undecided", None),
        ([Sample(0, 9000, 900), Sample(1, 9000, 880)], True, "no_winner", None),
        ([Sample(0, 9000, 900), Sample(1, 9000, 1300)], False, "winner", 1),
        ([Sample(0, 9000, 900), Sample(1, 9000, 1300), Sample(2, 9000, 1290)], False, "undecided", None),
        ([Sample(0, 600, 600), Sample(1, 600, 0)], True, "winner", 0),
        ([Sample(0, 550, 560), Sample(1, 550, 560)], True, "no_winner", None),
    ],
)
def test_verdicts(samples: list[Sample], *, finished: bool, verdict: str, winner: int | None) -> None:
    found = compare(samples, finished=finished)
    assert (found.verdict, found.winner) == (verdict, winner)
    assert found.sentence.endswith(".")
