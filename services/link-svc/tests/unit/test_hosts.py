"""What people write as a host becomes what a link carries, or an error that says what to write instead."""

import pytest

from link_svc.api.hosts import HostError, host_of


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("go.example.com", "go.example.com"),
        ("  GO.Example.COM. ", "go.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("4u.example", "4u.example"),
    ],
)
def test_a_host_has_one_form(text: str, host: str) -> None:
    assert host_of(text) == host


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("https://go.example.com", "without https"),
        ("go.example.com/path", "without what follows"),
        ("go.example.com?x", "without what follows"),
        ("go.example.com:8080", "usual port"),
        ("10.0.0.1", "host name"),
        ("10.0.0.1:80", "host name"),
        ("10.1", "host name"),
        ("0x7f.0x1", "host name"),
        ("::1", "host name"),
        ("[::1]", "host name"),
        ("me@example.com", "after the @"),
        ("localhost", "full host name"),
        ("", "letters, digits"),
        (".", "letters, digits"),
        ("a..b", "letters, digits"),
        ("-a.example", "letters, digits"),
        ("under_score.example", "letters, digits"),
        ("two words.example", "letters, digits"),
        ("xn--a.example", "letters, digits"),
        ("a" * 64 + ".example", "letters, digits"),
        (".".join(["abcdefghij"] * 12), "short host"),
        ("go\0.example", "letters, digits"),
        ("\ud800.example", "letters, digits"),
    ],
)
def test_anything_else_is_refused_with_what_to_write_instead(text: str, fix: str) -> None:
    with pytest.raises(HostError) as error:
        host_of(text)
    assert fix in error.value.fix
