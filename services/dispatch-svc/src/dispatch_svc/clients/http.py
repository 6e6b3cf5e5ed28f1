"""The HTTP client of a route: batches of messages to a provider that speaks our JSON (`clients.http_api`)."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import aiohttp
import msgspec
import structlog

from dispatch_svc.clients import http_api, metrics
from dispatch_svc.domain.handover import Handed, HandoverResult, MaySend, Outbound
from dispatch_svc.domain.routes import Condition, HttpConfig, Route
from volley_contracts import now as utc_now

log = structlog.get_logger()
_RESOLUTION: Final = 0.002
_LOOK_AGAIN: Final = 0.05
_MOST_ANSWERED: Final = 8 << 20
_REPEATS: Final = 2
_REPEAT_AFTER: Final = 0.2
_DOWN_AFTER: Final = 3
_FIRST_DOWN, _LONGEST_DOWN = 0.5, 30.0
# The connection was never made, so nothing was written.
_NOT_WRITTEN = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL)
_THROTTLED: Final = frozenset({429, 503})
_MALFORMED: Final = frozenset({400, 413, 422})

_may_send: ContextVar[MaySend] = ContextVar("may_send", default=lambda: True)


class _TooLateError(Exception):
    """The connection was there, but by then nothing might leave any more. Nothing was written."""


class _Connector(aiohttp.TCPConnector):
    """Asks whether the POST may still leave once it has its connection, which may take long to make.

    A connection that came too late is kept for the next POST.
    """

    async def connect(self, *arguments: Any, **named: Any) -> Any:
        connection = await super().connect(*arguments, **named)
        if not _may_send.get()():
            connection.release()
            raise _TooLateError
        return connection


class _DoubtError(Exception):
    """The provider may have taken the messages; the text says why we do not know."""


class HttpClient:
    """See domain.handover.Client. `open` it first."""

    def __init__(self, route: Route) -> None:
        assert isinstance(route.config, HttpConfig)
        self.route_id, self.account_id = route.id, route.account_id
        self.config = route.config
        self.gives_receipts = route.config.receipts
        self.can_be_asked = route.config.can_be_asked
        self._url = route.config.url.rstrip("/") + "/messages"
        self._free = asyncio.Semaphore(route.config.concurrency)
        self._posts: set[asyncio.Task[list[Handed]]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._closing = False
        self._failures = 0
        self._down_until = 0.0
        self._error: str | None = None
        self._error_at: datetime | None = None
        self._since: datetime | None = None

    # Life

    def open(self) -> None:
        timeout = self.config.timeout
        self._session = aiohttp.ClientSession(
            connector=_Connector(limit=0, keepalive_timeout=30),
            timeout=aiohttp.ClientTimeout(total=timeout, sock_connect=timeout / 2),
            headers={"Authorization": f"Bearer {self.config.token}", "Content-Type": "application/json"},
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self, within: float) -> None:
        """Take nothing more, and wait `within` seconds for answers."""
        self._closing = True
        if self._posts:
            await asyncio.wait(self._posts, timeout=within)
        if self._session is not None:
            await self._session.close()

    @property
    def healthy(self) -> bool:
        """After failures the provider is left alone for a while, then the next messages try it."""
        return not self._closing and time.monotonic() >= self._down_until

    def condition(self) -> Condition:
        return Condition(
            healthy=self.healthy,
            sessions=int(self._since is not None),
            connected_since=self._since,
            last_error=self._error,
            last_error_at=self._error_at,
        )

    # Out

    async def hand_over(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        waiting = deque(sorted(messages, key=_due))
        posts = []
        while waiting and self._takes(may_send):
            ahead = _due(waiting[0]) - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(min(max(ahead, _RESOLUTION), _LOOK_AGAIN))
            elif await self._room():
                if not self._takes(may_send):
                    self._free.release()
                    break
                posts.append(self._start(self._take(waiting), may_send))
        handed = [Handed(message.ref, "not_sent") for message in waiting]
        for post in posts:
            handed += await post
        return handed

    async def find(self, ref: str) -> Handed | None:
        assert self._session is not None
        try:
            async with self._session.get(f"{self._url}/{quote(ref, safe='')}", allow_redirects=False) as response:
                if response.status == 404:
                    return None
                content = await _read(response)
                if response.status == 200:
                    return http_api.read_answer(content)
        except (aiohttp.ClientError, msgspec.DecodeError, ValueError) as error:
            raise OSError(f"the provider cannot be asked: {error!r}") from error
        raise OSError(f"the provider cannot be asked: status {response.status}")

    def _start(self, messages: list[Outbound], may_send: MaySend) -> asyncio.Task[list[Handed]]:
        """Post them in the place that was taken."""
        post = asyncio.create_task(self._post_and_free(messages, may_send))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)
        return post

    def _take(self, waiting: deque[Outbound]) -> list[Outbound]:
        batch: list[Outbound] = []
        now = time.monotonic()
        while waiting and len(batch) < self.config.batch_size and _due(waiting[0]) <= now:
            batch.append(waiting.popleft())
        return batch

    def _takes(self, may_send: MaySend) -> bool:
        return not self._closing and may_send()

    async def _room(self) -> bool:
        """Take one of the places for POSTs; False if none became free within a moment."""
        try:
            async with asyncio.timeout(_LOOK_AGAIN):
                return await self._free.acquire()
        except TimeoutError:
            return False

    async def _post_and_free(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        try:
            handed = await self._post_surely(messages, may_send)
        finally:
            self._free.release()
        metrics.count(self.route_id, handed)
        return handed

    async def _post_surely(self, messages: list[Outbound], may_send: MaySend) -> list[Handed]:
        """Post; where that leaves a doubt repeat it if the provider knows a message again, then ask, then give up."""
        repeats = _REPEATS if self.config.idempotent else 0
        for repeat in range(repeats + 1):
            started = time.monotonic()
            try:
                return await self._post(messages, may_send, doubtful=repeat > 0)
            except _DoubtError as doubt:
                reason = str(doubt)
                self._failed(reason, hard=False)
            except (_TooLateError, *_NOT_WRITTEN) as error:
                if not isinstance(error, _TooLateError):
                    self._failed(f"no connection: {error}", hard=True)
                if not repeat:
                    return [Handed(message.ref, "not_sent") for message in messages]
            if repeat == repeats or not may_send():
                break
            await asyncio.sleep(_REPEAT_AFTER * 2**repeat)
        if self.can_be_asked:
            return await self._ask_all(messages, reason, started + self.config.timeout)
        return [Handed(message.ref, "unknown", error=reason) for message in messages]

    async def _post(self, messages: Sequence[Outbound], may_send: MaySend, *, doubtful: bool) -> list[Handed]:
        """`doubtful`: an earlier POST may have been taken, so that only an answer for each message is one."""
        assert self._session is not None
        asked = _may_send.set(may_send)
        try:
            async with self._session.post(self._url, data=http_api.body(messages), allow_redirects=False) as response:
                content = await _read(response)
        except _NOT_WRITTEN:
            raise
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            reason = "no_answer_in_time" if isinstance(error, TimeoutError) else "connection_lost"
            raise _DoubtError(reason) from error
        finally:
            _may_send.reset(asked)
        status = response.status
        if status == 200:
            try:
                handed = http_api.read_answers(content, messages)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise _DoubtError("unreadable_answer") from error
            self._succeeded()
            return handed
        if doubtful or (status >= 500 and status not in _THROTTLED):
            raise _DoubtError(f"http_{status}")
        return self._refused(status, response.headers.get("Retry-After"), messages)

    def _refused(self, status: int, after: str | None, messages: Sequence[Outbound]) -> list[Handed]:
        """The provider took none. A key that it does not know, or a wrong address, is mended by a person: later."""
        result: HandoverResult = "refused" if status in _MALFORMED else "retry"
        seconds = http_api.retry_after(after, utc_now())
        if status in _THROTTLED:
            self._down_until = time.monotonic() + seconds
        elif result == "retry":
            self._failed(f"the provider answers with status {status}", hard=True)
            seconds = max(seconds, self._down_until - time.monotonic())
        return [
            Handed(message.ref, result, error=f"http_{status}", retry_after=seconds if result == "retry" else 0.0)
            for message in messages
        ]

    async def _ask_all(self, messages: Sequence[Outbound], reason: str, at: float) -> list[Handed]:
        """What the provider knows of each, asked at `at`, when the POST cannot arrive any more."""
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        handed = []
        for message in messages:
            try:
                found = await self.find(message.ref)
            except (OSError, TimeoutError):
                found = Handed(message.ref, "unknown", error=reason)
            handed.append(found or Handed(message.ref, "not_sent", error=reason))
        return handed

    # Health

    def _succeeded(self) -> None:
        self._failures = 0
        self._since = self._since or utc_now()

    def _failed(self, reason: str, *, hard: bool) -> None:
        """Leave the provider alone: at once after a `hard` failure, else after some in a row."""
        self._failures += 1
        self._error, self._error_at, self._since = reason, utc_now(), None
        excess = self._failures - (1 if hard else _DOWN_AFTER)
        if excess >= 0:
            seconds = min(_FIRST_DOWN * 2 ** min(excess, 10), _LONGEST_DOWN)
            self._down_until = time.monotonic() + seconds
            log.warning("route is down", route_id=str(self.route_id), reason=reason, seconds=seconds)


def _due(message: Outbound) -> float:
    """A provider that splits the text itself sends all parts at once."""
    return message.part_due[-1] if message.part_due else message.due


async def _read(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(1 << 16):
        content += chunk
        if len(content) > _MOST_ANSWERED:
            raise aiohttp.ClientPayloadError("the answer is too long")
    return bytes(content)
