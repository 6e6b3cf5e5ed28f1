"""The live stream: figures, moves and alerts of the caller's account, as server-sent events."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from gateway_api.config import Settings
from gateway_api.domain.live import Wanted
from gateway_api.handlers.broadcast_live import END, Hub
from gateway_api.store import api_keys, users
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.problems import Problem
from volley_contracts import Status

LONGEST_SECONDS = 3600.0
_RESET = b"event: reset\r\ndata: {}\r\n\r\n"


@get("/v1/live", tags=["Live"], opt={"role": "viewer"}, media_type="text/event-stream")
async def get_live(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    hub: NamedDependency[Hub],
    config: NamedDependency[Settings],
    campaign_id: Annotated[UUID | None, QueryParameter(description="Events of this campaign only.")] = None,
    name: Annotated[
        str | None, QueryParameter(max_length=255, description="Campaigns with this in their name, in any case.")
    ] = None,
    status: Annotated[
        list[Status] | None, QueryParameter(description="Campaigns of one of these statuses, and moves from or to one.")
    ] = None,
    tag: Annotated[list[str] | None, QueryParameter(description="Campaigns with all of these tags.")] = None,
    last_event_id: Annotated[
        str | None,
        HeaderParameter(name="Last-Event-ID", description="Of the last event that was read, where one connects again."),
    ] = None,
) -> Stream:
    """Follow what happens, as it happens

    Server-sent events of the account from now on: `figures` (status, progress, rate and totals of a campaign that
    changed, five times a second at most), `campaign_moved`, `alert_raised`, `alert_resolved`; their data are those of
    the events in the topics. Alerts come whatever is asked of name, status and tags. A comment comes every 15 s where
    nothing happens. A stream ends after an hour, or when its reader is too slow: connect again. With `Last-Event-ID`,
    which browsers send by themselves, what was missed comes first (of figures the last of each campaign; some events
    may come again); where too much was missed, `reset` comes instead: read the current figures by the other requests.
    """
    if hub.is_full(caller.account_id):
        detail = "The account has too many live streams open; close one."
        raise Problem(429, "too_many_streams", detail, headers={"retry-after": "30"})
    check = partial(_still_valid, pool, caller, request.headers.get("x-volley-session"))
    wanted = Wanted(campaign_id=campaign_id, name=name, statuses=tuple(status or ()), tags=tuple(tag or ()))
    events = _events(hub, check, caller.account_id, wanted, last_event_id, config.heartbeat)
    # A reader who goes between two events leaves the generator where it stands: it is closed here.
    headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
    ended = BackgroundTask(_close, events)
    return Stream(events, media_type="text/event-stream", headers=headers, background=ended)


async def _close(events: AsyncGenerator[bytes, None]) -> None:
    """A function of its own: Litestar does not see that `aclose` is to be awaited."""
    await events.aclose()


async def _events(
    hub: Hub,
    still_valid: Callable[[], Awaitable[bool]],
    account_id: UUID,
    wanted: Wanted,
    last_id: str | None,
    heartbeat: float,
) -> AsyncGenerator[bytes, None]:
    clock = asyncio.get_running_loop().time
    with hub.reading(account_id, wanted) as reader:
        missed = hub.missed(account_id, wanted, last_id) if last_id else []
        known = last_id or hub.last_id(account_id)  # from where to go on if the stream breaks before its first event
        ends = clock() + LONGEST_SECONDS
        check_at = clock() + heartbeat
        yield b": welcome\r\nretry: 2000\r\n%b\r\n" % (b"id: %b\r\n" % known.encode() if known else b"")
        if missed is None:
            yield _RESET
        for again in missed or ():
            yield again.wire
        while clock() < ends:
            if clock() >= check_at:
                if not await still_valid():
                    return
                check_at = clock() + heartbeat
            try:
                async with asyncio.timeout(heartbeat):
                    live = await reader.queue.get()
            except TimeoutError:
                yield b": nothing new\r\n\r\n"
                continue
            if live is END:
                return
            yield live.wire


async def _still_valid(pool: Pool, caller: Caller, session: str | None) -> bool:
    """A stream ends soon after its key is no longer valid, or its session: signed out, expired, or its user gone."""
    if session is not None:
        return await users.of_session(pool, bytes.fromhex(session)) is not None
    return await api_keys.lasts(pool, caller.account_id, caller.actor.removeprefix("key:"))
