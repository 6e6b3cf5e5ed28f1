"""The pages need nothing from elsewhere, and their policy allows nothing else."""

import base64
import hashlib
import re

import pytest

from link_svc.public import pages

ALL = [pages.ASK, pages.DONE, pages.NOT_FOUND, pages.GONE, pages.NOT_ALLOWED, pages.TRY_AGAIN]


@pytest.mark.parametrize("page", ALL)
def test_a_page_is_complete_and_loads_nothing(page: bytes) -> None:
    text = page.decode()
    assert '<html lang="en">' in text
    assert "<title>" in text
    assert not re.search(r"\b(?:src|href|srcset|action)=|url\(|@import|<script|https?:", text)


def test_the_policy_allows_the_style_that_the_pages_have_and_nothing_else() -> None:
    policy = dict(pages.HEADERS)[b"content-security-policy"].decode()
    style = re.search("<style>(.*)</style>", pages.ASK.decode(), re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_only_the_page_that_asks_has_a_form_with_one_button() -> None:
    assert [page.count(b"<form") for page in ALL] == [1, 0, 0, 0, 0, 0]
    assert pages.ASK.count(b"<button") == 1
    assert b'method="post"' in pages.ASK
