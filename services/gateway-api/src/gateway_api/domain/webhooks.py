"""Outgoing webhooks: which events they carry, which addresses they may go to, when a post is tried again."""

from datetime import timedelta
from typing import Literal
from urllib.parse import urlsplit

from volley_chassis.outside import Outside

EventType = Literal[
    "volley.alert.raised.v1",
    "volley.alert.resolved.v1",
    "volley.campaign.moved.v1",
    "volley.message.inbound.v1",
    "volley.suppression.changed.v1",
]
"""The events that can be subscribed to, by the names that the topics give them."""

PING = "volley.webhook.ping.v1"
"""What a test sends."""

MAX_URL = 2048
MOST_WEBHOOKS = 20
ROTATION = timedelta(hours=24)
"""So long the former secret signs too."""

_PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800, 2 * 3600, 5 * 3600, 10 * 3600, 24 * 3600)
)
GONE = 410


class IllegalUrlError(Exception):
    """The text says what is wrong with the address; `fix` how to mend it."""

    def __init__(self, message: str, fix: str) -> None:
        self.fix = fix
        super().__init__(message)


def check_url(url: str, *, private: bool) -> None:
    """Refuse what is no address of a public server. `private` lets plain HTTP and private addresses pass."""
    if len(url) > MAX_URL:
        raise IllegalUrlError(f"has {len(url)} characters", f"use at most {MAX_URL}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")  # empty and overlong labels
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or not host or any(char.isspace() for char in url):
        raise IllegalUrlError("is no web address", "give one such as https://example.com/volley")
    if parts.username or parts.password:
        raise IllegalUrlError("contains a password", "take it out; the signature proves who posts")
    if private:
        return
    if parts.scheme != "https":
        raise IllegalUrlError("is not https", "events hold people's numbers: serve it over TLS")
    if not is_public(host):
        raise IllegalUrlError("is a private address", "give a host that can be reached from the internet")


def is_public(host: str) -> bool:
    """Whether a host name or address may be asked at all; a name's addresses are judged when it is resolved."""
    try:
        return Outside().allows(host)
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal"))


def pause_after(tried: int) -> timedelta | None:
    """How long to wait after that many failed posts; None: give up (after about two days)."""
    return _PAUSES[tried - 1] if tried <= len(_PAUSES) else None
