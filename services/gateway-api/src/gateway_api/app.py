"""Builds gateway-api: the only place that does."""

import os
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar

from gateway_api import consumers
from gateway_api.api import ROUTES
from gateway_api.api.answers import cors_of
from gateway_api.api.door import door
from gateway_api.api.pass_on import Doors
from gateway_api.clients.outside import open_outside
from gateway_api.clients.rate_limit import RateLimiter, open_redis
from gateway_api.clients.upstream import Upstream, open_session
from gateway_api.config import Settings
from gateway_api.domain import docs_page, topics_page
from gateway_api.domain.callers import scopes_of
from gateway_api.domain.route_table import RouteTable
from gateway_api.handlers.answer_once import hold_keys
from gateway_api.handlers.broadcast_live import Hub
from gateway_api.handlers.deliver_webhooks import deliver_webhooks
from gateway_api.handlers.ensure_first_account import ensure_first_account
from gateway_api.handlers.sign_in import Callers
from gateway_api.handlers.verify_audit import verify_audit
from gateway_api.store import audit
from gateway_api.store.retention import rules
from volley_chassis import database, http, logs, migrations, retention, run, settings, tracing
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import now

SERVICE = "gateway-api"
MIGRATIONS = Path(__file__).parents[2] / "migrations"
DESCRIPTION = Path(__file__).with_name("openapi.json")
TOPICS = Path(__file__).with_name("asyncapi.json")


async def migrate() -> None:
    await migrations.migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS)


async def migrated() -> None:
    await migrations.wait_until_migrated(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS)


async def verify_audit_logs() -> int:
    """Verify every account's audit log and say what was found; 1 if any was tampered with."""
    tampered = 0
    async with database.pool(settings.load(Settings)) as pool:
        for account_id in await audit.accounts(pool):
            found = await verify_audit(pool, account_id, at=now())
            tampered += not found.intact
            sys.stdout.write(f"{account_id} {msgspec.json.encode(found).decode()}\n")
    return 1 if tampered else 0


def own_app(config: Settings, pool: Pool, stream: Stream, hub: Hub, limiter: RateLimiter, document: bytes) -> Litestar:
    """The gateway's own API, as one service among others."""

    async def database_answers() -> bool:
        return bool(await pool.fetchval("SELECT true"))

    return http.create_app(
        config,
        title="Accounts and live stream",
        routes=ROUTES,
        dependencies={
            "pool": pool,
            "hub": hub,
            "limiter": limiter,
            "config": config,
            "document": document,
            "scopes": scopes_of(RouteTable(msgspec.json.decode(document)).groups()),
            "page": docs_page.render(msgspec.json.decode(document)),
            "topics": TOPICS.read_bytes(),
            "topics_page": topics_page.render(msgspec.json.decode(TOPICS.read_bytes())),
        },
        checks={"database": database_answers, "kafka": stream.connected},
    )


async def main(role: str) -> None:
    """Serve as `api`, `worker` (webhooks, housekeeping) or `all` until a signal."""
    config = settings.load(Settings)
    logs.configure(SERVICE, config)
    tracing.configure(SERVICE, config)
    document = DESCRIPTION.read_bytes()
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(config))
        if config.bootstrap_key:
            await ensure_first_account(pool, config.bootstrap_key)
        redis = await stack.enter_async_context(open_redis(config.redis_url))
        session = await stack.enter_async_context(open_session())
        stream, hub = Stream(config, SERVICE), Hub()
        background: list[Coroutine[Any, Any, None]] = []
        if role in {"api", "all"}:
            consumers.follow_live(stream, hub)
            background += [hub.close_at_the_end(), hold_keys(pool)]
        if role in {"worker", "all"}:
            consumers.follow_for_webhooks(stream, pool)
            outside = await stack.enter_async_context(open_outside(private=config.webhooks_private))
            background += [retention.retain(pool, rules(config)), deliver_webhooks(pool, outside)]
        await stack.enter_async_context(stream.running())
        limiter = RateLimiter(redis, config.rate_per_second, config.rate_burst)
        own = own_app(config, pool, stream, hub, limiter, document)
        doors = Doors(
            table=RouteTable(msgspec.json.decode(document) if role != "worker" else {"paths": {}}),
            own=own,
            upstream=Upstream(session, config.services, config.answer_within),
            pool=pool,
            callers=Callers(pool),
            limiter=limiter,
            cors=cors_of(config.origins),
            internal_token=config.internal_token,
        )
        servers = [http.server(door(doors), config.http_host, config.http_port, config.proxies)]
        if config.metrics_port is not None:  # the public port has none
            servers.append(http.server(own, config.http_host, config.metrics_port))
        await run.run(servers, background)
