"""The public server, a plain ASGI app: a short URL leads to its target, an opt-out URL to a page with one button.

A click is in Kafka before it is answered; opening an opt-out URL opts nobody out, pressing its button does.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

import structlog

from link_svc import metrics
from link_svc.domain.visitors import reason_of
from link_svc.public import pages
from link_svc.public.clicks import ClickJoiner
from link_svc.public.links import Link, Resolver
from volley_chassis.faults import fault_point
from volley_chassis.kafka import Stream
from volley_contracts import OptedOut, now

log = structlog.get_logger()
Scope: TypeAlias = MutableMapping[str, Any]
Headers: TypeAlias = list[tuple[bytes, bytes]]
Answer: TypeAlias = tuple[int, Headers, bytes]

_PLAIN: Headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
_FIXED: dict[str, Answer] = {
    "/healthz": (200, _PLAIN, b"ok"),
    "/robots.txt": (200, _PLAIN, b"User-agent: *\nDisallow: /\n"),
}
_NOT_FOUND: Answer = (404, pages.HEADERS, pages.NOT_FOUND)
_GONE: Answer = (410, pages.HEADERS, pages.GONE)
_TRY_AGAIN: Answer = (503, [*pages.HEADERS, (b"retry-after", b"30")], pages.TRY_AGAIN)
_ASK: Answer = (200, pages.HEADERS, pages.ASK)
_DONE: Answer = (200, pages.HEADERS, pages.DONE)
_VISITS = {
    result: metrics.VISITS.labels(result)
    for result in ("clicked", "opened", "opted_out", "unknown", "expired", "refused", "failed")
}
_MAX_PATH = 64


def _refused(allowed: bytes) -> Answer:
    _VISITS["refused"].inc()
    return 405, [*pages.HEADERS, (b"allow", allowed)], pages.NOT_ALLOWED


class PublicApp:
    """The ASGI app. `stream` is running as long as the app serves."""

    def __init__(self, resolver: Resolver, stream: Stream) -> None:
        self._resolver = resolver
        self._stream = stream
        self._clicks = ClickJoiner(stream.publish)

    async def __call__(
        self,
        scope: Scope,
        _receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        send: Callable[[MutableMapping[str, Any]], Awaitable[None]],
    ) -> None:
        if scope["type"] != "http":
            return
        try:
            status, headers, body = await self._answer(scope)
        except Exception as error:  # noqa: BLE001 - whatever is down, the visitor gets a page
            log.warning("visit could not be answered", error=repr(error))
            _VISITS["failed"].inc()
            status, headers, body = _TRY_AGAIN
        length = (b"content-length", str(len(body)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _answer(self, scope: Scope) -> Answer:
        method, path = scope["method"], scope["path"]
        if method not in {"GET", "HEAD", "POST"}:
            return _refused(b"GET, HEAD, POST")
        if fixed := _FIXED.get(path):
            return fixed
        headers = dict(scope["headers"])
        link = None
        if len(path) <= _MAX_PATH:
            link = await self._resolver.resolve(headers.get(b"host", b""), path[1:])
        if link is None or (link.kind == "short" and link.location is None):
            _VISITS["unknown"].inc()
            return _NOT_FOUND
        if link.kind == "optout":
            return await self._optout(method, link)
        return await self._click(method, link, headers)

    async def _click(self, method: str, link: Link, headers: dict[bytes, bytes]) -> Answer:
        if method == "POST":
            return _refused(b"GET, HEAD")
        at = now()
        if link.expires_at is not None and link.expires_at <= at:
            _VISITS["expired"].inc()
            return _GONE
        reason = reason_of(method, headers)
        await self._clicks.record(link, reason, headers.get(b"user-agent", b""), at)
        _VISITS["clicked"].inc()
        if reason is not None:
            metrics.MACHINES.labels(reason).inc()
        return 302, [(b"location", link.location or b""), (b"cache-control", b"no-store")], b""

    async def _optout(self, method: str, link: Link) -> Answer:
        if method != "POST":
            _VISITS["opened"].inc()
            return _ASK
        event = OptedOut(
            account_id=link.account_id,
            campaign_id=link.campaign_id,
            seq=link.seq,
            variant=link.variant,
            domain_id=link.domain_id,
            at=now(),
        )
        # A press repeated at once is the same event; one after the person came back (START) must count anew.
        name = f"{link.campaign_id}:{link.seq}:optout:{event.at:%Y-%m-%dT%H:%M}"
        await self._stream.publish(event, id=name)
        fault_point("link.optout_published")
        _VISITS["opted_out"].inc()
        return _DONE
