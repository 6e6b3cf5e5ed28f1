"""Which header fields go through the gateway, and which are added to every answer."""

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
# The key stays here, and what the gateway says itself nobody else may say.
_OURS = frozenset({b"host", b"authorization", b"cookie", b"expect", b"idempotency-key", b"forwarded"})
_ANSWER_OURS = frozenset({b"server", b"date", b"set-cookie"})

SECURITY: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
]


def first(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str | None:
    """The value of a field (name in lower case) as text, None where it is absent."""
    return next((value.decode("latin-1").strip() for key, value in headers if key == name), None)


def inbound(headers: Headers) -> Headers:
    """What of a request goes on to a service."""
    dropped = _HOP_BY_HOP | _OURS | _named_by_connection(headers)
    return [
        (name, value)
        for name, value in headers
        if name not in dropped and not name.startswith((b"x-volley-", b"x-forwarded-"))
    ]


def outbound(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """What of a service's answer goes on to the caller."""
    lowered = [(name.lower(), value) for name, value in headers]
    dropped = _HOP_BY_HOP | _ANSWER_OURS | _named_by_connection(lowered)
    return [(name, value) for name, value in lowered if name not in dropped and not name.startswith(b"x-volley-")]


def secured(headers: Headers) -> Headers:
    """The headers with the security headers that they do not set themselves."""
    present = {name.lower() for name, _ in headers}
    return headers + [field for field in SECURITY if field[0] not in present]


def _named_by_connection(headers: Headers) -> frozenset[bytes]:
    values = [value for name, value in headers if name == b"connection"]
    return frozenset(name.strip().lower() for value in values for name in value.split(b","))
