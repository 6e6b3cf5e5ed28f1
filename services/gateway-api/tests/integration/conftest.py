"""A gateway as it runs, before a service that tells what reached it."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway_api.api.answers import cors_of
from gateway_api.api.door import door
from gateway_api.api.pass_on import Doors
from gateway_api.app import DESCRIPTION, MIGRATIONS, own_app
from gateway_api.clients.rate_limit import RateLimiter, open_redis
from gateway_api.clients.upstream import Upstream, open_session
from gateway_api.config import Settings
from gateway_api.consumers import follow_live
from gateway_api.domain.route_table import RouteTable
from gateway_api.handlers.broadcast_live import Hub
from gateway_api.handlers.ensure_first_account import ensure_first_account
from gateway_api.handlers.sign_in import Callers
from volley_chassis import database, http
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_chassis.topics import create_topics
from volley_tools.stack.platform import Addresses

ADMIN = "b" * 48
ORIGIN = "https://console.example"
CLOSED_PORT = 9  # nobody serves "discard" here


class Service:
    """The service behind the gateway: keeps what it was asked, and answers what it was told to."""

    def __init__(self) -> None:
        self.asked: list[web.Request] = []
        self.bodies: list[str] = []
        self.carry_on = asyncio.Event()
        self.begun = asyncio.Event()
        self.url = ""

    async def echo(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        self.begun.set()
        digest = hashlib.sha256()
        async for chunk in request.content.iter_any():
            digest.update(chunk)
            if request.query.get("early"):
                return web.json_response({"seen": len(chunk)}, status=413)
        self.bodies.append(digest.hexdigest())
        if request.query.get("wait"):
            await self.carry_on.wait()
        if request.query.get("break"):
            assert request.transport
            request.transport.abort()
        count = str(len(self.asked))
        headers = {
            "ETag": '"7"',
            "Location": "/v1/things/7",
            "X-Volley-Secret": "s",
            "Connection": "x-gone",
            "X-Gone": "1",
        }
        return web.json_response(
            {"number": count, "path": request.raw_path}, status=int(request.query.get("status", "200")), headers=headers
        )

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A line, then nothing until `carry_on`, then another."""
        answer = web.StreamResponse(headers={"Content-Type": "text/csv"})
        await answer.prepare(request)
        await answer.write(b"first\n")
        await self.carry_on.wait()
        await answer.write(b"second\n")
        return answer


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    kept = Service()
    app = web.Application(client_max_size=2**30)
    app.router.add_get("/v1/export", kept.download)
    app.router.add_route("*", "/{any:.*}", kept.echo)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kept
    kept.carry_on.set()
    await runner.cleanup()


QUERY = [{"in": "query", "name": name} for name in ("status", "wait", "break", "early", "q", "n", "x")]


def operation(
    role: str = "viewer", service: str = "campaign-svc", media: str | None = None, tag: str = "Things"
) -> dict[str, Any]:
    body = {"requestBody": {"content": {media: {}}}} if media else {}
    return {
        "operationId": "x",
        "tags": [tag],
        "x-volley-role": role,
        "x-volley-service": service,
        "responses": {"200": {"description": "done"}},
        "parameters": QUERY,
        **body,
    }


def description() -> dict[str, Any]:
    """The gateway's own operations, and some of other services."""
    document: dict[str, Any] = json.loads(DESCRIPTION.read_text("utf-8"))
    own = {
        path: {m: op for m, op in item.items() if op["x-volley-service"] == "gateway-api"}
        for path, item in document["paths"].items()
    }
    others = {
        "/v1/things": {
            "get": operation(),
            "post": operation("operator", media="application/json"),
        },
        "/v1/things/{id}": {
            "get": operation(),
            "patch": operation("operator", media="application/json") | {"x-volley-user-field": "assigned_to"},
            "delete": operation("admin"),
        },
        "/v1/reviews/{id}": {"post": operation("reviewer", tag="Rate card")},
        "/v1/uploads": {"post": operation("operator", media="text/csv")},
        "/v1/export": {"get": operation()},
        "/v1/away": {"get": operation(service="link-svc"), "post": operation("operator", service="link-svc")},
        "/callbacks/routes/{id}": {"post": operation("public", service="dispatch-svc")},
    }
    return {**document, "paths": own | others}


