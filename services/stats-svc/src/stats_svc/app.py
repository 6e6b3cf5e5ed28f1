"""Builds stats-svc: the only place that does."""

import os
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import structlog

from stats_svc.api import ROUTES
from stats_svc.config import SERVICE, Settings
from stats_svc.consumers import subscribe
from stats_svc.handlers.publish_live import publish_live
from stats_svc.handlers.recount_clicks import Recount, recount_all, recount_campaign
from stats_svc.store.retention import rules
from volley_chassis import database, http, logs, migrations, outbox, retention, run, settings, tracing
from volley_chassis.kafka import Stream

log = structlog.get_logger()
MIGRATIONS = Path(__file__).parents[2] / "migrations"


async def migrate() -> None:
    await migrations.migrate(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS)


async def migrated() -> None:
    await migrations.wait_until_migrated(os.environ["VOLLEY_DATABASE_URL"], MIGRATIONS)


async def recount(campaign_ids: Sequence[UUID] | None) -> None:
    """Judge kept clicks again, of these campaigns or (None) of all. The worker sends what campaign-svc must know."""
    config = settings.load(Settings)
    logs.configure(SERVICE, config)
    async with database.pool(config) as pool:
        if campaign_ids is None:
            whole = await recount_all(pool)
        else:
            whole = Recount()
            for campaign_id in campaign_ids:
                whole = whole.plus(await recount_campaign(pool, campaign_id))
    log.info("recount done", **msgspec.to_builtins(whole))


async def main(role: str) -> None:
    """Serve as `api`, `worker` or `all` until a signal. A worker serves health and metrics too."""
    config = settings.load(Settings)
    logs.configure(SERVICE, config)
    tracing.configure(SERVICE, config)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(config))
        stream = Stream(config, SERVICE)
        background: list[Coroutine[Any, Any, None]] = []
        if role in {"worker", "all"}:
            subscribe(stream, pool)
            background = [
                publish_live(pool, stream, config.live_seconds),
                outbox.relay(config.database_url, stream),
                retention.retain(pool, rules(config)),
            ]
        await stack.enter_async_context(stream.running())

        async def database_answers() -> bool:
            return bool(await pool.fetchval("SELECT true"))

        app = http.create_app(
            config,
            title="Figures",
            routes=ROUTES if role in {"api", "all"} else [],
            dependencies={"pool": pool},
            checks={"database": database_answers, "kafka": stream.connected},
        )
        await run.run([http.server(app, config.http_host, config.http_port)], background)
