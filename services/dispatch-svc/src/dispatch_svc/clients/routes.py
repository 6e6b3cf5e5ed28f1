"""The routes of all accounts, kept open: a client for each, and which one serves a message."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Coroutine, Iterable
from typing import Any
from uuid import UUID

import structlog

from dispatch_svc.clients import metrics
from dispatch_svc.clients.http import HttpClient
from dispatch_svc.clients.smpp import SmppClient
from dispatch_svc.domain.handover import OnInbound, OnReceipts
from dispatch_svc.domain.routes import Condition, Route
from volley_chassis.outside import Outside

log = structlog.get_logger()
OpenClient = SmppClient | HttpClient


class OpenRoutes:
    """`set` it to what is stored, as often as that changes; `close` at the end. Runs in one event loop."""

    def __init__(
        self, on_receipts: OnReceipts, on_inbound: OnInbound, outside: Outside, drain_within: float = 10.0
    ) -> None:
        """`outside`: where routes may lead. `drain_within`: seconds that a closed client may wait for answers."""
        self._on_receipts, self._on_inbound = on_receipts, on_inbound
        self._outside = outside
        self._drain_within = drain_within
        self._open: dict[UUID, tuple[Route, OpenClient]] = {}
        self._by_account: dict[UUID, list[tuple[Route, OpenClient]]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def choose(self, account_id: UUID, country: str, but: Collection[UUID] = ()) -> OpenClient | None:
        """The healthy route of the account, but those, that serves the country and comes first by priority."""
        for route, client in self._by_account.get(account_id, ()):
            if route.serves(account_id, country) and client.healthy and route.id not in but:
                return client
        return None

    def get(self, route_id: UUID) -> OpenClient | None:
        """An open route by id, healthy or not."""
        found = self._open.get(route_id)
        return found and found[1]

    def set(self, routes: Iterable[Route]) -> None:
        """Open what is new, close what is gone or disabled, and open anew what is configured otherwise."""
        wanted = {route.id: route for route in routes if route.status != "disabled"}
        for route_id in [route_id for route_id in self._open if route_id not in wanted]:
            self._close_later(route_id)
        for route in wanted.values():
            found = self._open.get(route.id)
            if found and found[1].config == route.config:
                self._open[route.id] = (route, found[1])
                continue
            if found:
                self._close_later(route.id)
            client = self._client(route)
            client.open()
            self._open[route.id] = (route, client)
        by_account = defaultdict(list)
        for route, client in sorted(self._open.values(), key=lambda pair: (pair[0].priority, pair[0].id)):
            by_account[route.account_id].append((route, client))
        self._by_account = dict(by_account)

    def conditions(self) -> dict[UUID, Condition]:
        """How each route fares."""
        conditions = {route_id: client.condition() for route_id, (_, client) in self._open.items()}
        for route_id, condition in conditions.items():
            metrics.HEALTHY.labels(str(route_id)).set(condition.healthy)
            metrics.SESSIONS.labels(str(route_id)).set(condition.sessions)
        return conditions

    async def close(self) -> None:
        """Close all gracefully: what was written is waited for."""
        for route_id in list(self._open):
            self._close_later(route_id)
        self._by_account = {}
        await asyncio.gather(*self._closing, return_exceptions=True)

    def _client(self, route: Route) -> OpenClient:
        if route.protocol == "smpp":
            return SmppClient(route, self._on_receipts, self._on_inbound, self._outside)
        return HttpClient(route, self._outside)

    def _close_later(self, route_id: UUID) -> None:
        _, client = self._open.pop(route_id)
        metrics.HEALTHY.labels(str(route_id)).set(0)
        metrics.SESSIONS.labels(str(route_id)).set(0)
        self._run(client.close(self._drain_within))

    def _run(self, closing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(closing)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
