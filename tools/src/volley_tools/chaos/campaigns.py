"""The campaigns of a seed, through the public API: prepared, started, and seen through to their end."""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from volley_tools.chaos.api import PatientApi
from volley_tools.chaos.plan import Campaign, Plan, Pool
from volley_tools.demo import people, story
from volley_tools.demo.api import ApiError, until
from volley_tools.demo.provider import Provider, smpp_config
from volley_tools.demo.story import Json
from volley_tools.simulator.options import Options

HTTP_COUNTRIES = ["FR", "GB"]
LONG_TEXT = (
    "{{ first_name | Hello }}, last days: 20% off everything in {{ city | your town }} and free delivery for members. "
    "See what is left at {{ short_url }} - if you have had enough of us, press here: {{ optout_url }}"
)
_SECONDS = 120.0
_LOOK_SECONDS = 0.4
_EXHAUSTED = frozenset({"link_domains_exhausted", "optout_domains_exhausted"})
Reached = Callable[[float], Awaitable[None]]


class Made(msgspec.Struct, frozen=True):
    """What was made for one campaign of the plan."""

    plan: Campaign
    campaign: Json
    sender: Json


class Stage(msgspec.Struct, frozen=True):
    """An account with everything that the plan's campaigns need. `routes` are ids, the pools' too."""

    api: PatientApi
    plan: Plan
    routes: list[str]
    short_pools: list[str]
    optout_pool: str
    made: list[Made]


async def make_routes(api: PatientApi, provider: Provider, plan: Plan, smpp_port: int) -> list[str]:
    """An HTTP route for some countries, an SMPP route for all."""
    defaults = Options()
    config = {"url": provider.url, "token": defaults.api_key, "webhook_secret": defaults.webhook_secret, **plan.http}
    http = {"name": "http", "protocol": "http", "priority": 1, "countries": HTTP_COUNTRIES, "config": config}
    smpp = {"name": "smpp", "protocol": "smpp", "priority": 2, "config": {**smpp_config(smpp_port), **plan.smpp}}
    routes = [(await api.post("/v1/routes", body))["id"] for body in (http, smpp)]
    await provider.behave(webhook_url=f"{api.url}/callbacks/routes/{routes[0]}")
    return routes


async def prepare(api: PatientApi, plan: Plan, routes: list[str], tell: Callable[[str], None]) -> Stage:
    """Contacts, senders, prices, pools; campaigns that are ready to start."""
    await api.put("/v1/rate-card", {"currency": "EUR", "prices": story.PRICES})
    await api.put("/v1/keyword-replies/stop", story.UNCONFIRMED)
    await api.put("/v1/breakers", {"failure_percent": 100, "optout_percent": 100})  # a crowd by chance is no fault
    segments = await _segments(api, plan)
    tell("the contacts are in")
    short_pools = [await _make_pool(api, plan, f"s{i}", "short", pool) for i, pool in enumerate(plan.short_pools)]
    optout_pool = await _make_pool(api, plan, "o", "optout", plan.optout_pool)
    made = [await _write(api, plan, index, segments, short_pools, optout_pool) for index in range(len(plan.campaigns))]
    await asyncio.gather(*(until(lambda route=route: _connected(api, route), seconds=_SECONDS, what="the routes")
                           for route in routes))  # fmt: skip
    tell("the routes are open")
    for one in made:
        await story.wait_for_status(api, one.campaign, "ready", "draft", "rejected", seconds=_SECONDS)
    return Stage(api, plan, routes, short_pools, optout_pool, made)


async def _segments(api: PatientApi, plan: Plan) -> list[str]:
    rows = people.csv_file(plan.segment_size * 3).decode().splitlines(keepends=True)
    header, rows = rows[0], rows[1:]
    size = plan.segment_size

    async def load(index: int) -> None:
        content = "".join([header, *rows[index * size : (index + 1) * size]]).encode()
        await story.import_contacts(api, content, f"part {index}", lambda _: None, _SECONDS)

    await asyncio.gather(*map(load, range(3)))
    found = {segment["name"]: segment["id"] async for segment in api.pages("/v1/segments")}
    return [found[f"part {index}"] for index in range(3)]


