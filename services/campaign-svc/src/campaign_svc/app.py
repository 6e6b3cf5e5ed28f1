"""Builds the service: the only file that does."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from typing import Any

from campaign_svc import api, consumers, loops
from campaign_svc.api.errors import HANDLERS
from campaign_svc.clients import internal
from campaign_svc.config import SERVICE, Settings
from campaign_svc.handlers.import_contacts import import_uploaded_files
from campaign_svc.store.retention import rules
from volley_chassis import database, http, logs, outbox, retention, run, settings, tracing
from volley_chassis.kafka import Stream


async def main(role: str) -> None:
    """Run the roles `api` (HTTP), `worker` (consumers and loops) or `all` until a signal."""
    config = settings.load(Settings)
    logs.configure(SERVICE, config)
    tracing.configure(SERVICE, config)
    works, answers = role in {"worker", "all"}, role in {"api", "all"}
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(config))
        peers = await stack.enter_async_context(
            internal.peers(link_url=config.link_url, dispatch_url=config.dispatch_url, token=config.internal_token)
        )
        stream = Stream(config, SERVICE)
        if works:
            consumers.subscribe(stream, pool)
        await stack.enter_async_context(stream.running())

        async def database_answers() -> bool:
            return await pool.fetchval("SELECT true") is True

        server = http.create_app(
            config,
            title=SERVICE,
            routes=api.ROUTES if answers else [],
            dependencies={"pool": pool, "peers": peers},
            checks={"database": database_answers, "kafka": stream.connected},
            exception_handlers=HANDLERS,
        )
        bell = loops.Bell()
        background: list[Coroutine[Any, Any, None]] = []
        if works:
            background += [
                outbox.relay(config.database_url, stream),
                loops.listen(config.database_url, bell),
                loops.prepare(bell, pool, peers),
                loops.forecast(bell, pool, peers),
                loops.count_optouts(pool),
                loops.erase(bell, pool),
                loops.send(bell, pool, stream),
                import_uploaded_files(pool),
                retention.retain(pool, rules(config)),
            ]
        await run.run([http.server(server, config.http_host, config.http_port)], background)
