"""The story that the demo tells and the end-to-end test asserts, step by step, through the public API only.

A segment of people is imported; a sender, a route, prices and link pools are made; a campaign is written, submitted,
moderated, forecast and sent; its short-link pool runs out, so that it is suspended; a domain is added and it is
resumed; it finishes. Afterwards a reminder from a second sender shows that nobody who opted out is texted again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec

from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.evidence import Ledger, seen_on

TEXT_A = (
    "Hi {{ first_name | there }}, the sale in {{ city | your town }} is on: {{ short_url }} Opt out: {{ optout_url }}"
)
TEXT_B = "{{ first_name | Hello }}! 20% off this week only, see {{ short_url }} No more texts: {{ optout_url }}"
REMINDER = "Last day of the sale, {{ first_name | friend }}: {{ short_url }} Opt out: {{ optout_url }}"
PRICES = {"US": "0.0079", "CA": "0.0085", "FR": "0.0690", "AU": "0.0401", "GB": "0.0398", "SE": "0.0521"}

Json = dict[str, Any]
Progress = Callable[[Json], None]
T = TypeVar("T")
SETTLING_SECONDS = 90.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How large the story is. Paces are in parts a second; limits in messages."""

    recipients: int = 20_000
    broken_rows: int = 40
    pace: int = 1_000
    reminder_pace: int = 1_000
    short_limits: tuple[int, int] = (6_000, 7_000)
    rescue_limit: int = 60_000
    optout_limit: int = 100_000
    timeout: float = 180.0  # seconds for the longest single step


class Things(msgspec.Struct, frozen=True, kw_only=True):
    """What the story made before its campaigns."""

    segment: Json
    senders: tuple[Json, Json]
    route: Json
    short_pool: Json
    optout_pool: Json


async def import_contacts(api: Api, content: bytes, segment_name: str, progress: Progress, seconds: float) -> Json:
    """Upload a CSV and follow the job; the finished import."""
    job = await api.upload("/v1/contact-imports", content, segment_name=segment_name)

    async def finished() -> Json | None:
        current: Json = await api.get(f"/v1/contact-imports/{job['id']}")
        progress(current)
        return current if current["status"] in {"finished", "failed"} else None

    found: Json = await until(finished, seconds=seconds, what="the import")
    return found


async def rejected_rows(api: Api, job: Json) -> list[Json]:
    return [row async for row in api.pages(f"/v1/contact-imports/{job['id']}/rejects")]


UNCONFIRMED: Json = {"text": None}
"""What is sent to a phone after its STOP is then a fault, and not its confirmation."""


async def prepare(api: Api, plan: Plan, connection: Json, segment_name: str) -> Things:
    """Senders, a route, prices, and link pools.

    `connection` is the SMPP configuration of the route (host, port, system_id, password), or a route that stands.
    """
    segment = await anext(s async for s in api.pages("/v1/segments") if s["name"] == segment_name)
    senders = (
        await api.post("/v1/senders", {"address": "VolleyShop", "parts_per_second": plan.pace}),
        await api.post("/v1/senders", {"address": "+12025550199", "parts_per_second": plan.reminder_pace}),
    )
    route = await _route(api, connection)
    await api.put("/v1/rate-card", {"currency": "EUR", "prices": PRICES})
    await api.put("/v1/keyword-replies/stop", UNCONFIRMED)
    first, second = plan.short_limits
    short_pool = await _pool(api, "short links", "short", {"go.example.com": first, "sale.example.net": second})
    optout_pool = await _pool(api, "opt-out links", "optout", {"out.example.org": plan.optout_limit})
    await until(lambda: _connected(api, route["id"]), seconds=30, what="the route to connect")
    return Things(segment=segment, senders=senders, route=route, short_pool=short_pool, optout_pool=optout_pool)


