"""Where webhooks may go, and when they are tried again."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway_api.clients.outside import Posted
from gateway_api.domain.webhooks import IllegalUrlError, check_url, pause_after
from gateway_api.handlers.deliver_webhooks import verdict

AT = datetime(2031, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("url", ["https://example.com/volley?x=1", "https://[2606:2800:220:1::1]/", "https://1.1.1.1"])
def test_public_addresses_pass(url: str) -> None:
    check_url(url, private=False)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://example.com/", "is not https"),
        ("https://localhost/", "is a private address"),
        ("https://127.0.0.1:9000/", "is a private address"),
        ("https://169.254.169.254/latest/meta-data", "is a private address"),
        ("https://[::1]/", "is a private address"),
        ("https://[::ffff:10.0.0.1]/", "is a private address"),
        ("https://[64:ff9b::a9fe:a9fe]/", "is a private address"),
        ("https://kafka.volley.svc.cluster.local/", "is a private address"),
        ("https://user:secret@example.com/", "contains a password"),
        ("ftp://example.com/", "is no web address"),
        ("https://exa mple.com/", "is no web address"),
        ("https://[::1", "is no web address"),
        ("https://a..example.com/", "is no web address"),
        (f"https://{'a' * 64}.example.com/", "is no web address"),
        ("https://example.com/" + "x" * 2048, "has 2068 characters"),
    ],
)
def test_others_are_refused_with_what_is_wrong(url: str, message: str) -> None:
    with pytest.raises(IllegalUrlError, match=message) as refused:
        check_url(url, private=False)
    assert refused.value.fix


def test_pauses_grow_and_end_after_about_two_days() -> None:
    pauses = [pause for tried in range(1, 20) if (pause := pause_after(tried))]
    assert pauses == sorted(pauses)
    assert timedelta(days=1) < sum(pauses, timedelta()) < timedelta(days=3)
    assert pause_after(len(pauses) + 1) is None


@pytest.mark.parametrize(
    ("posted", "tried", "expected"),
    [
        (Posted(204, None, 5), 1, ("delivered", None)),
        (Posted(500, None, 5), 1, ("pending", AT + timedelta(seconds=5))),
        (Posted(None, "refused", 5), 2, ("pending", AT + timedelta(seconds=30))),
        (Posted(302, None, 5), 1, ("pending", AT + timedelta(seconds=5))),
        (Posted(500, None, 5), 10, ("failed", None)),
        (Posted(410, None, 5), 1, ("failed", None)),
    ],
)
def test_what_an_answer_means(posted: Posted, tried: int, expected: object) -> None:
    assert verdict(posted, tried, AT) == expected
