"""Slugs are a permutation of the index space: no two alike, each leads back, none tells its neighbours."""

from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.slugs import ALPHABET, LENGTH, SPACE, Keys, Slugs
from volley_contracts import new_id

DOMAIN = new_id()
SLUGS = Slugs("a secret of the service", DOMAIN, 1)
slugs = st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH)


@given(st.integers(0, SPACE - 1), st.integers(0, 20))
def test_every_slug_leads_back_to_its_index(start: int, count: int) -> None:
    start = min(start, SPACE - count)
    made = SLUGS.make(start, count)
    assert [SLUGS.index(slug.encode()) for slug in made] == list(range(start, start + count))
    assert all(len(slug) == LENGTH and set(slug) <= set(ALPHABET) for slug in made)


@given(st.lists(slugs | st.text(max_size=2 * LENGTH), max_size=30))
def test_slugs_that_are_asked_for_at_once_lead_back_as_one_by_one(texts: list[str]) -> None:
    asked = [text.encode() for text in texts]
    assert SLUGS.indexes(asked) == [SLUGS.index(each) for each in asked]


@given(slugs)
def test_every_string_of_the_alphabet_is_the_slug_of_one_index(slug: str) -> None:
    index = SLUGS.index(slug.encode())
    assert index is not None
    assert 0 <= index < SPACE
    assert SLUGS.make(index, 1) == [slug]


def test_a_batch_has_the_slugs_that_its_indexes_have_one_by_one() -> None:
    across_the_halves = 62**4 - 3
    assert SLUGS.make(across_the_halves, 6) == [SLUGS.make(across_the_halves + i, 1)[0] for i in range(6)]


@given(st.text().filter(lambda text: len(text) != LENGTH or not set(text) <= set(ALPHABET)))
def test_anything_else_is_no_slug(text: str) -> None:
    assert SLUGS.index(text.encode()) is None


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


def settings(**changes: Any) -> LinkSettings:
    return LinkSettings(database_url="d", kafka="k", internal_token="t", link_secret="s" * 16, **changes)


def test_the_first_key_is_the_secret_that_there_always_was() -> None:
    assert keys_of(settings()).of(DOMAIN, 1).make(5, 3) == Slugs("s" * 16, DOMAIN, 1).make(5, 3)


def test_keys_are_numbered_and_one_of_them_issues() -> None:
    keys = keys_of(settings(later_link_secrets=f"{'b' * 16}, {'c' * 16}", link_key=2))
    assert keys.ids == (2, 1, 3)
    made = [keys.of(DOMAIN, key).make(0, 1) for key in (1, 2, 3)]
    assert made == [Slugs(secret * 16, DOMAIN, key).make(0, 1) for key, secret in ((1, "s"), (2, "b"), (3, "c"))]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"link_key": 2}, "VOLLEY_LINK_KEY"),
        ({"later_link_secrets": "short"}, "VOLLEY_LATER_LINK_SECRETS"),
        ({"later_link_secrets": "b" * 16 + ","}, "VOLLEY_LATER_LINK_SECRETS"),
    ],
)
def test_settings_that_issue_nothing_sensible_are_refused(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        keys_of(settings(**changes))


@given(st.integers(0, SPACE - 10), st.integers(1, 3))
def test_slugs_are_free_where_no_other_key_can_have_issued_them(start: int, issuing: int) -> None:
    keys = Keys(["a", "b", "c"], issuing)
    made = keys.of(DOMAIN, issuing).make(start, 10)
    others = [keys.of(DOMAIN, other).index(slug.encode()) for other in (1, 2, 3) if other != issuing for slug in made]
    assert keys.are_free(DOMAIN, start, 10) == all(index is not None and index >= start for index in others)
    assert Keys(["a"]).are_free(DOMAIN, start, 10), "a key alone never takes its own"