async def prepare_plain(api: Api, name: str, content: bytes, connection: Json, pace: int) -> Things:
    """What a campaign of its own needs: everything of `prepare` named after it, with one sender and ample domains."""
    await import_contacts(api, content, name, lambda _: None, 60)
    segment = await anext(s async for s in api.pages("/v1/segments") if s["name"] == name)
    address = "".join(filter(str.isalnum, name))[:11]
    sender = await api.post("/v1/senders", {"address": address, "parts_per_second": pace})
    route = await _route(api, connection)
    await api.put("/v1/rate-card", {"currency": "EUR", "prices": PRICES})
    await api.put("/v1/keyword-replies/stop", UNCONFIRMED)
    short_pool = await _pool(api, f"{name} short", "short", {f"s.{name}.example": 10_000_000})
    optout_pool = await _pool(api, f"{name} out", "optout", {f"o.{name}.example": 10_000_000})
    await until(lambda: _connected(api, route["id"]), seconds=30, what="the route to connect")
    return Things(
        segment=segment, senders=(sender, sender), route=route, short_pool=short_pool, optout_pool=optout_pool
    )


async def write_plain(api: Api, things: Things, name: str) -> Json:
    """A campaign of two variants to the whole segment, sent right away once it is submitted."""
    variants = [{"name": "A", "text": TEXT_A, "ratio": 70}, {"name": "B", "text": TEXT_B, "ratio": 30}]
    draft = await api.post("/v1/campaigns", {"name": name})
    body = {
        "audience": {"include": [things.segment["id"]], "exclude": []},
        "sender_id": things.senders[0]["id"],
        "content": _content(things, variants, "https://shop.example.com/"),
        "schedule": {"start": "now"},
    }
    written: Json = await api.patch(f"/v1/campaigns/{draft['id']}", body)
    return written


async def write_campaign(api: Api, things: Things) -> Json:
    """A draft, made in steps; what is still missing is listed after each."""
    path = f"/v1/campaigns/{(await api.post('/v1/campaigns', {'name': 'Summer sale ☀', 'tags': ['demo']}))['id']}"
    await api.patch(path, {"audience": {"include": [things.segment["id"]], "exclude": []}})
    await api.patch(path, {"sender_id": things.senders[0]["id"]})
    variants = [{"name": "A", "text": TEXT_A, "ratio": 70}, {"name": "B", "text": TEXT_B, "ratio": 30}]
    await api.patch(path, {"content": _content(things, variants, "https://shop.example.com/summer")})
    draft: Json = await api.patch(path, {"schedule": {"start": "manual"}})
    return draft


async def write_reminder(api: Api, things: Things) -> Json:
    """A second campaign to the same people, from the other sender, sent right away once it is submitted."""
    body = {
        "name": "Reminder",
        "tags": ["demo", "reminder"],
        "audience": {"include": [things.segment["id"]], "exclude": []},
        "sender_id": things.senders[1]["id"],
        "content": _content(
            things, [{"name": "A", "text": REMINDER, "ratio": 100}], "https://shop.example.com/last-day"
        ),
        "schedule": {"start": "now"},
    }
    draft = await api.post("/v1/campaigns", {"name": body.pop("name"), "tags": body.pop("tags")})
    written: Json = await api.patch(f"/v1/campaigns/{draft['id']}", body)
    return written


async def move(api: Api, campaign: Json, name: str) -> Json:
    """One move of the lifecycle, like submit, start, resume."""
    moved: Json = await api.post(f"/v1/campaigns/{campaign['id']}/{name}")
    return moved


async def wait_for_status(
    api: Api,
    campaign: Json,
    *statuses: str,
    seconds: float,
    progress: Progress = lambda _: None,
) -> Json:
    """Poll the campaign until it is in one of the statuses. Raises TimeoutError saying how it stands."""
    current: Json = campaign

    async def reached() -> Json | None:
        nonlocal current
        current = await api.get(f"/v1/campaigns/{campaign['id']}")
        progress(current)
        return current if current["status"] in statuses else None

    try:
        found: Json = await until(reached, seconds=seconds, what=f"{campaign['name']} to be {' or '.join(statuses)}")
    except TimeoutError as error:
        stands = {name: current.get(name) for name in ("status", "reason", "counts", "waves", "clicks")}
        raise TimeoutError(f"{error}: {stands}") from None
    return found


