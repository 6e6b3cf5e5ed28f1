"""Sending answers at the ASGI level: refusals as problem+json, and what is added to every answer."""

import math
from collections.abc import Awaitable, Callable

from litestar.config.cors import CORSConfig

from gateway_api.api.body import Message
from gateway_api.clients.rate_limit import Allowance
from gateway_api.domain import headers as fields
from gateway_api.domain.headers import Headers
from volley_chassis import problems
from volley_chassis.problems import FieldError, Problem

Send = Callable[[Message], Awaitable[None]]


class Refused(Exception):  # noqa: N818 - what happened to the request
    """A request that ends here, with its answer."""

    def __init__(
        self, status: int, code: str, detail: str, *headers: tuple[str, str], errors: list[FieldError] | None = None
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(status, code, detail, errors=errors)
        self.headers = headers

    def answer(self) -> tuple[int, Headers, bytes]:
        extra = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers]
        body = bytes(problems.render(self.problem).content)
        length = (b"content-length", str(len(body)).encode())
        return self.problem.status, [(b"content-type", b"application/problem+json"), length, *extra], body


def retry_after(seconds: float) -> tuple[str, str]:
    return "retry-after", str(max(1, math.ceil(seconds)))


def allowance_headers(allowance: Allowance) -> Headers:
    """RateLimit and RateLimit-Policy, as draft-ietf-httpapi-ratelimit-headers has them: `q` requests in `w` seconds, of
    which `r` are left, all are back in `t` seconds.
    """
    a = allowance
    window = max(1, round(a.burst / a.rate))
    full_in = math.ceil((a.burst - a.left) / a.rate)
    return [
        (b"ratelimit-policy", f'"key";q={a.burst};w={window}'.encode()),
        (b"ratelimit", f'"key";r={a.left};t={full_in}'.encode()),
    ]


class Dressed:
    """Sends an answer with the security and CORS headers, and remembers its status (0 before it begins).

    `allowance` says how much the caller may still send.
    """

    def __init__(self, send: Send, cors: Headers) -> None:
        self._send = send
        self._cors = cors
        self.status = 0
        self.allowance: Headers = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*fields.secured(list(message["headers"])), *self._cors, *self.allowance]
            message = {**message, "headers": headers}
        await self._send(message)


class Collected:
    """Keeps an answer instead of sending it."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: Headers = []
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")

    def answer(self) -> tuple[int, Headers, bytes]:
        return self.status, self.headers, bytes(self._body)


async def send_whole(send: Send, answer: tuple[int, Headers, bytes]) -> None:
    status, headers, body = answer
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def cors_of(origins: list[str]) -> CORSConfig:
    """Which origins' pages may use the API from a browser. Keys travel in a header, so no cookies are allowed."""
    return CORSConfig(
        allow_origins=origins,
        allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=["authorization", "content-type", "if-match", "idempotency-key", "last-event-id"],
        expose_headers=["etag", "location", "retry-after", "idempotent-replay", "ratelimit", "ratelimit-policy"],
    )


def cors_headers(config: CORSConfig, origin: str | None, *, preflight: bool) -> Headers:
    """Nothing for an origin that is not let in: the browser then refuses by itself."""
    if origin is None or not config.allow_origins or not config.is_origin_allowed(origin):
        return []
    values = config.preflight_headers if preflight else config.simple_headers
    values = {**values, "Access-Control-Allow-Origin": origin, "Vary": "Origin"}
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in values.items()]
