"""The HTTP side of a service: an internal Litestar app behind the gateway, with health, readiness and metrics.

The gateway signs callers in and says who calls: headers `x-volley-account`, `x-volley-account-name` (percent-encoded),
`x-volley-actor`, `x-volley-role` and, for an API key that belongs to a user, `x-volley-owner`. They are trusted because
`x-volley-internal` carries the token that only Volley's own services know.
"""

import hmac
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Literal
from urllib.parse import unquote
from uuid import UUID

import msgspec
import structlog
import uvicorn
from litestar import Litestar, Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.exceptions import SerializationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from volley_chassis import problems
from volley_chassis.problems import FieldError, Problem
from volley_chassis.settings import ServiceSettings

log = structlog.get_logger()
Role = Literal["viewer", "operator", "reviewer", "admin"]
Check = Callable[[], Awaitable[bool]]


class Caller(msgspec.Struct, frozen=True):
    """Who calls, as the gateway says: the account (tenant), the user or API key, and the role.

    `owner` is the user whom an API key belongs to, named as an actor; `account_name` what the account is called.
    """

    account_id: UUID
    actor: str
    role: Role
    owner: str | None = None
    account_name: str | None = None

    @property
    def person(self) -> str:
        """Who answers for what is done: the same by a session and by a key of one's own."""
        return self.owner or self.actor


async def _caller(request: Request[Any, Any, Any]) -> Caller:
    headers = request.headers
    try:
        return msgspec.convert(
            {
                "account_id": headers["x-volley-account"],
                "actor": headers["x-volley-actor"],
                "role": headers["x-volley-role"],
                "owner": headers.get("x-volley-owner"),
                "account_name": unquote(headers.get("x-volley-account-name", "")) or None,
            },
            Caller,
        )
    except (KeyError, msgspec.ValidationError) as error:
        raise Problem(401, "unauthorized", "This API is reached through the gateway.") from error


class JsonRequest(Request[Any, Any, Any]):
    """A request whose JSON is refused as a problem where it is none."""

    async def json(self) -> Any:
        kind = self.content_type[0]
        if kind and kind != "application/json" and not kind.endswith("+json"):
            fix = "Send JSON, with content-type: application/json."
            raise _unreadable(415, "unsupported_media_type", f"is {kind[:100]}, not JSON", fix)
        try:
            return await super().json()
        except RecursionError as error:
            raise _unreadable(400, "malformed_json", "is nested too deeply", "Flatten it.") from error
        except UnicodeDecodeError as error:
            raise _unreadable(400, "malformed_json", "is not UTF-8", "Encode it as UTF-8.") from error
        except SerializationException as error:
            message = f"is no JSON: {error.detail.removeprefix('JSON is malformed: ')}"
            raise _unreadable(400, "malformed_json", message, "Mend it; a JSON library writes it right.") from error


def _unreadable(status: int, code: str, message: str, fix: str) -> Problem:
    return Problem(status, code, f"The body {message}. {fix}", errors=[FieldError("body", message, fix)])


def internal_only(token: str) -> Callable[[ASGIConnection[Any, Any, Any, Any], BaseRouteHandler], Awaitable[None]]:
    """A guard that lets only Volley's own services in. Async: another would run in a thread each time."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
        if not hmac.compare_digest(connection.headers.get("x-volley-internal", ""), token):
            raise Problem(401, "unauthorized", "This API is reached through the gateway.")

    return guard


@get("/healthz", include_in_schema=False)
async def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/metrics", include_in_schema=False)
async def metrics() -> Response[bytes]:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _readyz(checks: dict[str, Check]) -> ControllerRouterHandler:
    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[dict[str, bool]]:
        """Everything that the service needs answers. 503 names what does not."""
        results = {name: await _passes(check) for name, check in checks.items()}
        return Response(results, status_code=200 if all(results.values()) else 503)

    return readyz


async def _passes(check: Check) -> bool:
    try:
        return await check()
    except Exception as error:  # noqa: BLE001 - any failure means: not ready
        log.warning("readiness check failed", error=repr(error))
        return False


def create_app(
    settings: ServiceSettings,
    *,
    title: str,
    routes: Sequence[ControllerRouterHandler],
    dependencies: dict[str, Any] | None = None,
    checks: dict[str, Check] | None = None,
    exception_handlers: dict[Any, Any] | None = None,
) -> Litestar:
    """An internal API. `dependencies` are values that handlers take by name; handlers may also take `caller`.

    `checks` make up /readyz. Every route but health and metrics needs the internal token.
    """
    guarded = Router(path="/", route_handlers=routes, guards=[internal_only(settings.internal_token)])
    provided = {name: Provide(_value(value), sync_to_thread=False) for name, value in (dependencies or {}).items()}
    return Litestar(
        route_handlers=[guarded, healthz, metrics, _readyz(checks or {})],
        dependencies={"caller": Provide(_caller), **provided},
        exception_handlers={**problems.HANDLERS, **(exception_handlers or {})},
        request_class=JsonRequest,
        openapi_config=OpenAPIConfig(title=title, version="1", path="/openapi"),
        request_max_body_size=256 * 1024 * 1024,
        logging_config=None,  # volley_chassis.logs has configured it
    )


def _value(value: Any) -> Callable[[], Any]:
    return lambda: value


class _Server(uvicorn.Server):
    """Leaves the signals to `volley_chassis.run`."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def server(app: Any, host: str, port: int, proxies: Sequence[str] = ()) -> uvicorn.Server:
    """An HTTP server for an ASGI app; `serve()` runs until `should_exit` is set, then finishes open requests.

    `proxies` (addresses and CIDRs) are believed what they say in X-Forwarded-For: the client is the last address there
    that is not one of them. What others say there counts for nothing.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
    )
    return _Server(config)
