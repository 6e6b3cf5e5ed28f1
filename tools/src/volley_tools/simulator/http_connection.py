"""A connection to the HTTP port: POST /messages is read straight off it until another request comes.

A web framework costs more than all that the simulator does with a message, and would be what a benchmark measures.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from typing import NamedTuple, cast

import httptools

MAX_BODY = 8 << 20
_POST = b"POST /messages "


class Reply(NamedTuple):
    """What a POST is answered, in JSON, `after` so many seconds. `cut`: the connection breaks instead."""

    status: HTTPStatus
    body: bytes
    headers: dict[str, str] = {}  # noqa: RUF012  # nobody writes to it
    after: float = 0.0
    cut: bool = False


TakePost = Callable[[str, bytes, float], Reply]
"""Answers a POST by its Authorization header, its body, and since when it may have waited (`Submitted.since`)."""


class HttpConnection(asyncio.Protocol):
    """One request at a time. The first that is not POST /messages leaves the connection to `others` for good.

    The first request may have waited `since` then, as the connection did.
    """

    def __init__(
        self, take_post: TakePost, others: Callable[[], asyncio.Protocol], register: set[HttpConnection], since: float
    ) -> None:
        self._take_post, self._others, self._register, self._since = take_post, others, register, since
        self._parser = httptools.HttpRequestParser(self)
        self._reading = False
        self._authorization = ""
        self._body: list[bytes] = []
        self._size = 0

    def close(self) -> None:
        """At once."""
        self._transport.abort()

    # Of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._register.add(self)

    def connection_lost(self, _error: Exception | None) -> None:
        self._register.discard(self)

    def data_received(self, data: bytes) -> None:
        if not self._reading:
            if not data.startswith(_POST):
                self._leave(data)
                return
            self._reading = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.close()

    def _leave(self, data: bytes) -> None:
        self._register.discard(self)
        other = self._others()
        self._transport.set_protocol(other)
        other.connection_made(self._transport)
        other.data_received(data)

    # Of the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        if name.lower() == b"authorization":
            self._authorization = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > MAX_BODY:
            self.close()
        else:
            self._body.append(body)

    def on_message_complete(self) -> None:
        reply = self._take_post(self._authorization, b"".join(self._body), self._since)
        self._reading, self._authorization, self._body, self._size, self._since = False, "", [], 0, inf
        if reply.cut:
            self.close()
        elif reply.after:
            asyncio.get_running_loop().call_later(reply.after, self._answer, reply)
        else:
            self._answer(reply)

    def _answer(self, reply: Reply) -> None:
        status, body, headers, _, _ = reply
        more = "".join(f"{name}: {value}\r\n" for name, value in headers.items()) if headers else ""
        head = f"HTTP/1.1 {status:d} {status.phrase}\r\nContent-Type: application/json\r\n{more}"
        self._transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head.encode(), len(body), body))
        if not self._parser.should_keep_alive():
            self._transport.close()
