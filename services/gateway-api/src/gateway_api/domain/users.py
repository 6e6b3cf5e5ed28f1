"""Users: their addresses, passwords and tokens."""

from ipaddress import IPv4Address, ip_address, ip_network
from urllib.parse import urlsplit

COOKIE = "volley_session"
SESSION_PREFIX = "vs_"
SESSION_HOURS = 12
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
EMAIL = r"^[!-?A-~]+@[!-?A-~]+$"
"""Printable ASCII around one at-sign: it names the user in headers and histories."""


def counted_as(host: str) -> str:
    """By what the tries of a client are counted: its address, and of IPv6 the network that a customer has."""
    try:
        ip = ip_address(host)
    except ValueError:
        return host
    if isinstance(ip, IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ip_network((ip, 64), strict=False))


def session_in(cookies: str | None) -> str | None:
    """The token in a Cookie header."""
    pairs = (pair.strip().partition("=") for pair in (cookies or "").split(";"))
    return next((value for name, _, value in pairs if name == COOKIE and value), None)


def cookie_of(token: str, origin: str | None) -> str:
    """The Set-Cookie of a session; an empty token takes it back.

    Only the browser knows whether TLS lies before the gateway. It says so in Origin, which every sign-in carries.
    """
    lasts = SESSION_HOURS * 3600 if token else 0
    secure = "" if origin and origin.startswith("http://") else "; Secure"
    return f"{COOKIE}={token}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Lax{secure}"


def is_own_origin(origin: str | None, host: str | None) -> bool:
    """Whether a page of the gateway's own address sent the request."""
    return bool(origin and host) and urlsplit(origin).netloc.lower() == (host or "").lower()
