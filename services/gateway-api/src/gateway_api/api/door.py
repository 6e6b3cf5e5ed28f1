"""The door: every request is matched, signed in, limited, allowed, noted and passed on, in this order.

Its own API (accounts, users, the live stream) is one more service behind it, which happens to run in this process.
"""

import time
from typing import cast
from urllib.parse import parse_qsl

import msgspec
import structlog
from litestar.types import ASGIApp
from opentelemetry import propagate, trace

from gateway_api import metrics
from gateway_api.api import answers
from gateway_api.api.answers import Dressed, Refused, Send, retry_after
from gateway_api.api.body import Body, CallerGoneError, Receive, TooLargeError
from gateway_api.api.pass_on import OWN, Doors, Request, Scope, own, pass_on, write
from gateway_api.domain import headers as fields
from gateway_api.domain.audit_chain import path_noted
from gateway_api.domain.callers import SignedIn, in_scope
from gateway_api.domain.headers import Headers
from gateway_api.domain.roles import may
from gateway_api.domain.route_table import Route, RouteTable, UnknownMethodError, UnknownPathError
from gateway_api.domain.users import is_own_origin
from gateway_api.handlers.sign_in import NotSignedInError
from gateway_api.store import audit, users
from volley_chassis.outages import TRANSIENT
from volley_chassis.problems import FieldError

log = structlog.get_logger()
CALLER_GONE = 499  # in the audit log only: nobody was there to take an answer
OPEN = frozenset({"/healthz", "/readyz", "/docs", "/docs/topics", "/v1/openapi.json", "/v1/asyncapi.json"})


def door(doors: Doors) -> ASGIApp:
    """The gateway as an ASGI application."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "the server upgrades nothing"
        headers: Headers = list(scope["headers"])
        origin = fields.first(headers, b"origin")
        if scope["method"] == "OPTIONS" and fields.first(headers, b"access-control-request-method"):
            cors = answers.cors_headers(doors.cors, origin, preflight=True)
            await answers.send_whole(Dressed(send, cors), (204, [], b""))
            return
        dressed = Dressed(send, answers.cors_headers(doors.cors, origin, preflight=False))
        carrier = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        tracer = trace.get_tracer("gateway-api")
        with tracer.start_as_current_span(
            f"{scope['method']} {scope['path']}", propagate.extract(carrier), trace.SpanKind.SERVER
        ):
            await _answer_or_refuse(doors, scope, receive, dressed)

    return cast("ASGIApp", serve)


async def _answer_or_refuse(doors: Doors, scope: Scope, receive: Receive, send: Dressed) -> None:
    begun = time.perf_counter()
    raw_path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    route: Route | None = None
    try:
        if raw_path in OPEN:
            await _open(doors, scope, receive, send)
            return
        route = _route(doors.table, scope["method"], raw_path)
        await _answer(doors, route, _request(scope, raw_path, receive, route.limit, send))
    except CallerGoneError:
        return
    except Exception as error:
        if send.status:  # the answer has begun: the server cuts it off, and the caller sees that it is not whole
            raise
        await answers.send_whole(send, _refusal(error, raw_path).answer())
    finally:
        template = route.template if route else "none"
        metrics.REQUESTS.labels(scope["method"] if route else "none", template, send.status).inc()
        if route and template != "/v1/live":
            metrics.SECONDS.labels(route.service).observe(time.perf_counter() - begun)


def _refusal(error: Exception, path: str) -> Refused:
    if isinstance(error, Refused):
        return error
    if isinstance(error, TooLargeError):
        return Refused(error.status, error.code, error.detail)
    if isinstance(error, TRANSIENT):
        log.warning("request refused: something is away", path=path, error=repr(error))
        return Refused(503, "unavailable", "The gateway cannot reach its database; try again.", retry_after(2))
    log.error("request failed", path=path, exc_info=error)
    return Refused(500, "internal", "Something went wrong here; it was logged. Try again later.")


def _request(scope: Scope, raw_path: str, receive: Receive, limit: int, send: Send) -> Request:
    query = scope["query_string"].decode("latin-1")
    return Request(
        scope=scope,
        method=scope["method"],
        path=raw_path,
        query=query,
        target=f"{raw_path}?{query}" if query else raw_path,
        headers=list(scope["headers"]),
        body=Body(receive, limit),
        send=send,
    )


def _route(table: RouteTable, method: str, raw_path: str) -> Route:
    try:
        return table.match(method, raw_path)
    except UnknownPathError as error:
        raise Refused(404, "not_found", "There is no such path; /docs lists those that there are.") from error
    except UnknownMethodError as error:
        allowed = ", ".join(error.allowed)
        detail = f"{method} is not among the methods of this path: {allowed}."
        raise Refused(405, "method_not_allowed", detail, ("allow", allowed)) from error


async def _open(doors: Doors, scope: Scope, receive: Receive, send: Send) -> None:
    """Health, metrics and documentation: nobody has to sign in for them."""
    headers = [*fields.inbound(list(scope["headers"])), (b"x-volley-internal", doors.internal_token.encode())]
    await own(doors, {**scope, "headers": headers}, receive, send)


async def _answer(doors: Doors, route: Route, request: Request) -> None:
    if int(request.header(b"content-length") or 0) > route.limit:
        raise TooLargeError
    _check_query(route, request)
    if route.role is None:
        if route.service == OWN and request.header(b"origin"):
            _check_origin(doors, request, others=True)
        await pass_on(doors, route, request, None, request.send)
        return
    caller = await _signed_in(doors, request)
    if request.method != "GET" and request.header(b"authorization") is None:
        _check_origin(doors, request, others=False)
    if request.method == "GET":
        _check_allowed(route, caller)
        await pass_on(doors, route, request, caller, request.send)
        return
    entry = await audit.begin(doors.pool, caller, request.method, path_noted(route.template, request.path))
    dressed = cast("Dressed", request.send)
    status = CALLER_GONE
    try:
        _check_allowed(route, caller)
        if route.user_field:
            await _check_user(doors, route.user_field, request, caller)
        await write(doors, route, request, caller)
        status = dressed.status
        if route.service == OWN:
            doors.callers.forget()
    except CallerGoneError:
        raise
    except Exception as error:
        refused = _refusal(error, request.path)
        status = dressed.status or refused.problem.status
        raise refused from error
    finally:
        await audit.end(doors.pool, entry, status)


async def _signed_in(doors: Doors, request: Request) -> SignedIn:
    try:
        caller = await doors.callers.of(request.header(b"authorization"), request.header(b"cookie"))
    except NotSignedInError as error:
        raise Refused(401, "unauthorized", str(error), ("www-authenticate", "Bearer")) from error
    if allowance := await doors.limiter.take(str(caller.id), caller.rate_per_second):
        cast("Dressed", request.send).allowance = answers.allowance_headers(allowance)
        if allowance.wait:
            metrics.LIMITED.inc()
            detail = "This caller sends too many requests."
            raise Refused(429, "too_many_requests", detail, retry_after(allowance.wait))
    return caller


def _check_origin(doors: Doors, request: Request, *, others: bool) -> None:
    """Browsers send cookies along whoever's page asks; `others` lets in pages of the origins that CORS lets in."""
    origin = request.header(b"origin")
    known = others and answers.cors_headers(doors.cors, origin, preflight=False)
    if not known and not is_own_origin(origin, request.header(b"host")):
        detail = "A request with a session's cookie needs an Origin header that is this address."
        raise Refused(403, "foreign_origin", detail)