class Gateway:
    """A running gateway and a client for it."""

    def __init__(self, url: str, client: aiohttp.ClientSession, pool: Pool, stream: Stream, hub: Hub) -> None:
        self.url, self.client, self.pool, self.stream, self.hub = url, client, pool, stream, hub

    async def ask(
        self, method: str, path: str, key: str | None = ADMIN, **more: Any
    ) -> tuple[aiohttp.ClientResponse, Any]:
        """The answer and its JSON."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        headers |= more.pop("headers", {})
        async with self.client.request(method, self.url + path, headers=headers, **more) as answer:
            text = await answer.text()
            return answer, json.loads(text) if "json" in answer.content_type else text

    async def key(self, role: str, admin: str = ADMIN) -> str:
        _, made = await self.ask("POST", "/v1/api-keys", admin, json={"name": role, "role": role})
        return str(made["key"])

    async def account(self, name: str) -> str:
        """The first admin key of a new account."""
        _, made = await self.ask("POST", "/v1/accounts", json={"name": name})
        return str(made["api_key"]["key"])


Start = Callable[..., Any]


@pytest.fixture(scope="module")
def database_url(make_database: Callable[[Path], str]) -> str:
    """One for the tests of a module: each brings its own keys and accounts."""
    return make_database(MIGRATIONS)


@pytest.fixture
async def start(
    infra: Addresses,
    topic_prefix: str,
    redis_url: str,
    database_url: str,
    service: Service,
) -> Start:
    """Starts gateways with the settings given; `live` ones follow the topics."""

    @asynccontextmanager
    async def run(**more: Any) -> AsyncIterator[Gateway]:
        values: dict[str, Any] = {
            "database_url": database_url,
            "kafka": infra.kafka,
            "internal_token": "token",
            "topic_prefix": topic_prefix,
            "stop_within": 5,
            "campaign_url": service.url,
            "dispatch_url": service.url,
            "stats_url": service.url,
            "link_url": f"http://127.0.0.1:{CLOSED_PORT}",
            "redis_url": redis_url,
            "cors_origins": ORIGIN,
            "rate_per_second": 1000.0,
            "rate_burst": 1000,
        }
        live = bool(more.pop("live", False))
        if live:
            await create_topics(infra.kafka, topic_prefix)
        async with serving(Settings(**(values | more)), live=live) as gateway:
            yield gateway

    return run


@asynccontextmanager
async def serving(config: Settings, *, live: bool) -> AsyncIterator[Gateway]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(config))
        await ensure_first_account(pool, ADMIN)
        stream, hub = Stream(config, "gateway-api"), Hub()
        if live:
            follow_live(stream, hub)
            await stack.enter_async_context(stream.running())
        redis = await stack.enter_async_context(open_redis(config.redis_url))
        session = await stack.enter_async_context(open_session())
        document = description()
        limiter = RateLimiter(redis, config.rate_per_second, config.rate_burst)
        doors = Doors(
            table=RouteTable(document),
            own=own_app(config, pool, stream, hub, limiter, json.dumps(document).encode()),
            upstream=Upstream(session, config.services, config.answer_within),
            pool=pool,
            callers=Callers(pool),
            limiter=limiter,
            cors=cors_of(config.origins),
            internal_token=config.internal_token,
        )
        server = http.server(door(doors), "127.0.0.1", 0, config.proxies)
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0)
        port = server.servers[0].sockets[0].getsockname()[1]
        client = await stack.enter_async_context(aiohttp.ClientSession())
        try:
            yield Gateway(f"http://127.0.0.1:{port}", client, pool, stream, hub)
        finally:
            hub.close()
            await client.close()
            server.should_exit = True
            await task


@pytest.fixture
async def gateway(start: Start) -> AsyncIterator[Gateway]:
    async with start() as running:
        yield running


@pytest.fixture
async def live_gateway(start: Start) -> AsyncIterator[Gateway]:
    async with start(live=True, heartbeat=0.2) as running:
        yield running
