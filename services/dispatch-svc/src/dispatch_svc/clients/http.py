"""The HTTP client of a route: messages to a provider in its dialect (`clients.http_api`, `clients.twilio_api`)."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from urllib.parse import quote

import msgspec
import structlog

from dispatch_svc.clients import http_api, metrics, twilio_api
from dispatch_svc.clients.dialect import Dialect
from dispatch_svc.clients.http1 import Endpoint, HeldError, NoAnswerError, NotSentError
from dispatch_svc.domain.breaker import Breaker
from dispatch_svc.domain.handover import Handed, HandoverResult, MaySend, Outbound
from dispatch_svc.domain.routes import Condition, Route, SmppConfig, TwilioConfig
from volley_chassis.outside import Outside
from volley_contracts import now as utc_now

log = structlog.get_logger()
_RESOLUTION: Final = 0.002
_LOOK_AGAIN: Final = 0.05
# A place for POSTs is given back after so many, if others wait for one.
_POSTS_A_PLACE: Final = 8
_REPEATS: Final = 2
_REPEAT_AFTER: Final = 0.2
_MALFORMED: Final = frozenset({400, 413, 422})


class HttpClient:
    """See domain.handover.Client. `open` it first."""

    def __init__(self, route: Route, outside: Outside) -> None:
        assert not isinstance(route.config, SmppConfig)
        self.route_id, self.account_id = route.id, route.account_id
        self.config = route.config
        self.gives_receipts = route.config.receipts
        self._dialect = dialect_of(route)
        self.can_be_asked = self._dialect.can_be_asked
        self._endpoint = endpoint_of(self._dialect, outside)
        self._post_head = self._endpoint.head("POST", self._dialect.path)
        self._free = asyncio.Semaphore(route.config.concurrency)
        self._workers: set[asyncio.Task[list[Handed]]] = set()
        self._closing = False
        self._breaker = Breaker()
        self._error: str | None = None
        self._error_at: datetime | None = None
        self._since: datetime | None = None

    # Life

    def open(self) -> None:
        """Connections are made when there is something to send."""

    async def close(self, within: float) -> None:
        """Take nothing more, and wait `within` seconds for answers."""
        self._closing = True
        if self._workers:
            await asyncio.wait(self._workers, timeout=within)
        self._endpoint.close()

    @property
    def healthy(self) -> bool:
        return not self._closing and not self._breaker.is_open(time.monotonic())

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
        workers = []
        while waiting and self.healthy and may_send():
            ahead = _due(waiting[0]) - time.monotonic()
            if ahead > 0:
                await asyncio.sleep(min(max(ahead, _RESOLUTION), _LOOK_AGAIN))
            elif await self._room():
                if waiting and self.healthy:
                    workers.append(self._start(waiting, may_send))
                else:
                    self._free.release()
        handed = [one for worker in workers for one in await worker]
        metrics.count(self.route_id, handed)
        return handed + [Handed(message.ref, "not_sent") for message in waiting]

    async def find(self, ref: str) -> Handed | None:
        if not self.can_be_asked:
            raise OSError("the provider answers no questions")
        head = self._endpoint.head("GET", f"/messages/{quote(ref, safe='')}")
        try:
            answer = await self._endpoint.request(head, None, self.config.timeout)
            if answer.status == 404:
                return None
            if answer.status == 200:
                return http_api.read_answer(answer.content)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise OSError(f"the provider cannot be asked: {error!r}") from error
        raise OSError(f"the provider cannot be asked: status {answer.status}")

    def _start(self, waiting: deque[Outbound], may_send: MaySend) -> asyncio.Task[list[Handed]]:
        """Post in the place that was taken."""
        worker = asyncio.create_task(self._work(self._take(waiting), waiting, may_send))
        self._workers.add(worker)
        worker.add_done_callback(self._workers.discard)
        return worker

    async def _work(self, batch: list[Outbound], waiting: deque[Outbound], may_send: MaySend) -> list[Handed]:
        """Post a batch and some of what waits, and give the place back: a task for each POST would cost more."""
        handed: list[Handed] = []
        try:
            for number in range(_POSTS_A_PLACE):
                if not batch:
                    break
                handed += await self._post_surely(batch, may_send)
                # `may_send` is asked when there is a connection.
                batch = self._take(waiting) if number + 1 < _POSTS_A_PLACE and self.healthy else []
        finally:
            self._free.release()
        return handed

    def _take(self, waiting: deque[Outbound]) -> list[Outbound]:
        batch: list[Outbound] = []
        now = time.monotonic()
        while waiting and len(batch) < self._dialect.batch_size and _due(waiting[0]) <= now:
            batch.append(waiting.popleft())
        return batch

    async def _room(self) -> bool:
        """Take one of the places for POSTs; False if none became free within a moment."""
        if not self._free.locked():
            return await self._free.acquire()
        try:
            async with asyncio.timeout(_LOOK_AGAIN):
                return await self._free.acquire()
        except TimeoutError:
            return False

    async def _post_surely(self, messages: Sequence[Outbound], may_send: MaySend) -> list[Handed]:
        """Post; where that leaves a doubt repeat it if the provider knows a message again, then ask, then give up."""
        repeats = _REPEATS if self._dialect.idempotent else 0
        for repeat in range(repeats + 1):
            started = time.monotonic()
            try:
                return await self._post(messages, may_send, doubtful=repeat > 0)
            except NoAnswerError as doubt:
                reason = str(doubt)
                self._failed(reason, hard=False)
            except NotSentError as error:
                if not isinstance(error, HeldError):
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
        dialect = self._dialect
        answer = await self._endpoint.request(self._post_head, dialect.body(messages), self.config.timeout, may_send)
        try:
            handed = dialect.read(answer, messages)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NoAnswerError("unreadable_answer") from error
        if handed is not None:
            self._succeeded()
            return handed
        if doubtful or answer.status < 300 or (answer.status >= 500 and answer.status not in dialect.throttled):
            raise NoAnswerError(f"http_{answer.status}")
        if answer.status in _MALFORMED and len(messages) > 1:
            return await self._post_halves(messages, may_send)
        return self._refused(answer.status, answer.headers.get("retry-after"), messages)

    async def _post_halves(self, messages: Sequence[Outbound], may_send: MaySend) -> list[Handed]:
        """None was taken, perhaps because of one of them, or because they are too many: the others shall not suffer."""
        middle = len(messages) // 2
        first = await self._post_surely(messages[:middle], may_send)
        return [*first, *await self._post_surely(messages[middle:], may_send)]

    def _refused(self, status: int, after: str | None, messages: Sequence[Outbound]) -> list[Handed]:
        """The provider took none. A key that it does not know, or a wrong address, is mended by a person: later."""
        result: HandoverResult = "refused" if status in _MALFORMED else "retry"
        seconds = http_api.retry_after(after, utc_now())
        if status in self._dialect.throttled:
            self._breaker.hold(time.monotonic(), seconds)
        elif result == "retry":
            self._failed(f"the provider answers with status {status}", hard=True)
            seconds = max(seconds, self._breaker.rest(time.monotonic()))
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
        self._breaker.succeeded()
        self._since = self._since or utc_now()

    def _failed(self, reason: str, *, hard: bool) -> None:
        """Leave the provider alone: at once after a `hard` failure, else after some in a row."""
        self._error, self._error_at, self._since = reason, utc_now(), None
        if seconds := self._breaker.failed(time.monotonic(), hard=hard):
            log.warning("route is down", route_id=str(self.route_id), reason=reason, seconds=seconds)


def dialect_of(route: Route) -> Dialect:
    """Of a route that is no SMPP route."""
    config = route.config
    assert not isinstance(config, SmppConfig)
    return twilio_api.dialect(config, route.id) if isinstance(config, TwilioConfig) else http_api.dialect(config)


def endpoint_of(dialect: Dialect, outside: Outside) -> Endpoint:
    """The provider's server, with the headers that go with every request."""
    return Endpoint(dialect.url, {"User-Agent": "Volley", "Accept": "application/json", **dialect.headers}, outside)


def _due(message: Outbound) -> float:
    """A provider that splits the text itself sends all parts at once."""
    return message.part_due[-1] if message.part_due else message.due
