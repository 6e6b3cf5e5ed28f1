"""Asking Volley's services: bodies are streamed both ways, and nothing is asked twice."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from yarl import URL

from gateway_api.domain.headers import Headers

CONNECT_SECONDS = 3.0
CONNECTIONS = 512


class UpstreamError(Exception):
    """A service did not answer as it should."""


class UnreachableError(UpstreamError):
    """The service took no connection: it surely did nothing."""


class SilentError(UpstreamError):
    """The service did not answer in time: it may have done what was asked."""


class BrokenError(UpstreamError):
    """The connection broke before an answer: the service may have done what was asked."""


class Answer(msgspec.Struct, frozen=True):
    """Status and headers as the service sent them, and its body as it comes."""

    status: int
    headers: Headers
    chunks: AsyncIterator[bytes]


class Upstream:
    """Connections to the services. `services` are base URLs by name; `answer_within` bounds silences, in seconds."""

    def __init__(self, session: aiohttp.ClientSession, services: Mapping[str, str], answer_within: float) -> None:
        self._session = session
        self._services = services
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=answer_within)

    @asynccontextmanager
    async def ask(
        self, service: str, method: str, target: str, headers: Headers, chunks: AsyncIterator[bytes] | None
    ) -> AsyncIterator[Answer]:
        """The answer to one request; `target` is path and query as they came. Raises UpstreamError.

        Once the answer is there, a failure while its body is read is a plain aiohttp.ClientError.
        """
        try:
            response = await self._session.request(
                method,
                URL(self._services[service] + target, encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
                data=chunks,
                timeout=self._timeout,
                allow_redirects=False,
            )
        except (aiohttp.ServerTimeoutError, TimeoutError) as error:
            raise SilentError(service) from error
        except aiohttp.ClientConnectorError as error:
            raise UnreachableError(service) from error
        except aiohttp.ClientError as error:
            raise BrokenError(service) from error
        try:
            yield Answer(response.status, list(response.raw_headers), response.content.iter_any())
        finally:
            response.release()


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that changes nothing of what passes through it."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        read_bufsize=256 * 1024,
    ) as session:
        yield session