async def rescue(api: Api, campaign: Json, things: Things, plan: Plan) -> tuple[ApiError, Json]:
    """Resume a campaign whose pool is exhausted: refused until a domain is added. The refusal, and the campaign."""
    try:
        await move(api, campaign, "resume")
    except ApiError as error:
        refusal = error
    else:
        raise AssertionError("a resume whose cause still holds was not refused")
    body = {"host": "extra.example.com", "message_limit": plan.rescue_limit}
    await api.post(f"/v1/pools/{things.short_pool['id']}/domains", body)
    return refusal, await move(api, campaign, "resume")


async def _pool(api: Api, name: str, purpose: str, limits: dict[str, int]) -> Json:
    domains = [await api.post("/v1/domains", {"host": host, "message_limit": limit}) for host, limit in limits.items()]
    ids = [domain["id"] for domain in domains]
    pool: Json = await api.post("/v1/pools", {"name": name, "purpose": purpose, "domain_ids": ids})
    return pool


async def _route(api: Api, connection: Json) -> Json:
    """`connection` where it is a route, else the one route to that SMSC: one login serves one route."""
    if "id" in connection:
        return connection
    routes = [route async for route in api.pages("/v1/routes") if route["name"] == "smsc"]
    made = {"name": "smsc", "protocol": "smpp", "priority": 1, "config": connection}
    return routes[0] if routes else await api.post("/v1/routes", made)


async def _connected(api: Api, route_id: str) -> bool:
    route: Json = await api.get(f"/v1/routes/{route_id}")
    return bool(route["connected"])


def _content(things: Things, variants: list[Json], target: str) -> Json:
    return {
        "variants": variants,
        "target_url": target,
        "short_pool_id": things.short_pool["id"],
        "optout_pool_id": things.optout_pool["id"],
    }


async def settled_stats(api: Api, campaign: Json, ledger: Ledger, sender: str) -> Json:
    """The campaign's figures, once stats-svc has heard of all that the provider has told.

    What a crash left unknown is settled by receipts, which wait half a minute before they are held against a number.
    What is missing for long is for an examination to say.
    """
    told = {
        "submitted": len(ledger.of_sender(sender)),
        "delivered": sum(1 for message in ledger.of_sender(sender) if message["state"] == "delivered"),
        "clickers": len(ledger.numbers_that("click", sender)),
        "optouts": len(ledger.numbers_that_opted_out(sender)),
    }

    async def read() -> Json:
        found: Json = await api.get(f"/v1/campaigns/{campaign['id']}/stats")
        return found

    def complete(stats: Json) -> bool:
        totals = stats["totals"]
        settled = sum(totals[name] for name in ("submitted", "failed", "unknown", "suppressed", "cancelled"))
        return settled >= campaign["counts"]["recipients"] and all(totals[name] >= told[name] for name in told)

    return await _patiently(read, complete)


async def settled_domains(api: Api, ledger: Ledger, unknown: int = 0) -> list[Json]:
    """The account's domains, once what was not sent is given back to them; `unknown` messages may have been sent."""

    async def read() -> list[Json]:
        return [domain async for domain in api.pages("/v1/domains")]

    def given_back(domains: list[Json]) -> bool:
        seen = seen_on(ledger, domains)
        return all(domain["used"] <= seen[domain["host"]] + unknown for domain in domains)

    return await _patiently(read, given_back)


async def _patiently(read: Callable[[], Awaitable[T]], complete: Callable[[T], bool]) -> T:
    """What is read last: once it is complete, or after SETTLING_SECONDS."""
    last = time.monotonic() + SETTLING_SECONDS
    while not complete(found := await read()) and time.monotonic() < last:  # noqa: ASYNC110 - the API is polled
        await asyncio.sleep(0.1)
    return found
