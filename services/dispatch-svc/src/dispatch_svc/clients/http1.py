"""HTTP/1.1 to one provider over connections that are kept, knowing of every request whether it may have arrived.

General clients hide that: they connect, write, and sometimes write again on their own. Here a request is written once,
in one piece, on a connection that is open; what goes wrong before is `NotSentError`, what goes wrong after is
`NoAnswerError`. One request at a time on a connection; no redirects, cookies, compression or proxies.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Callable
from typing import Final, cast
from urllib.parse import quote, urlsplit

import httptools
import msgspec

from dispatch_svc.clients.outside import connect
from dispatch_svc.domain.routes import address_in
from volley_chassis.outside import Outside

LARGEST_ANSWER: Final = 8 << 20
"""Bytes, with its head."""
IDLE_SECONDS: Final = 4.0
"""A connection that was not used for longer is not used again: many servers close theirs after 5 s, and a request that
meets the close on its way is in doubt."""
_INFORMATIONAL: Final = range(100, 200)
_LEGAL_IN_PATHS: Final = "/%:@!$&'()*+,;=~-._"


class NotSentError(OSError):
    """Nothing of the request was written."""


class HeldError(NotSentError):
    """There was a connection, but by then nothing might leave any more."""


class NoAnswerError(OSError):
    """The request was written and may have arrived; the text is a code for why there is no answer."""


class Answer(msgspec.Struct, frozen=True):
    """Header names are in lower case; of several of one name the last counts."""

    status: int
    headers: dict[str, str]
    content: bytes


class Endpoint:
    """A server, by the URL that all paths begin with (http or https), and the connections to it.

    `trust`: certificates (PEM) to trust instead of the system's. `headers` go with every request. `outside`: which
    addresses its host may lead to.
    """

    def __init__(self, url: str, headers: dict[str, str], outside: Outside, trust: str | None = None) -> None:
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        self._host, self._port = address_in(url)
        self._outside = outside
        self._path = quote(parts.path.rstrip("/"), safe=_LEGAL_IN_PATHS)
        self._tls = ssl.create_default_context(cadata=trust) if tls else None
        fields = {"Host": parts.netloc, **headers}
        self._fields = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._idle: deque[_Connection] = deque()
        self._open: set[_Connection] = set()

    def head(self, method: str, path: str) -> bytes:
        """The head of requests to `path`, for `request`."""
        return f"{method} {self._path}{path} HTTP/1.1\r\n{self._fields}".encode("latin-1")

    async def request(
        self, head: bytes, body: bytes | None, seconds: float, may_send: Callable[[], bool] = lambda: True
    ) -> Answer:
        """Send a request, if `may_send()` when the connection is there.

        `seconds` in all, of which connecting may take half. NotSentError or NoAnswerError.
        """
        length = b"" if body is None else b"Content-Length: %d\r\n" % len(body)
        now = asyncio.get_running_loop().time()
        connection = self._kept(now) or await self._connect(seconds / 2)
        if not may_send():
            self._keep(connection)
            raise HeldError("held")
        try:
            return await connection.ask(b"%b%b\r\n%b" % (head, length, body or b""), now + seconds)
        finally:
            self._keep(connection)

    def close(self) -> None:
        """Whoever still waits for an answer gets NoAnswerError."""
        for connection in list(self._open):
            connection.close("closed")
        self._idle.clear()

    def _kept(self, now: float) -> "_Connection | None":
        """The connection that was used last is the most certain to be open."""
        while self._idle and self._idle[0].used_at < now - IDLE_SECONDS:
            self._idle.popleft().close("idle")
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
        return None

    def _keep(self, connection: "_Connection") -> None:
        if connection.usable:
            self._idle.append(connection)
        else:
            connection.close("not_reusable")

    async def _connect(self, within: float) -> "_Connection":
        try:
            async with asyncio.timeout(within):
                return await connect(self._outside, self._host, self._port, lambda: _Connection(self._open), self._tls)
        except (OSError, UnicodeError) as error:
            raise NotSentError(str(error) or "it takes too long") from error


class _Connection(asyncio.Protocol):
    """One connection, and the request on it if there is one."""

    def __init__(self, register: "set[_Connection]") -> None:
        self._register = register
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._answer: asyncio.Future[Answer] | None = None
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._received = 0
        self._head_is_complete = False
        self._may_stay = True
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self.used_at = self._loop.time()

    @property
    def usable(self) -> bool:
        """Open, and nothing is on its way over it."""
        return (
            self._may_stay and self._answer is None and self._transport is not None and not self._transport.is_closing()
        )

    async def ask(self, request: bytes, deadline: float) -> Answer:
        """Write `request` and wait for its answer until `deadline` (time of the loop). NotSentError, NoAnswerError."""
        if not self.usable or self._transport is None:
            raise NotSentError("the connection was closed")
        self._received, self._answer = 0, self._loop.create_future()
        self._watch(deadline)
        try:
            self._transport.write(request)
            return await self._answer
        except asyncio.CancelledError:
            self.close("cancelled")
            raise

    def close(self, reason: str) -> None:
        """At once. Who waits for an answer gets NoAnswerError with the `reason`."""
        self._may_stay = False
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.abort()
        answer, self._answer = self._answer, None
        if answer is not None and not answer.done():
            answer.set_exception(NoAnswerError(reason))

    def _watch(self, deadline: float) -> None:
        """One timer serves all requests of a connection: a timer for each would cost more than to look again."""
        self._deadline = deadline
        if self._timer is not None and self._timer.when() > deadline:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._overdue)

    def _overdue(self) -> None:
        self._timer = None
        if self._answer is None:
            return
        if self._loop.time() >= self._deadline:
            self.close("no_answer_in_time")
        else:
            self._watch(self._deadline)

    # Of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._register.add(self)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._answer is None or self._received > LARGEST_ANSWER:
            self.close("answer_too_long" if self._answer else "not_asked")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close("no_http")

    def eof_received(self) -> None:
        """An answer without a length ends with its connection."""
        if self._head_is_complete and not self._headers.keys() & {"content-length", "transfer-encoding"}:
            self.on_message_complete()

    def connection_lost(self, _error: Exception | None) -> None:
        self._register.discard(self)
        self.close("connection_lost")

    # Of the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        self._head_is_complete = True

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        status: int = self._parser.get_status_code()
        headers, content = self._headers, b"".join(self._body)
        self._headers, self._body, self._head_is_complete = {}, [], False
        if status in _INFORMATIONAL:
            return
        self._may_stay = self._parser.should_keep_alive()
        self.used_at = self._loop.time()
        answer, self._answer = self._answer, None
        if answer is None:
            self.close("not_asked")
        elif not answer.done():
            answer.set_result(Answer(status, headers, content))
