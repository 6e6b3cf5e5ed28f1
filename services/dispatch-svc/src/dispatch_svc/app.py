"""Builds dispatch-svc for a role and runs it."""

from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any

from dispatch_svc import consumers
from dispatch_svc.api import HANDLERS, ROUTES, Listeners
from dispatch_svc.clients import permits
from dispatch_svc.clients.routes import OpenRoutes
from dispatch_svc.config import Settings
from dispatch_svc.domain.vault import Vault
from dispatch_svc.handlers.cancel_unsent import cancel_unsent
from dispatch_svc.handlers.edit_routes import reseal_routes
from dispatch_svc.handlers.keep_house import keep_house
from dispatch_svc.handlers.keep_routes_open import keep_routes_open
from dispatch_svc.handlers.keep_sending import keep_sending
from dispatch_svc.handlers.match_parked import match_parked
from dispatch_svc.handlers.means import Means, Pieces, RateCards, Room
from dispatch_svc.handlers.ownership import Ownership
from dispatch_svc.handlers.pace_senders import Bell
from dispatch_svc.handlers.receive_inbound import receive_inbound
from dispatch_svc.handlers.record_receipts import record_receipts
from dispatch_svc.handlers.tell_route_health import keep_telling_route_health
from dispatch_svc.store import rate_cards
from dispatch_svc.store.retention import rules
from volley_chassis import database, http, logs, outbox, retention, run, tracing
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_chassis.outside import Outside, networks_in
from volley_chassis.settings import load

SERVICE = "dispatch-svc"


async def main(role: str) -> None:
    """Serve until told to stop. Roles: api, worker, all."""
    settings = load(Settings)
    logs.configure(SERVICE, settings)
    tracing.configure(SERVICE, settings)
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(database.pool(settings))
        stream = Stream(settings, SERVICE)
        vault = Vault(settings.route_keys)
        outside = Outside(networks_in("VOLLEY_ROUTE_NETWORKS", settings.route_networks))
        listeners = Listeners(partial(record_receipts, pool), partial(receive_inbound, pool))
        background: list[Coroutine[Any, Any, None]] = []
        if role in {"worker", "all"}:
            pieces = Pieces(pool)
            consumers.subscribe(stream, pool, pieces)
            background = await _work(settings, stack, pool, vault, outside, stream, listeners, pieces)
        await stack.enter_async_context(stream.running())

        async def database_answers() -> bool:
            return bool(await pool.fetchval("SELECT true"))

        api = http.create_app(
            settings,
            title="Volley dispatch",
            routes=ROUTES if role in {"api", "all"} else [],
            dependencies={"pool": pool, "vault": vault, "outside": outside, "listeners": listeners},
            checks={"database": database_answers, "kafka": stream.connected},
            exception_handlers=dict(HANDLERS),
        )
        await run.run([http.server(api, settings.http_host, settings.http_port)], background)


async def _work(
    settings: Settings,
    stack: AsyncExitStack,
    pool: Pool,
    vault: Vault,
    outside: Outside,
    stream: Stream,
    listeners: Listeners,
    pieces: Pieces,
) -> list[Coroutine[Any, Any, None]]:
    """The loops of a worker."""
    await reseal_routes(pool, vault)
    client = await stack.enter_async_context(permits.connect(settings.redis_url))
    routes = OpenRoutes(listeners.on_receipts, listeners.on_inbound, outside)
    stack.push_async_callback(routes.close)
    bell = Bell()
    means = Means(
        settings=settings,
        pool=pool,
        redis=client,
        routes=routes,
        ownership=Ownership(settings.database_url, settings.instance, bell.ring),
        pieces=pieces,
        cards=RateCards(pool, rate_cards.find),
        room=Room(settings.messages_in_flight),
    )
    return [
        keep_sending(means, bell),
        keep_routes_open(settings.database_url, settings.instance, vault, routes),
        cancel_unsent(pool),
        match_parked(pool),
        keep_house(pool),
        retention.retain(pool, rules(settings)),
        keep_telling_route_health(pool, vault, timedelta(seconds=settings.route_down_after)),
        outbox.relay(settings.database_url, stream),
    ]
