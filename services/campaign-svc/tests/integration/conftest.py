"""A database, the API over it, and stand-ins for what link-svc and dispatch-svc answer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from campaign_svc import api
from campaign_svc.api.errors import HANDLERS
from campaign_svc.clients import internal
from campaign_svc.clients.internal import Peers
from campaign_svc.config import MIGRATIONS, Settings
from campaign_svc.handlers.prepare_campaign import prepare_next
from volley_chassis import database, http
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.topics import create_topics
from volley_contracts import Event, Topic, decode, new_id, now
from volley_tools.stack.platform import Addresses


@dataclass
class Neighbours:
    """What link-svc and dispatch-svc answer; `asked` is the requests' paths."""

    coverage: dict[str, Any] | None = None
    pools: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    hosts: list[str] = field(default_factory=list)
    lists: dict[UUID, list[str]] = field(default_factory=dict)
    down: bool = False
    asked: list[str] = field(default_factory=list)

    def add_pool(self, purpose: str, remaining: int = 1_000_000) -> UUID:
        pool_id = new_id()
        self.pools[pool_id] = {
            "id": str(pool_id),
            "name": f"the {purpose} pool",
            "purpose": purpose,
            "remaining": remaining,
            "exhausted": False,
            "waiting": 0,
            "active_domains": 1,
            "sample_url": "https://go.example/xxxxxxxx",
        }
        return pool_id

    async def answer(self, request: web.Request) -> web.Response:
        assert request.headers["x-volley-internal"] == "token"
        self.asked.append(request.path)
        if self.down:
            return web.Response(status=503)
        if request.path == "/internal/hosts":
            return web.json_response({"hosts": self.hosts})
        found = (
            self.coverage
            if request.path == "/internal/coverage"
            else self.pools.get(UUID(request.path.rpartition("/")[2]))
        )
        return web.json_response(found) if found else web.Response(status=404)

    async def list_domains(self, request: web.Request) -> web.Response:
        """As link-svc has it: one pool a campaign and purpose; hosts are the account's, or named."""
        campaign, purpose = request.match_info["campaign"], request.match_info["purpose"]
        hosts = [host.lower() for host in (await request.json())["hosts"]]
        problems = [
            {"index": index, "message": "is no domain of yours", "fix": "add it"}
            for index, host in enumerate(hosts)
            if host not in self.hosts
        ]
        if problems:
            return web.json_response({"pool_id": None, "hosts": hosts, "problems": problems})
        of = (campaign, purpose)
        known = [id_ for id_, pool in self.pools.items() if (pool.get("campaign_id"), pool["purpose"]) == of]
        pool_id = known[0] if known else self.add_pool(purpose)
        self.pools[pool_id]["campaign_id"] = campaign
        self.lists[pool_id] = hosts
        return web.json_response({"pool_id": str(pool_id), "hosts": hosts, "problems": []})


@pytest.fixture(scope="module")
async def settings(infra: Addresses, topic_prefix: str, make_database: Callable[[Path], str]) -> Settings:
    await create_topics(infra.kafka, topic_prefix)
    return Settings(
        database_url=make_database(MIGRATIONS),
        kafka=infra.kafka,
        internal_token="token",
        topic_prefix=topic_prefix,
        stop_within=5,
        link_url="http://127.0.0.1:1",
        dispatch_url="http://127.0.0.1:1",
    )


@pytest.fixture(scope="module")
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    async with database.pool(settings) as opened:
        yield opened


@pytest.fixture
def neighbours() -> Neighbours:
    return Neighbours(coverage={"currency": "EUR", "prices": {"US": "0.0079", "GB": "0.04"}, "routable": None})


@pytest.fixture
async def peers(neighbours: Neighbours) -> AsyncIterator[Peers]:
    app = web.Application()
    app.router.add_get("/{path:.*}", neighbours.answer)
    app.router.add_put("/internal/campaigns/{campaign}/pools/{purpose}", neighbours.list_domains)
    async with TestServer(app) as server:
        url = str(server.make_url("/"))
        async with internal.peers(link_url=url, dispatch_url=url, token="token") as opened:
            yield opened


