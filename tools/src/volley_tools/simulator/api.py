"""The simulator's own pages: the ledger and the controls. They are for tests and people, not part of any provider."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from aiohttp import web

from volley_tools.simulator.options import Options, changed
from volley_tools.simulator.provider import Provider

_JSON = "application/json"


class Api:
    """GET /ledger/..., POST /ledger/reset, GET and PATCH /control."""

    def __init__(self, provider: Provider, pending: Callable[[], dict[str, int]], reset: Callable[[], None]) -> None:
        self._provider = provider
        self._pending = pending
        self._reset = reset

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/ledger/summary", self._summary),
            web.get("/ledger/pending", self._still_pending),
            web.get("/ledger/messages", self._messages),
            web.get("/ledger/events", self._events),
            web.post("/ledger/reset", self._forget),
            web.get("/control", self._options),
            web.patch("/control", self._change),
        ]

    async def _summary(self, _: web.Request) -> web.Response:
        return _json(self._provider.ledger.summary() | {"pending": self._pending()})

    async def _still_pending(self, _: web.Request) -> web.Response:
        """For those who wait: unlike the summary it costs nothing, however long the ledger."""
        return _json({"messages": len(self._provider.ledger), "pending": self._pending()})

    async def _messages(self, request: web.Request) -> web.Response:
        after, limit = _page(request)
        return _json_lines(self._provider.ledger.messages(after, limit))

    async def _events(self, request: web.Request) -> web.Response:
        after, limit = _page(request)
        kinds = set(filter(None, request.query.get("kind", "").split(",")))
        ledger = self._provider.ledger
        page = ledger.events[after : after + limit]
        numbered = ({"index": after + i, **ledger.event(event)} for i, event in enumerate(page))
        return _json_lines(event for event in numbered if not kinds or event["kind"] in kinds)

    async def _forget(self, _: web.Request) -> web.Response:
        self._reset()
        return web.Response(status=204)

    async def _options(self, _: web.Request) -> web.Response:
        return _json(self._provider.options)

    async def _change(self, request: web.Request) -> web.Response:
        try:
            changes = msgspec.json.decode(await request.read(), type=dict[str, Any])
            self._provider.options = changed(self._provider.options, changes)
        except msgspec.DecodeError as error:
            return _json({"error": str(error)}, status=400)
        return _json(self._provider.options)


def _page(request: web.Request) -> tuple[int, int]:
    try:
        return max(int(request.query.get("after", 0)), 0), max(int(request.query.get("limit", 1_000_000)), 0)
    except ValueError:
        raise web.HTTPBadRequest(text="after and limit are numbers") from None


def _json(body: dict[str, Any] | Options, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(body), content_type=_JSON, status=status)


def _json_lines(lines: Iterable[dict[str, Any]]) -> web.Response:
    return web.Response(body=msgspec.json.Encoder().encode_lines(lines), content_type="application/x-ndjson")
