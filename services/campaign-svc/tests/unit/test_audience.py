"""Variants: the ratio holds in every stretch of the audience, not only over all of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain import audience


@st.composite
def ratios(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.sets(st.integers(1, 99), max_size=5)))
    return [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]


@given(ratios=ratios(), start=st.integers(0, 10_000_000))
def test_every_stretch_of_a_thousand_has_the_ratio(ratios: list[int], start: int) -> None:
    counts = [0] * len(ratios)
    for seq in range(start, start + 1_000):
        counts[audience.variant_of(seq, ratios)] += 1
    for count, ratio in zip(counts, ratios, strict=True):
        assert count == pytest.approx(ratio * 10, abs=12)


def test_one_variant_is_everybodys() -> None:
    assert {audience.variant_of(seq, [100]) for seq in range(100)} == {0}


def test_small_audiences_are_split_as_well() -> None:
    assert sorted(audience.variant_of(seq, [50, 50]) for seq in range(4)) == [0, 0, 1, 1]
