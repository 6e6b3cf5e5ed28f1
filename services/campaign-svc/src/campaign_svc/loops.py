"""Background loops of the worker. Each acts when Postgres rings the bell (NOTIFY campaign_work), else every second."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import asyncpg
import structlog

from campaign_svc.clients.internal import Peers
from campaign_svc.handlers import break_campaign
from campaign_svc.handlers.erase_contact import carry_out_next_erasure
from campaign_svc.handlers.feed_campaign import feed_campaigns, publish_recorded
from campaign_svc.handlers.forecast_again import forecast_next
from campaign_svc.handlers.prepare_campaign import prepare_next
from campaign_svc.handlers.start_scheduled import start_next_due
from volley_chassis.database import Pool
from volley_chassis.kafka import Stream
from volley_contracts import now

log = structlog.get_logger()
CHANNEL = "campaign_work"
SWEEP_S = 1.0


class Bell:
    """Wakes every loop of the process."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Event] = set()

    def ring(self) -> None:
        for event in self._waiting:
            event.set()

    def listener(self) -> asyncio.Event:
        event = asyncio.Event()
        self._waiting.add(event)
        return event


async def listen(database_url: str, bell: Bell) -> None:
    """Ring the bell when any replica has made work. A lost connection only costs promptness: the loops sweep."""
    while True:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await asyncpg.connect(database_url)
            try:
                closed = asyncio.Event()
                connection.add_termination_listener(lambda _, closed=closed: closed.set())
                await connection.add_listener(CHANNEL, lambda *_: bell.ring())
                bell.ring()
                await closed.wait()
            finally:
                await connection.close(timeout=1)
        await asyncio.sleep(SWEEP_S)


async def repeat(bell: Bell, action: Callable[[], Awaitable[None]]) -> None:
    """Run the action whenever the bell rings, at least every second. A failure is logged and tried again."""
    rung = bell.listener()
    while True:
        rung.clear()
        try:
            await action()
        except Exception:
            log.exception("a loop failed; trying again")
            await asyncio.sleep(SWEEP_S)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(rung.wait(), SWEEP_S)


async def prepare(bell: Bell, pool: Pool, peers: Peers) -> None:
    """Processing of submitted campaigns."""

    async def action() -> None:
        while await prepare_next(pool, peers, at=now()):
            pass

    await repeat(bell, action)


async def count_optouts(pool: Pool) -> None:
    """Stop campaigns of which too many opt out."""

    async def action() -> None:
        await break_campaign.count_optouts(pool, at=now())

    await repeat(Bell(), action)  # nobody rings: once a second is enough


async def forecast(bell: Bell, pool: Pool, peers: Peers) -> None:
    """Forecasts of campaigns that were edited after they were prepared."""

    async def action() -> None:
        while await forecast_next(pool, peers, at=now()):
            pass

    await repeat(bell, action)


async def erase(bell: Bell, pool: Pool) -> None:
    """Forget people whom no campaign needs any more."""

    async def action() -> None:
        while await carry_out_next_erasure(pool):
            pass

    await repeat(bell, action)


async def send(bell: Bell, pool: Pool, stream: Stream) -> None:
    """Start what is due, feed what has credit, publish what was recorded, even before a crash."""

    async def action() -> None:
        while await start_next_due(pool, at=now()):
            pass
        await feed_campaigns(pool, at=now())
        while await publish_recorded(pool, stream):
            pass

    await repeat(bell, action)
