"""The body of a request as it comes in: counted against its limit, hashed, and held whole only to be looked at."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from volley_chassis.problems import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]


class BodyError(Exception):
    """The body did not come whole."""


class TooLargeError(BodyError, Problem):
    """The body is larger than the route takes."""

    def __init__(self) -> None:
        Problem.__init__(self, 413, "too_large", "The body is larger than this request may be.")


class CallerGoneError(BodyError):
    """The caller hung up while sending."""


class Body:
    """One request body, read by whoever answers. `failure` is why it did not come whole; `limit` is in bytes."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._hash = hashlib.sha256()
        self._seen = b""
        self.whole = False
        self.failure: BodyError | None = None

    async def receive(self) -> Message:
        """As an ASGI application calls it. Raises TooLargeError."""
        message = await self._receive()
        if message["type"] == "http.request" and not self.whole:
            chunk = message.get("body", b"")
            self._left -= len(chunk)
            if self._left < 0:
                self.failure = TooLargeError()
                raise self.failure
            self._hash.update(chunk)
            self.whole = not message.get("more_body", False)
        return message

    async def chunks(self) -> AsyncIterator[bytes]:
        """Raises TooLargeError, CallerGoneError."""
        if self._seen:
            seen, self._seen = self._seen, b""
            yield seen
        while not self.whole:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                self.failure = CallerGoneError()
                raise self.failure
            if chunk := message.get("body", b""):
                yield chunk

    async def look(self) -> bytes:
        """All of it, which is still there to be passed on. Raises TooLargeError, CallerGoneError."""
        self._seen = b"".join([chunk async for chunk in self.chunks()])
        return self._seen

    async def fingerprint(self, request_line: bytes) -> bytes | None:
        """SHA-256 of request line and body, of which the rest is read now; None where it does not come whole."""
        try:
            async for _ in self.chunks():
                pass
        except BodyError:
            return None
        return hashlib.sha256(request_line + b"\n" + self._hash.digest()).digest()
