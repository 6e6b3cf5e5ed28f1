"""Whether a domain leads here: the proof that only this platform can give, what fails in words, and when to tell."""

from datetime import datetime
from hashlib import blake2s
from typing import Literal

import msgspec

PATH = "/.well-known/volley/"
"""What a check asks for, and after it a nonce: an answer of another day, or of another platform, proves nothing."""

NONCE_LENGTH = 32
ENOUGH = 2
"""So many failures in a row are told of: one may be the network's."""

Fault = Literal[
    "no_address",
    "private_address",
    "unreachable",
    "silent",
    "no_tls",
    "certificate_expired",
    "certificate_of_others",
    "certificate_untrusted",
    "redirects",
    "not_this_platform",
]
_SENTENCES: dict[Fault, str] = {
    "no_address": "{host} has no address. Add a record that points it to this platform.",
    "private_address": "{host} has no public address. Point it to this platform's public one.",
    "unreachable": "{host} takes no connection ({detail}). Check where it points, and that port 443 is served there.",
    "silent": "{host} does not answer in time. Check where it points, and that the redirect servers run.",
    "no_tls": "{host} does not speak TLS ({detail}). Serve https there.",
    "certificate_expired": "The certificate of {host} has expired. Renew it.",
    "certificate_of_others": "The certificate that {host} shows is not for that name. Issue one that is.",
    "certificate_untrusted": "The certificate of {host} is not trusted ({detail}). Issue one by a public authority.",
    "redirects": "{host} redirects ({detail}). Let it answer itself, by this platform's redirect servers.",
    "not_this_platform": "Something answers at {host} ({detail}), and it is not this platform. Point the name here, "
    "and pass every path on with the Host header as it is.",
}


class Found(msgspec.Struct, frozen=True):
    """What a check found; no `problem`: all is well."""

    problem: str | None
    certificate_expires_at: datetime | None


class Health(msgspec.Struct, frozen=True):
    """What is known of a domain. `failures` in a row; `told`: others know that it fails."""

    checked_at: datetime
    problem: str | None
    certificate_expires_at: datetime | None
    failures: int = 0
    told: bool = False


def proof_of(token: str, host: str, nonce: str) -> bytes:
    """What the platform answers at PATH + nonce on the host. `token` is a secret of the whole platform."""
    key = blake2s(token.encode(), person=b"vly-hlth").digest()
    return blake2s(f"{host}\0{nonce}".encode(), key=key, digest_size=16).hexdigest().encode()


def nonce_in(path: str) -> str | None:
    nonce = path.removeprefix(PATH)
    return nonce if path != nonce and len(nonce) == NONCE_LENGTH and nonce.isalnum() and nonce.isascii() else None


def sentence(fault: Fault, host: str, detail: str = "") -> str:
    return _SENTENCES[fault].format(host=host, detail=detail[:100])


def after(known: Health | None, found: Found, at: datetime, *, in_use: bool) -> tuple[Health, bool | None]:
    """What is known now, and what is to be told: True that it works again, False that it fails, None: nothing.

    Only of a domain in use is it told that it fails.
    """
    failures = 0 if found.problem is None else (known.failures if known else 0) + 1
    told = known is not None and known.told
    news: bool | None = None
    if told and not failures:
        news = True
    elif not told and in_use and failures >= ENOUGH:
        news = False
    health = Health(at, found.problem, found.certificate_expires_at, failures, told if news is None else not news)
    return health, news