@pytest.fixture
def caller() -> Caller:
    """A person of an account that nobody else uses."""
    return Caller(account_id=new_id(), actor="olga", role="operator")


ClientOf = Callable[[Caller], httpx.AsyncClient]


@pytest.fixture
def client_of(settings: Settings, pool: Pool, peers: Peers) -> ClientOf:
    """The API as a caller reaches it through the gateway."""
    app = http.create_app(
        settings,
        title="campaign-svc",
        routes=api.ROUTES,
        dependencies={"pool": pool, "peers": peers},
        exception_handlers=HANDLERS,
    )

    def client(caller: Caller) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://campaign-svc",
            headers={
                "x-volley-internal": "token",
                "x-volley-account": str(caller.account_id),
                "x-volley-actor": caller.actor,
                "x-volley-role": caller.role,
                **({"x-volley-owner": caller.owner} if caller.owner else {}),
                **({"x-volley-account-name": quote(caller.account_name)} if caller.account_name else {}),
            },
        )

    return client


@dataclass
class Audience:
    """Makes contacts, segments and senders of one account, straight in the tables."""

    pool: Pool
    account_id: UUID

    async def segment(
        self, name: str, first: int, count: int, country: str = "US", *, timezone: str | None = None, **attributes: str
    ) -> UUID:
        """A segment of the contacts whose numbers end in `first` .. `first + count - 1`; they are made if need be."""
        segment_id = new_id()
        prefix = {"US": "+1202555", "GB": "+4477009"}.get(country, "+4917600")
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "INSERT INTO segments (id, account_id, name, created_at) VALUES ($1, $2, $3, $4)",
                segment_id,
                self.account_id,
                name,
                now(),
            )
            await connection.execute(
                "INSERT INTO attribute_names (account_id, name) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
                self.account_id,
                list(attributes),
            )
            ids = [new_id() for _ in range(count)]
            numbers = [f"{prefix}{n:07d}" for n in range(first, first + count)]
            await connection.execute(
                "INSERT INTO contacts (id, account_id, number, country, attributes, timezone, created_at, updated_at)"
                " SELECT c.id, $1, c.number, $4, $5, $6, now(), now()"
                " FROM unnest($2::uuid[], $3::text[]) AS c (id, number) ON CONFLICT DO NOTHING",
                self.account_id,
                ids,
                numbers,
                country,
                attributes,
                timezone,
            )
            await connection.execute(
                "INSERT INTO segment_members (segment_id, contact_id) SELECT $1, id FROM contacts"
                " WHERE account_id = $2 AND number = ANY($3::text[])",
                segment_id,
                self.account_id,
                numbers,
            )
        return segment_id

    async def sender(self, parts_per_second: int = 100, countries: list[str] | None = None) -> UUID:
        sender_id = new_id()
        await self.pool.execute(
            "INSERT INTO senders (id, account_id, address, kind, parts_per_second, countries, created_at)"
            " VALUES ($1, $2, $3, 'alphanumeric', $4, $5, now())",
            sender_id,
            self.account_id,
            f"V{sender_id.hex[-8:]}",
            parts_per_second,
            countries,
        )
        return sender_id

    async def suppress(self, *numbers: str) -> None:
        await self.pool.execute(
            "INSERT INTO suppressions (account_id, number, reason, created_at)"
            " SELECT $1, unnest($2::text[]), 'manual', now()",
            self.account_id,
            list(numbers),
        )


@pytest.fixture
def audience(pool: Pool, caller: Caller) -> Audience:
    return Audience(pool, caller.account_id)


TEXT = "Hi {{ first_name | there }}, see {{ short_url }} - stop: {{ optout_url }}"


