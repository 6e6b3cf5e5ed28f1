"""Slugs are a permutation of the index space: no two alike, each leads back, none tells its neighbours."""

from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_svc.domain.slugs import ALPHABET, LENGTH, SPACE, Slugs
from volley_contracts import new_id

DOMAIN = new_id()
SLUGS = Slugs("a secret of the service", DOMAIN, 1)
slugs = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(st.integers(0, SPACE - 1), st.integers(0, 20))
def test_every_slug_leads_back_to_its_index(start: int, count: int) -> None:
    start = min(start, SPACE - count)
    made = SLUGS.make(start, count)
    assert [SLUGS.index(slug) for slug in made] == list(range(start, start + count))
    assert all(len(slug) == LENGTH and set(slug) <= set(ALPHABET) for slug in made)


@given(st.lists(slugs | st.text(max_size=2 * LENGTH), max_size=30))
def test_slugs_that_are_asked_for_at_once_lead_back_as_one_by_one(texts: list[str]) -> None:
    assert SLUGS.indexes(texts) == [SLUGS.index(text) for text in texts]


@given(slugs)
def test_every_string_of_the_alphabet_is_the_slug_of_one_index(slug: str) -> None:
    index = SLUGS.index(slug)
    assert index is not None
    assert 0 <= index < SPACE
    assert SLUGS.make(index, 1) == [slug]


def test_a_batch_has_the_slugs_that_its_indexes_have_one_by_one() -> None:
    across_the_halves = 62**4 - 3
    assert SLUGS.make(across_the_halves, 6) == [SLUGS.make(across_the_halves + i, 1)[0] for i in range(6)]


@given(st.text().filter(lambda text: len(text) != LENGTH or not set(text) <= set(ALPHABET)))
def test_anything_else_is_no_slug(text: str) -> None:
    assert SLUGS.index(text) is None


@pytest.mark.parametrize(("start", "count"), [(-1, 1), (SPACE, 1), (SPACE - 1, 2)])
def test_indexes_outside_the_space_are_refused(start: int, count: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        SLUGS.make(start, count)


@pytest.mark.parametrize(
    "other",
    [
        Slugs("another secret of the service", DOMAIN, 1),
        Slugs("a secret of the service", new_id(), 1),
        Slugs("a secret of the service", DOMAIN, 2),
    ],
    ids=["secret", "domain", "key"],
)
def test_secret_domain_and_key_each_change_every_slug(other: Slugs) -> None:
    assert not set(SLUGS.make(0, 500)) & set(other.make(0, 500))


def test_neighbours_share_no_more_characters_than_chance_lets_them() -> None:
    made = SLUGS.make(0, 2000)
    same = sum(a == b for left, right in pairwise(made) for a, b in zip(left, right, strict=True))
    assert same < 2 * 2000 * LENGTH / len(ALPHABET)
    assert all(len({slug[place] for slug in made}) == len(ALPHABET) for place in range(LENGTH))


def test_slugs_that_were_sent_work_for_ever() -> None:
    known = Slugs("0123456789abcdef", UUID(int=7), 1)
    assert known.make(0, 3) == ["z9IQNFVY", "z6V274HX", "xt5owpie"]
