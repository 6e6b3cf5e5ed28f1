"""Comparing the variants of a campaign so that looking often does no harm.

Whoever looks at an ordinary test after every batch finds a winner sooner or later where there is none. What is
computed here holds at every moment at once, so people may look, and stop, whenever they like (anytime-valid inference;
Ville's inequality for nonnegative supermartingales):

- the *evidence* that two variants differ is an e-process: how much likelier the clicks are under two rates (a mixture
  by Jeffreys' prior for each) than under the best single rate (universal inference: Wasserman, Ramdas and
  Balakrishnan 2020). If they do not differ, the chance that it ever reaches 1/a is at most a;
- the *interval* of a rate is a confidence sequence by the same mixture (Robbins 1970).

Both assume that variants are mixed evenly over time, which they are: a recipient's variant is drawn by chance.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import exp, lgamma, log
from typing import Literal

import msgspec

ERROR = 0.05
"""The chance that a winner is named, at any time at all, where no variant is better."""
MIN_REACHED = 500
MIN_CLICKERS = 20

Verdict = Literal["one_variant", "too_early", "undecided", "winner", "no_winner"]


class Sample(msgspec.Struct, frozen=True):
    """Messages of a variant that reached somebody, and how many of those people clicked."""

    variant: int
    reached: int
    clickers: int

    @property
    def rate(self) -> float:
        return self.clickers / self.reached if self.reached else 0.0


class Rated(msgspec.Struct, frozen=True):
    """A variant's click rate, and the interval that holds the true one; shares from 0 to 1."""

    variant: int
    reached: int
    clickers: int
    rate: float
    low: float
    high: float


class Comparison(msgspec.Struct, frozen=True):
    """`p_value` bounds the chance of such evidence, at any time, if the leader were no better; null if too early."""

    verdict: Verdict
    winner: int | None
    sentence: str
    p_value: float | None
    variants: list[Rated]


def compare(samples: Sequence[Sample], *, finished: bool) -> Comparison:
    """What the clicks so far say of the variants. A finished campaign without a winner has none."""
    samples = _clicked_before_receipts(samples)
    rated = [_rated(sample, len(samples)) for sample in samples]
    return Comparison(*decide(samples, finished=finished), rated)


def _clicked_before_receipts(samples: Sequence[Sample]) -> list[Sample]:
    return [Sample(s.variant, max(s.reached, s.clickers), s.clickers) for s in samples]


def decide(samples: Sequence[Sample], *, finished: bool) -> tuple[Verdict, int | None, str, float | None]:
    """Verdict, winner, sentence and p-value: what `compare` says, without the intervals (most of its time)."""
    samples = _clicked_before_receipts(samples)
    if len(samples) < 2:
        return "one_variant", None, "There is only one variant.", None
    short = [s for s in samples if s.reached < MIN_REACHED]
    if short or sum(s.clickers for s in samples) < MIN_CLICKERS:
        sentence = (
            f"It takes {MIN_REACHED} messages of each variant that arrived, and {MIN_CLICKERS} people who clicked."
        )
        return "too_early", None, sentence, None
    leader = max(samples, key=lambda s: s.rate)
    p_value = max(_p_value(leader, other, len(samples)) for other in samples if other is not leader)
    if p_value <= ERROR:
        sentence = f"Variant {leader.variant} is clicked more often than every other."
        return "winner", leader.variant, sentence, p_value
    sentence = "No variant can be told to be better" + ("." if finished else " yet.")
    return "no_winner" if finished else "undecided", None, sentence, p_value


def _p_value(leader: Sample, other: Sample, variants: int) -> float:
    """For all pairs at once: which one leads is seen only in the clicks themselves."""
    pairs = sum(1 for _ in combinations(range(variants), 2))
    return min(1.0, pairs * exp(-log_evidence(leader, other)))


def log_evidence(one: Sample, two: Sample) -> float:
    """Natural logarithm of the e-value against equal rates."""
    reached, clickers = one.reached + two.reached, one.clickers + two.clickers
    return _log_mixture(one) + _log_mixture(two) - _log_likelihood(clickers, reached, clickers / reached)


def _rated(sample: Sample, variants: int) -> Rated:
    low, high = interval(sample, ERROR / variants)
    return Rated(sample.variant, sample.reached, sample.clickers, round(sample.rate, 6), round(low, 6), round(high, 6))


def interval(sample: Sample, error: float) -> tuple[float, float]:
    """All rates that the clicks have never spoken against, but for the chance `error`."""
    if not sample.reached:
        return 0.0, 1.0
    bound = log(1 / error)

    def refuted(rate: float) -> bool:
        return _log_mixture(sample) - _log_likelihood(sample.clickers, sample.reached, rate) >= bound

    return _edge(refuted, 0.0, sample.rate), _edge(refuted, 1.0, sample.rate)


def _edge(refuted: Callable[[float], bool], outside: float, inside: float) -> float:
    """Where, between the observed rate and the end of the scale, rates begin to be refuted."""
    if not refuted(outside):
        return outside
    for _ in range(50):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if refuted(middle) else (outside, middle)
    return inside


def _log_mixture(sample: Sample) -> float:
    """Log likelihood of the clicks under a rate drawn from Jeffreys' prior, Beta(1/2, 1/2)."""
    misses = sample.reached - sample.clickers
    return _log_beta(sample.clickers + 0.5, misses + 0.5) - _log_beta(0.5, 0.5)


def _log_likelihood(clickers: int, reached: int, rate: float) -> float:
    misses = reached - clickers
    if (clickers and rate <= 0) or (misses and rate >= 1):
        return float("-inf")
    return (clickers * log(rate) if clickers else 0.0) + (misses * log(1 - rate) if misses else 0.0)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
