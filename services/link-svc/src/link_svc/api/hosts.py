"""Host names as people write them, turned into the lower-case ASCII form that links carry."""

import ipaddress

import idna

MAX_HOST = 100
"""Characters: every one of them costs room in an SMS, in every message."""


class HostError(ValueError):
    """What was given is no host name: what is wrong and what to do about it."""

    def __init__(self, message: str, fix: str) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix


def host_of(text: str) -> str:
    """`Bücher.Example.` becomes `xn--bcher-kva.example`. Raises HostError."""
    host = text.strip()
    if "://" in host:
        raise HostError("this is a URL", "give the host name alone, without https://")
    if any(sign in host for sign in "/?#"):
        raise HostError("this has a path", "give the host name alone, without what follows it")
    if "@" in host:
        raise HostError("this is an address", "give what stands after the @")
    if _is_address(host):
        raise HostError("this is an IP address", "give a host name, such as go.example.com")
    if ":" in host:
        raise HostError("this has a port", "give the host name alone; links use the usual port of https")
    return _ascii(host.rstrip("."))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        # 1.2.3.4:80, and the short and hexadecimal forms that browsers take for addresses
        last = host.partition(":")[0].rstrip(".").rsplit(".", 1)[-1].lower()
        return last.isdigit() or last.startswith("0x")
    return True


def _ascii(host: str) -> str:
    try:
        encoded = idna.encode(host, uts46=True, std3_rules=True).decode().lower()
    except idna.IDNAError as error:
        reason = str(error) or "it is empty"
        raise HostError(f"this is no host name: {reason}", "use letters, digits, hyphens and dots") from error
    if "." not in encoded:
        raise HostError("this has no dot", "give a full host name, such as go.example.com")
    if len(encoded) > MAX_HOST:
        raise HostError(f"this is longer than {MAX_HOST} characters", "choose a short host: it stands in every message")
    return encoded
