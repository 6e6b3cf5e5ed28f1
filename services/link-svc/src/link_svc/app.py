"""Builds link-svc for a role and runs it."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

import uvicorn

from link_svc import consumers
from link_svc.api import ROUTES
from link_svc.api.errors import HANDLERS
from link_svc.clients.health import Reach
from link_svc.config import LinkSettings, keys_of
from link_svc.loops import keep_checking, refill
from link_svc.public.http import serving
from link_svc.public.links import Resolver
from link_svc.public.server import PublicApp
from link_svc.store.retention import rules
from volley_chassis import database, http, logs, outbox, retention, run, tracing
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_chassis.settings import load

SERVICE = "link-svc"
WORKER = frozenset({"worker", "all"})
PUBLIC = frozenset({"redirect", "all"})


async def main(role: str) -> None:
    """Serve until told to stop. Roles: api, worker, redirect, all."""
    settings = load(LinkSettings)
    logs.configure(SERVICE, settings)
    tracing.configure(SERVICE, settings)
    keys = keys_of(settings)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(settings))
        stream = Stream(settings, SERVICE)
        background: list[Coroutine[Any, Any, None]] = []
        if role in WORKER:
            consumers.subscribe(stream, pool, settings, keys)
            background = [
                outbox.relay(settings.database_url, stream),
                refill(settings, pool, keys),
                retention.retain(pool, rules(settings)),
            ]
            if settings.domain_check_minutes:
                background.append(keep_checking(pool, reach_of(settings), settings.check_every))
        if role != "api":  # what the API has to say leaves through the worker's relay
            await stack.enter_async_context(stream.running())
        if role in PUBLIC:
            app = PublicApp(Resolver(pool, keys), stream, settings.internal_token)
            await stack.enter_async_context(serving(app.visit, settings.public_host, settings.public_port))
        await run.run([internal_server(settings, pool, stream, role)], background)


def reach_of(settings: LinkSettings) -> Reach:
    return Reach(settings.internal_token, settings.domain_check_url, settings.domain_check_private)


def internal_server(settings: LinkSettings, pool: Pool, stream: Stream, role: str) -> uvicorn.Server:
    """Health and metrics, and the API where the role has it."""

    async def database_answers() -> bool:
        return bool(await pool.fetchval("SELECT true"))

    checks: dict[str, http.Check] = {"database": database_answers}
    if role != "api":
        checks["kafka"] = stream.connected
    app = http.create_app(
        settings,
        title="Volley links",
        routes=ROUTES if role in {"api", "all"} else [],
        dependencies={"pool": pool, "reach": reach_of(settings), "check_every": settings.check_every},
        checks=checks,
        exception_handlers=dict(HANDLERS),
    )
    return http.server(app, settings.http_host, settings.http_port)