async def _make_pool(api: PatientApi, plan: Plan, word: str, purpose: str, pool: Pool) -> str:
    domains = [
        (await api.post("/v1/domains", {"host": f"{word}-{i}.c{plan.seed}.example", "message_limit": limit}))["id"]
        for i, limit in enumerate(pool.limits)
    ]
    made = await api.post("/v1/pools", {"name": f"{word} {plan.seed}", "purpose": purpose, "domain_ids": domains})
    return str(made["id"])


async def _write(
    api: PatientApi, plan: Plan, index: int, segments: list[str], short_pools: list[str], optout_pool: str
) -> Made:
    campaign = plan.campaigns[index]
    address = f"C{plan.seed}x{index}"
    sender = await api.post("/v1/senders", {"address": address, "parts_per_second": campaign.pace})
    texts = ((story.TEXT_A, 60), (story.TEXT_B, 35), (LONG_TEXT, 5))
    body = {
        "audience": {"include": [segments[segment] for segment in campaign.segments], "exclude": []},
        "sender_id": sender["id"],
        "content": {
            "variants": [{"name": n, "text": text, "ratio": r} for n, (text, r) in zip("ABC", texts, strict=True)],
            "target_url": "https://shop.example.com/",
            "short_pool_id": short_pools[campaign.pool],
            "optout_pool_id": optout_pool,
        },
        "schedule": {"start": "manual"},
    }
    draft = await api.post("/v1/campaigns", {"name": address})
    written = await api.patch(f"/v1/campaigns/{draft['id']}", body)
    await story.move(api, written, "submit")
    return Made(campaign, written, sender)


async def _connected(api: PatientApi, route: str) -> bool:
    found: Json = await api.get(f"/v1/routes/{route}")
    return found["protocol"] == "http" or bool(found["connected"])


async def see_through(stage: Stage, made: Made, reached: Reached) -> Json:
    """Start the campaign; pause, resume, rescue and abort it as the plan says; the campaign once it has ended."""
    await _move(stage, made, "start")
    moving = [
        asyncio.create_task(_move_when(stage, made, reached, at, moves))
        for at, moves in ((made.plan.pause_at, ("pause", "resume")), (made.plan.abort_at, ("abort",)))
        if at
    ]
    try:
        while True:
            campaign: Json = await stage.api.get(f"/v1/campaigns/{made.campaign['id']}")
            if campaign["status"] == "finished" or _is_settled_abort(campaign):
                return campaign
            if campaign["status"] == "suspended":
                await _rescue(stage, made, campaign)
            await asyncio.sleep(_LOOK_SECONDS)
    finally:
        for task in moving:
            task.cancel()
        await asyncio.gather(*moving, return_exceptions=True)


def _is_settled_abort(campaign: Json) -> bool:
    counts = campaign["counts"]
    return bool(campaign["status"] == "aborted" and counts["settled"] == counts["recipients"])


async def _move_when(stage: Stage, made: Made, reached: Reached, at: float, moves: tuple[str, ...]) -> None:
    await reached(at)
    for name in moves:
        await _move(stage, made, name)
        await asyncio.sleep(1.0)


async def _move(stage: Stage, made: Made, name: str) -> None:
    """One that comes too late, or was made by a request whose answer was lost, is refused, and that is fine."""
    try:
        await story.move(stage.api, made.campaign, name)
    except ApiError as error:
        if error.status != 409:
            raise


async def _rescue(stage: Stage, made: Made, campaign: Json) -> None:
    """Resume it; where that is refused because a pool has nothing left, add a domain and look again."""
    if campaign["suspension"]["code"] not in _EXHAUSTED:
        raise AssertionError(f"suspended: {campaign['suspension']}")
    try:
        await story.move(stage.api, made.campaign, "resume")
    except ApiError as error:
        if error.status != 409:
            raise
        for pool in (stage.short_pools[made.plan.pool], stage.optout_pool):
            await _extend(stage, pool)


async def _extend(stage: Stage, pool_id: str) -> None:
    pool = await stage.api.get(f"/v1/pools/{pool_id}")
    if any(domain["message_limit"] > domain["used"] for domain in pool["domains"]):
        return
    host = f"more-{len(pool['domains'])}.{pool_id[-12:]}.example"
    try:
        await stage.api.post(
            f"/v1/pools/{pool_id}/domains", {"host": host, "message_limit": stage.plan.recipients // 2}
        )
    except ApiError as error:
        if error.status != 409:  # the answer to the first try was lost, or another campaign's keeper was faster
            raise
