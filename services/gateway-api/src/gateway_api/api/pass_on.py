"""Passing a request on to the service that answers it, at most once where the caller asks for that."""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote

import msgspec
from litestar.config.cors import CORSConfig
from litestar.types import ASGIApp
from opentelemetry import propagate

from gateway_api import metrics
from gateway_api.api import answers
from gateway_api.api.answers import Collected, Refused, Send, retry_after
from gateway_api.api.body import Body, BodyError, Receive
from gateway_api.clients.rate_limit import RateLimiter
from gateway_api.clients.upstream import BrokenError, SilentError, UnreachableError, Upstream
from gateway_api.domain import headers as fields
from gateway_api.domain.callers import SignedIn
from gateway_api.domain.headers import Headers
from gateway_api.domain.route_table import Route, RouteTable
from gateway_api.handlers.answer_once import (
    InProgressError,
    NotCarriedOutError,
    OtherRequestError,
    answer_once,
)
from gateway_api.handlers.sign_in import Callers
from volley_chassis.database import Pool
from volley_chassis.problems import FieldError

OWN = "gateway-api"
LONGEST_KEY = 255
UNKNOWN = Refused(
    504, "outcome_unknown", "The gateway stopped while this was carried out. It may be done: look before trying again."
)
DONE = Refused(
    409,
    "done_before",
    "This was carried out when it was first sent with this Idempotency-Key, and the secret in its answer is not kept. "
    "Look up what was made; if the answer was lost, take it back and make another with a new key.",
)
REUSED = "idempotency_key_reused"
Scope = Mapping[str, Any]


class Doors(msgspec.Struct, frozen=True):
    """What requests are passed on to, and what is asked before."""

    table: RouteTable
    own: ASGIApp
    upstream: Upstream
    pool: Pool
    callers: Callers
    limiter: RateLimiter
    cors: CORSConfig
    internal_token: str


class Request(msgspec.Struct, frozen=True):
    """One request on its way. `target` is the path and the query as they came."""

    scope: Scope
    method: str
    path: str
    query: str
    target: str
    headers: Headers
    body: Body
    send: Send

    def header(self, name: bytes) -> str | None:
        return fields.first(self.headers, name)


async def write(doors: Doors, route: Route, request: Request, caller: SignedIn) -> None:
    key = request.header(b"idempotency-key")
    if key is None or request.method != "POST":
        await pass_on(doors, route, request, caller, request.send)
        return
    _check_key(key)

    async def fingerprint() -> bytes | None:
        return await request.body.fingerprint(f"{request.method} {request.target}".encode())

    async def carry_out() -> tuple[int, Headers, bytes]:
        return await _collect(doors, route, request, caller)

    done = DONE.answer() if route.secret else None
    try:
        answer = await answer_once(doors.pool, caller.account_id, key, fingerprint, carry_out, UNKNOWN.answer(), done)
    except InProgressError as error:
        detail = "The request with this Idempotency-Key has no answer yet, or its outcome is unknown."
        raise Refused(409, "in_progress", detail, retry_after(1)) from error
    except OtherRequestError as error:
        raise _bad_key("was used for another request", "Use a new one for a new request.", REUSED) from error
    except NotCarriedOutError as error:
        raise error.cause from None
    await answers.send_whole(request.send, answer)


def _check_key(key: str) -> None:
    if not (key and len(key) <= LONGEST_KEY and key.isprintable()):
        fix = f"Give 1 to {LONGEST_KEY} printable characters; a random UUID serves well."
        raise _bad_key("is empty, too long or not printable", fix)


def _bad_key(message: str, fix: str, code: str = "invalid") -> Refused:
    detail = f"The Idempotency-Key {message}. {fix}"
    return Refused(422, code, detail, errors=[FieldError("Idempotency-Key", message, fix)])


async def _collect(doors: Doors, route: Route, request: Request, caller: SignedIn) -> tuple[int, Headers, bytes]:
    """The answer, also where it says that a service fell silent. Raises NotCarriedOutError."""
    collected = Collected()
    try:
        await pass_on(doors, route, request, caller, collected)
    except BodyError as error:
        raise NotCarriedOutError(error) from error
    except Refused as error:
        if isinstance(error.__cause__, UnreachableError):
            raise NotCarriedOutError(error) from error
        return error.answer()
    return collected.answer()


async def pass_on(doors: Doors, route: Route, request: Request, caller: SignedIn | None, send: Send) -> None:
    headers = [*fields.inbound(request.headers), (b"x-volley-internal", doors.internal_token.encode())]
    if caller:
        headers += [
            (b"x-volley-account", str(caller.account_id).encode()),
            (b"x-volley-actor", caller.actor.encode("latin-1")),
            (b"x-volley-role", caller.role.encode()),
            (b"x-volley-account-name", quote(caller.account_name).encode()),
        ]
        if caller.owner:
            headers.append((b"x-volley-owner", caller.owner.encode("latin-1")))
        if caller.session and route.service == OWN:
            headers.append((b"x-volley-session", caller.session.hex().encode()))
    elif authorization := request.header(b"authorization"):
        headers.append(
            (b"authorization", authorization.encode("latin-1"))
        )  # a provider's own, for the service to check
    if route.service == OWN:
        await own(doors, {**request.scope, "headers": headers}, request.body.receive, send)
        return
    try:
        await _forward(doors, route, request, _traced(headers), send)
    except UnreachableError as error:
        metrics.UPSTREAM_FAILURES.labels(route.service, "unreachable").inc()
        raise Refused(503, "unavailable", f"{route.service} cannot be reached; try again.", retry_after(2)) from error
    except SilentError as error:
        metrics.UPSTREAM_FAILURES.labels(route.service, "silent").inc()
        detail = f"{route.service} did not answer in time. It may have done what was asked: look before trying again."
        raise Refused(504, "timeout", detail) from error
    except BrokenError as error:
        if request.body.failure:
            raise request.body.failure from error
        metrics.UPSTREAM_FAILURES.labels(route.service, "broken").inc()
        detail = f"{route.service} broke the connection. It may have done what was asked: look before trying again."
        raise Refused(502, "bad_gateway", detail) from error


async def _forward(doors: Doors, route: Route, request: Request, headers: Headers, send: Send) -> None:
    has_body = request.header(b"transfer-encoding") or request.header(b"content-length") not in {None, "0"}
    chunks = request.body.chunks() if has_body else None
    async with doors.upstream.ask(route.service, request.method, request.target, headers, chunks) as answer:
        start = {"type": "http.response.start", "status": answer.status, "headers": fields.outbound(answer.headers)}
        await send(start)
        async for chunk in answer.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _traced(headers: Headers) -> Headers:
    """The trace goes on: with the gateway's span where spans are recorded, else as the caller began it."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    kept = [(name, value) for name, value in headers if name.decode("latin-1") not in carrier]
    return kept + [(name.encode(), value.encode("latin-1")) for name, value in carrier.items()]


async def own(doors: Doors, scope: Scope, receive: Receive, send: Send) -> None:
    """The gateway's own API, in this process."""
    app = cast("Any", doors.own)
    await app(scope, receive, send)
