"""The HTTP door: our generic JSON provider API, with receipts and replies by signed webhook."""

import asyncio
import random
import re
import time
from collections.abc import Callable
from http import HTTPStatus
from math import inf
from typing import Annotated, Any, Literal

import msgspec
from aiohttp import web

from volley_smpp import State, Status
from volley_tools.simulator.http_connection import HttpConnection, Reply
from volley_tools.simulator.ledger import HTTP, Event, Ledger, Submitted, payload_of
from volley_tools.simulator.options import Options
from volley_tools.simulator.provider import Provider
from volley_tools.simulator.webhooks import Webhooks

_NUMBER = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_RECEIPT_STATES = {
    State.DELIVERED: "delivered",
    State.UNDELIVERABLE: "undelivered",
    State.EXPIRED: "expired",
    State.REJECTED: "rejected",
}
_ERRORS = {
    Status.ESME_RINVDSTADR: ("invalid_number", False),
    Status.ESME_RINVSRCADR: ("invalid_sender", False),
    Status.ESME_RTHROTTLED: ("throttled", True),
    Status.ESME_RMSGQFUL: ("queue_full", True),
    Status.ESME_RSYSERR: ("system_error", True),
}


class Outgoing(msgspec.Struct, forbid_unknown_fields=True):
    """One message of a POST; `ref` is the client's, and its idempotency key."""

    ref: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    to: str
    sender: Annotated[str, msgspec.Meta(min_length=1, max_length=20)] = msgspec.field(name="from")
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1600)]
    encoding: Literal["gsm7", "ucs2"] | None = None
    valid_for: int | None = None


class Post(msgspec.Struct, forbid_unknown_fields=True):
    """The body of POST /messages."""

    messages: Annotated[list[Outgoing], msgspec.Meta(min_length=1, max_length=1000)]