@dataclass
class Lab:
    """Carries campaigns of one account to where a test needs them."""

    client: httpx.AsyncClient
    audience: Audience
    neighbours: Neighbours
    pool: Pool
    peers: Peers
    pace: int = 100

    async def draft(self, recipients: int = 100, **changes: Any) -> dict[str, Any]:
        """A complete draft with two variants, 70 to 30, and both pools; `changes` go into the PATCH."""
        created = await self.client.post("/v1/campaigns", json={"name": "Spring sale", "tags": ["spring"]})
        assert created.status_code == 201, created.text
        segment = await self.audience.segment(f"s{new_id()}", 0, recipients, first_name="Zoe")
        content = {
            "variants": [{"text": TEXT, "ratio": 70}, {"text": f"Hello! {TEXT}", "ratio": 30}],
            "target_url": "https://shop.example/sale",
            "short_pool_id": str(self.neighbours.add_pool("short")),
            "optout_pool_id": str(self.neighbours.add_pool("optout")),
        }
        patch = {
            "audience": {"include": [str(segment)]},
            "sender_id": str(await self.audience.sender(self.pace)),
            "schedule": {"start": "manual"},
        } | changes
        patch["content"] = content | changes.get("content", {})
        edited = await self.client.patch(f"/v1/campaigns/{created.json()['id']}", json=patch)
        assert edited.status_code == 200, edited.text
        return dict(edited.json())

    async def prepared(self, recipients: int = 100, **changes: Any) -> dict[str, Any]:
        """A campaign that went through processing, wherever that led."""
        draft = await self.draft(recipients, **changes)
        await self.do(draft, "submit")
        await self.prepare()
        return await self.get(draft)

    async def started(self, recipients: int = 100, **changes: Any) -> dict[str, Any]:
        made = await self.prepared(recipients, schedule={"start": "now"}, **changes)
        assert made["status"] == "started", made
        return made

    async def waits_for(self, backend: int, asked: asyncio.Task[Any]) -> int:
        """Waits; the backend that then waits for a lock of `backend`, or 0 if what was asked is done instead."""
        query = "SELECT pid FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
        async with asyncio.timeout(30):
            while not asked.done():
                if waits := await self.pool.fetchval(query, backend):
                    return int(waits)
                await asyncio.sleep(0.02)
        return 0

    async def prepare(self) -> None:
        while await prepare_next(self.pool, self.peers, at=now()):
            pass

    async def get(self, campaign: dict[str, Any], path: str = "") -> dict[str, Any]:
        answer = await self.client.get(f"/v1/campaigns/{campaign['id']}{path}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def do(self, campaign: dict[str, Any], what: str, status: int = 0, **body: Any) -> dict[str, Any]:
        """POST a move; `status` is the answer's, any success if it is 0."""
        answer = await self.client.post(f"/v1/campaigns/{campaign['id']}/{what}", json=body or None)
        assert answer.status_code == status if status else answer.is_success, answer.text
        return dict(answer.json())

    async def edit(self, campaign: dict[str, Any], status: int = 200, **changes: Any) -> dict[str, Any]:
        answer = await self.client.patch(f"/v1/campaigns/{campaign['id']}", json=changes)
        assert answer.status_code == status, answer.text
        return dict(answer.json())

    async def moves(self, campaign: dict[str, Any]) -> list[str]:
        return [entry["move"] for entry in (await self.get(campaign, "/history"))["items"]]

    async def events(self, campaign: dict[str, Any], topic: Topic) -> list[Event]:
        """What waits in the outbox for the topic (no relay runs in these tests), of this campaign or account."""
        rows = await self.pool.fetch("SELECT value, headers FROM outbox WHERE topic = $1 ORDER BY id", topic.name)
        found = [decode(row["headers"]["ce_type"], row["value"]) for row in rows]
        return [
            event
            for event in found
            if event.account_id == self.audience.account_id
            and getattr(event, "campaign_id", None) in {None, UUID(campaign["id"])}
        ]


@pytest.fixture
async def lab(
    client_of: ClientOf, caller: Caller, audience: Audience, neighbours: Neighbours, pool: Pool, peers: Peers
) -> AsyncIterator[Lab]:
    async with client_of(caller) as client:
        yield Lab(client, audience, neighbours, pool, peers)