def _check_query(route: Route, request: Request) -> None:
    """A misspelt filter that is passed over would answer another question than was asked."""
    if not request.query or route.query is None:
        return
    names = {name for name, _ in parse_qsl(request.query, keep_blank_values=True)}
    if unknown := sorted(names - route.query):
        known = f"Known here: {', '.join(sorted(route.query))}." if route.query else "This request takes none."
        errors = [FieldError(name[:100], "is no parameter of this request", known) for name in unknown]
        detail = f"Unknown query parameter: {', '.join(name[:100] for name in unknown)}. {known}"
        raise Refused(400, "unknown_parameter", detail, errors=errors)


async def _check_user(doors: Doors, field: str, request: Request, caller: SignedIn) -> None:
    """Who the users of an account are is known here only. A body that is none is for the service to refuse."""
    try:
        body = msgspec.json.decode(await request.body.look())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    named = body.get(field) if isinstance(body, dict) else None
    if isinstance(named, str) and not await users.is_active(doors.pool, caller.account_id, named):
        message, fix = "is no active user of the account", "Give an address of GET /v1/agents."
        raise Refused(422, "invalid", f"{field} {message}. {fix}", errors=[FieldError(field, message, fix)])


def _check_allowed(route: Route, caller: SignedIn) -> None:
    assert route.role is not None
    if not may(caller.role, route.role):
        detail = f"This needs the role {route.role} or one above it; the caller's role is {caller.role}."
        raise Refused(403, "forbidden", detail)
    if route.group and not in_scope(caller.scopes, route.group, reads=route.method == "GET"):
        detail = f"The API key's scopes leave this out: {', '.join(caller.scopes or [])}."
        raise Refused(403, "out_of_scope", detail)