class HttpDoor:
    """POST /messages, GET /messages/{ref}; webhooks."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.webhooks = Webhooks(provider)
        self._messages: dict[str, int] = {}
        self._rejected: dict[str, dict[str, Any]] = {}
        self._decoder = msgspec.json.Decoder(Post)
        self._accepted = 0
        self._connections: set[HttpConnection] = set()
        provider.on_receipt["http"] = self.send_receipt

    @property
    def options(self) -> Options:
        return self.provider.options

    @property
    def ledger(self) -> Ledger:
        return self.provider.ledger

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/messages", self._post_by_aiohttp), web.get("/messages/{ref}", self._get)]

    def connection(self, others: Callable[[], asyncio.Protocol]) -> asyncio.Protocol:
        """What serves a new connection; `others` makes what serves the other requests on it."""
        since = self.ledger.accepted(time.monotonic())
        return HttpConnection(self._post, others, self._connections, since)

    def close(self) -> None:
        """Break all connections."""
        for connection in list(self._connections):
            connection.close()

    def know_again(self) -> None:
        """Take the references from a ledger that was loaded."""
        for message, (ref, session) in enumerate(zip(self.ledger.refs, self.ledger.sessions, strict=True)):
            if session == HTTP and isinstance(ref, str):
                self._messages[ref] = message

    def reset(self) -> None:
        self._messages.clear()
        self._rejected.clear()
        self.webhooks.reset()

    # -- requests

    def _post(self, authorization: str, body: bytes, since: float = inf) -> Reply:
        if not self._authorized(authorization):
            return Reply(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": "Bearer"})
        try:
            post = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return _reply(HTTPStatus.BAD_REQUEST, {"code": "malformed", "message": str(error)})
        answers = self._accept(post.messages, time.monotonic(), since)
        if answers is None:
            over = {"code": "throttled", "message": "more than your limit of parts a second"}
            return _reply(HTTPStatus.TOO_MANY_REQUESTS, over)._replace(headers={"Retry-After": "1"})
        self.provider.flush_journal()
        options = self.options
        self._accepted += len(answers)
        if options.drop_after and self._accepted >= options.drop_after:
            self._accepted = 0
            return Reply(HTTPStatus.OK, b"", cut=True)
        reply = _reply(HTTPStatus.OK, {"messages": answers})
        if options.latency_ms or options.jitter_ms:
            late = random.uniform(0, options.jitter_ms)  # noqa: S311  # a die
            return reply._replace(after=(options.latency_ms + late) / 1000)
        return reply

    async def _post_by_aiohttp(self, request: web.Request) -> web.Response:
        """On a connection that carried other requests before."""
        reply = self._post(request.headers.get("Authorization", ""), await request.read())
        await asyncio.sleep(reply.after)
        if reply.cut and request.transport:
            request.transport.abort()
        return web.Response(
            status=reply.status, body=reply.body, content_type="application/json", headers=reply.headers
        )

    async def _get(self, request: web.Request) -> web.Response:
        if not self._authorized(request.headers.get("Authorization", "")):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})
        ref = request.match_info["ref"]
        if ref in self._rejected:
            return _answer(HTTPStatus.OK, self._rejected[ref])
        if ref not in self._messages:
            return _answer(HTTPStatus.NOT_FOUND, {"code": "unknown", "message": "no message has this ref"})
        answer = self._accepted_answer(ref)
        state = State(self.ledger.row_states[self.ledger.last_rows[self._messages[ref]]])
        return _answer(HTTPStatus.OK, answer | {"status": _RECEIPT_STATES.get(state, "accepted")})

    def _authorized(self, authorization: str) -> bool:
        return authorization == f"Bearer {self.options.api_key}"

    # -- messages

    def _accept(self, messages: list[Outgoing], now: float, since: float) -> list[dict[str, Any]] | None:
        """The answer to each; None if they are more than the limit allows (then none is taken)."""
        sized = [(message, payload_of(message.text)) for message in messages]
        fresh = sum(size[2] for message, size in sized if message.ref not in self._messages)
        if not self.provider.within_limit(fresh, now):
            return None
        return [self._accept_one(message, *size, now, since) for message, size in sized]

    def _accept_one(
        self, message: Outgoing, payload: bytes, coding: int, parts: int, now: float, since: float
    ) -> dict[str, Any]:
        ref = message.ref
        if ref in self._messages:
            return self._accepted_answer(ref)
        if ref in self._rejected:
            return self._rejected[ref]
        status = None if _NUMBER.fullmatch(message.to) else Status.ESME_RINVDSTADR
        status = status or self.provider.failure(message.to)
        if status:
            return self._reject(ref, status)
        submitted = Submitted(now, message.sender, message.to, payload, coding, parts, ref, HTTP, None, since)
        row = self.provider.accept(submitted, "http")
        self._messages[ref] = self.ledger.row_messages[row]
        return self._accepted_answer(ref)

    def _accepted_answer(self, ref: str) -> dict[str, Any]:
        message = self._messages[ref]
        return {
            "ref": ref,
            "id": f"h-{ref}",
            "status": "accepted",
            "parts": self.ledger.part_counts[message],
        }

    def _reject(self, ref: str, status: Status) -> dict[str, Any]:
        code, retryable = _ERRORS.get(status, ("refused", False))
        error = {"code": code, "message": f"refused with {status.name}", "retryable": retryable}
        answer = {"ref": ref, "status": "rejected", "error": error}
        if not retryable:
            self._rejected[ref] = answer
        return answer

    # -- webhooks

    def send_receipt(self, row: int, state: State) -> None:
        _, sender, number = self.ledger.submitted_of(row)
        ref = self.ledger.refs[self.ledger.row_messages[row]]
        status = _RECEIPT_STATES[state]
        error = None if state is State.DELIVERED else {"code": status, "message": status, "retryable": False}
        receipt = {"id": f"h-{ref}", "ref": ref, "status": status, "error": error}
        event = Event("receipt", time.monotonic(), number, sender, {"id": f"h-{ref}", "state": state.name.lower()})
        self.webhooks.put("receipts", receipt, event)

    def send_reply(self, number: str, sender: str, text: str, kind: str) -> None:
        """`number` writes `text` to `sender`; the event is recorded once the client has taken it."""
        event = Event(kind, time.monotonic(), number, sender, {"text": text})
        self.webhooks.put("inbound", {"from": number, "to": sender, "text": text}, event)


def _answer(status: HTTPStatus, body: Any) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(body), content_type="application/json")


def _reply(status: HTTPStatus, body: Any) -> Reply:
    return Reply(status, msgspec.json.encode(body))
