"""How another Volley service is asked something: the shared session, the internal token, the caller's account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import aiohttp
import msgspec

T = TypeVar("T")
TIMEOUT = aiohttp.ClientTimeout(total=5, connect=2)


class UnavailableError(Exception):
    """The other service did not answer, or answered with an error of its own; asking again later may help."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The services that are asked. URLs have no slash at the end."""

    session: aiohttp.ClientSession
    link_url: str
    dispatch_url: str


@asynccontextmanager
async def peers(*, link_url: str, dispatch_url: str, token: str) -> AsyncIterator[Peers]:
    headers = {"x-volley-internal": token, "x-volley-actor": "campaign-svc", "x-volley-role": "admin"}
    async with aiohttp.ClientSession(headers=headers, timeout=TIMEOUT) as session:
        yield Peers(session, link_url.rstrip("/"), dispatch_url.rstrip("/"))


async def get(session: aiohttp.ClientSession, url: str, account_id: UUID) -> bytes | None:
    """The body of a 200 answer, None for 404. Raises UnavailableError for anything else."""
    try:
        async with session.get(url, headers={"x-volley-account": str(account_id)}) as answer:
            if answer.status == 404:
                return None
            body = await answer.read()
            if answer.status != 200:
                raise UnavailableError(f"{url} answered {answer.status}")
            return body
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnavailableError(f"{url} did not answer: {error!r}") from error


async def put(session: aiohttp.ClientSession, url: str, account_id: UUID, body: object) -> bytes:
    """The body of a 200 answer. Raises UnavailableError for anything else."""
    headers = {"x-volley-account": str(account_id), "content-type": "application/json"}
    try:
        async with session.put(url, data=msgspec.json.encode(body), headers=headers) as answer:
            found = await answer.read()
            if answer.status != 200:
                raise UnavailableError(f"{url} answered {answer.status}")
            return found
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnavailableError(f"{url} did not answer: {error!r}") from error


def decoded(decoder: msgspec.json.Decoder[T], body: bytes) -> T:
    """Raises UnavailableError for an answer that is not what it should be."""
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as error:
        raise UnavailableError(f"the answer cannot be read: {error}") from error
