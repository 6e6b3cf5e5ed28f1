"""Posting to addresses that customers gave: nothing inside the cluster can be reached through them."""

import errno
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import msgspec

from volley_chassis.outside import Outside

POST_SECONDS = 15.0
_OUTSIDE = Outside()


class Posted(msgspec.Struct, frozen=True):
    """The status of the answer, or why there is none; and how long it took."""

    status: int | None
    error: str | None
    took_ms: int

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def _public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket for an address as it was resolved, or written: nothing is looked up between this and the connection."""
    family, kind, protocol, _, (host, *_rest) = address
    try:
        allowed = _OUTSIDE.allows(str(host))
    except ValueError:  # an address in a spelling of its own, such as 127.1
        allowed = False
    if not allowed:
        raise OSError(errno.EHOSTUNREACH, "it leads to a private address")
    return socket.socket(family, kind, protocol)


@asynccontextmanager
async def open_outside(*, private: bool) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for the outside; `private` lets it reach private addresses too."""
    connector = aiohttp.TCPConnector(socket_factory=None if private else _public_socket, limit=0)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=POST_SECONDS),
        headers={"User-Agent": "Volley-Webhooks", "Content-Type": "application/json"},
    ) as session:
        yield session


async def post(session: aiohttp.ClientSession, url: str, body: str, headers: Mapping[str, str]) -> Posted:
    """Post once. The answer's body is not read, and redirects are not followed."""
    began = time.monotonic()
    status, reason = None, None
    try:
        async with session.post(url, data=body.encode(), headers=headers, allow_redirects=False) as answer:
            status = answer.status
    except TimeoutError:
        reason = f"no answer within {POST_SECONDS:.0f} s"
    except (aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: a host that is none (IDNA)
        reason = str(error)[:300] or type(error).__name__
    return Posted(status, reason, round((time.monotonic() - began) * 1000))
