"""The pages need nothing from elsewhere, and their policy allows nothing else."""

import base64
import hashlib
import re
from string import ascii_uppercase

import msgspec
import pytest

from link_svc.public import pages
from link_svc.public.languages import WORDS, asked_for, of_country

ALL = [*pages.ASK.values(), *pages.DONE.values(), pages.NOT_FOUND, pages.GONE, pages.NOT_ALLOWED, pages.TRY_AGAIN]


@pytest.mark.parametrize("page", ALL)
def test_a_page_is_complete_and_loads_nothing(page: bytes) -> None:
    text = page.decode()
    assert re.search('<html lang="[a-z]{2}(?:-hant)?"(?: dir="rtl")?>', text)
    assert "<title>" in text
    assert not re.search(r"\b(?:src|href|srcset|action)=|url\(|@import|<script|https?:", text)


def test_the_policy_allows_the_style_that_the_pages_have_and_nothing_else() -> None:
    policy = dict(pages.HEADERS)[b"content-security-policy"].decode()
    style = re.search("<style>(.*)</style>", pages.ASK["en"].decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_only_the_page_that_asks_has_a_form_with_one_button() -> None:
    asking = list(pages.ASK.values())
    assert all(page.count(b"<form") == page.count(b"<button") == int(page in asking) for page in ALL)
    assert all(b'method="post"' in page for page in asking)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (b"", None),
        (b"*", None),
        (b"en-GB,en;q=0.5", "en"),
        (b"de", "de"),
        (b"de-AT,de;q=0.9,en;q=0.8", "de"),
        (b"cy,fr;q=0.4,es;q=0.7", "es"),
        (b"nl;q=0, pl;q=0.1", "pl"),
        (b"PT-br, it", "pt"),
        (b"nn-NO,en;q=0.9", "nb"),
        (b"zh-CN,zh;q=0.9", "zh"),
        (b"zh-Hant-HK,zh;q=0.9,en;q=0.8", "zh-hant"),
        (b"cy, *;q=0.5", None),
        (b"de;q=\xff, ;;,,q=1", None),
        (b"cy," * 1000 + b"de", None),
    ],
)
def test_the_page_speaks_the_language_that_the_browser_wants_most(header: bytes, language: str | None) -> None:
    assert asked_for(header) == language
    if language:
        assert f'<html lang="{language}">'.encode() in pages.ASK[language]


def test_every_country_has_a_language_that_there_are_words_for() -> None:
    codes = [f"{first}{second}" for first in ascii_uppercase for second in ascii_uppercase]
    spoken = {country: of_country(country) for country in codes}
    assert set(spoken.values()) == set(WORDS)
    assert [spoken[country] for country in ("FR", "BR", "MX", "TW", "US", "ZZ")] == [
        "fr",
        "pt",
        "es",
        "zh-hant",
        "en",
        "en",
    ]
    assert of_country(None) == "en"


def test_every_language_has_words_of_its_own_without_markup() -> None:
    pages_words = [msgspec.structs.astuple(words) for words in WORDS.values()]
    assert len(set(pages_words)) == len(WORDS)
    assert all(len(set(words)) == len(words) for words in pages_words)
    texts = [text for words in pages_words for text in words]
    assert not any(char in text for text in texts for char in "<>&")
