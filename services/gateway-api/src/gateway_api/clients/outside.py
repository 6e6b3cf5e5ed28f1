"""Posting to addresses that customers gave: nothing inside the cluster can be reached through them."""

import errno
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import msgspec
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from gateway_api.domain.webhooks import is_public

POST_SECONDS = 15.0


class Posted(msgspec.Struct, frozen=True):
    """The status of the answer, or why there is none; and how long it took."""

    status: int | None
    error: str | None
    took_ms: int

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, whatever their owner's DNS says."""

    def __init__(self) -> None:
        self._resolver = DefaultResolver()

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        public = [result for result in found if is_public(result["host"])]
        if not public:
            raise OSError(errno.EHOSTUNREACH, f"{host} has no public address")
        return public

    async def close(self) -> None:
        await self._resolver.close()


@asynccontextmanager
async def open_outside(*, private: bool) -> AsyncIterator[aiohttp.ClientSession]:
    """A session for the outside; `private` lets it reach private addresses too."""
    connector = aiohttp.TCPConnector(resolver=None if private else PublicResolver(), limit=0)
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
