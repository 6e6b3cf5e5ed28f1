"""Runs a service's servers and background loops until a signal, or until one of them fails."""

import asyncio
import gc
import signal
from collections.abc import Coroutine, Sequence
from typing import Any

import structlog
import uvicorn

log = structlog.get_logger()


YOUNG_OBJECTS = 20_000
"""Between two collections. A batch makes some thousands of objects that die by themselves a moment later; Python's own
700 would look through them again and again."""


class BackgroundFailedError(Exception):
    """A background loop ended by itself, which none should."""


async def run(servers: Sequence[uvicorn.Server], background: Sequence[Coroutine[Any, Any, None]] = ()) -> None:
    """Serve until SIGTERM or SIGINT, then finish open requests and cancel the background loops.

    A background loop that fails ends the process with its error: an orchestrator restarts it, and half a service
    serves nobody.
    """
    # What was built so far stays: a full collection that walked over every module would take 80 ms.
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    serving = [asyncio.create_task(server.serve()) for server in servers]
    looping = [asyncio.create_task(coroutine) for coroutine in background]
    stopping = asyncio.create_task(stop.wait())
    log.info("service started")
    working: list[asyncio.Task[Any]] = [*serving, *looping]
    done, _ = await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    log.info("service stops")
    for server in servers:
        server.should_exit = True
    for task in looping:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    stopping.cancel()
    for task in done.intersection(working):
        task.result()  # raises what it failed with
        raise BackgroundFailedError("a server or background loop ended by itself")
