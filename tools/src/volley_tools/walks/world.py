"""The account of a walk: people in segments that overlap, slow senders, small domain pools, one route, a reviewer."""

import asyncio
import csv
import io
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import msgspec

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.evidence import Json
from volley_tools.demo.provider import Provider, smpp_config
from volley_tools.simulator.options import Options

PEOPLE = 450
SEGMENTS = ((0, 200), (120, 320), (300, 450))
"""Rows of each segment."""
PACES = (25, 45)
SECONDS = 60.0
MANNERS = {
    "latency_ms": 10,
    "jitter_ms": 30,
    "failures": {"ESME_RINVDSTADR": 10, "ESME_RTHROTTLED": 10},
    "failures_clear_after": 2,
    "delivery_jitter_ms": 300,
    "undelivered": 15,
    "click": 60,
    "optout": 12,
    "stop": 12,
}


class World(msgspec.Struct, frozen=True):
    """`members` are the numbers of each segment; hosts end in `zone`. The reviewer is somebody else than who writes."""

    api: Api
    reviewer: Api
    provider: Provider
    seed: int
    zone: str
    senders: list[Json]
    segments: list[Json]
    members: list[set[str]]
    short_pool: Json
    optout_pool: Json


@asynccontextmanager
async def world(root: Api, provider: Provider, smpp_port: int, seed: int, web: str) -> AsyncIterator[World]:
    """Made anew for each walk. Its route is SMPP or HTTP, by seed, and its login is free again afterwards."""
    await provider.start_over(web=web)
    account = await root.post("/v1/accounts", {"name": f"walk {seed} {uuid.uuid4()}"})
    api = Api(root.session, root.url, account["api_key"]["key"])
    key = await api.post("/v1/api-keys", {"name": "reviewer", "role": "reviewer"})
    async with _route(api, provider, smpp_port if seed % 2 else None):
        await api.put("/v1/rate-card", {"currency": "EUR", "prices": story.PRICES})
        await api.put("/v1/keyword-replies/stop", story.UNCONFIRMED)
        chance = random.Random(seed)  # noqa: S311 - a walk that repeats, not a secret
        members = await _import(api)
        zone = f"walk-{account['id'][-12:]}.example"
        named = {segment["name"]: segment async for segment in api.pages("/v1/segments")}
        made = World(
            api=api,
            reviewer=Api(root.session, root.url, key["key"]),
            provider=provider,
            seed=seed,
            zone=zone,
            senders=[
                await api.post("/v1/senders", {"address": f"Walk{seed}x{no}", "parts_per_second": pace})
                for no, pace in enumerate(PACES)
            ],
            segments=[named[str(no)] for no in range(len(SEGMENTS))],
            members=members,
            short_pool=await _pool(api, zone, "short", [chance.randint(60, 250) for _ in range(3)]),
            optout_pool=await _pool(api, zone, "optout", [chance.randint(150, 400) for _ in range(2)]),
        )
        await provider.behave(**MANNERS, seed=seed)
        yield made


@asynccontextmanager
async def _route(api: Api, provider: Provider, smpp_port: int | None) -> AsyncIterator[None]:
    defaults = Options()
    if smpp_port:
        body = {"name": "walk", "protocol": "smpp", "config": smpp_config(smpp_port)}
    else:
        config = {"url": provider.url, "token": defaults.api_key, "webhook_secret": defaults.webhook_secret}
        body = {"name": "walk", "protocol": "http", "config": config}
    made = await api.post("/v1/routes", body)
    await provider.behave(webhook_url="" if smpp_port else f"{api.url}/callbacks/routes/{made['id']}")

    async def connected() -> bool:
        return not smpp_port or bool((await api.get(f"/v1/routes/{made['id']}"))["connected"])

    try:
        await until(connected, seconds=SECONDS, what="the route to connect")
        yield
    finally:
        with suppress(ApiError):
            await api.delete(f"/v1/routes/{made['id']}")


async def _import(api: Api) -> list[set[str]]:
    rows = list(people.contacts(PEOPLE))
    parts = [rows[first:end] for first, end in SEGMENTS]
    await asyncio.gather(
        *(story.import_contacts(api, _csv(part), str(no), lambda _: None, SECONDS) for no, part in enumerate(parts))
    )
    return [{row[0] for row in part} for part in parts]


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([people.HEADER, *rows])
    return text.getvalue().encode()


async def _pool(api: Api, zone: str, purpose: str, limits: list[int]) -> Json:
    ids = [
        (await api.post("/v1/domains", {"host": f"{purpose}{no}.{zone}", "message_limit": limit}))["id"]
        for no, limit in enumerate(limits)
    ]
    pool: Json = await api.post("/v1/pools", {"name": f"walk {purpose}", "purpose": purpose, "domain_ids": ids})
    return pool
