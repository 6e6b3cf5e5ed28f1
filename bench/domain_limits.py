"""Domain limits at random: sixteen workers take batches, give back, add domains and refill, on a real Postgres.

After each run the database is asked: no domain above its limit, every message either linked once or waiting, and,
where a pool called itself exhausted or messages wait, no capacity that would have served one of them.
"""

import asyncio
import itertools
import random
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import msgspec

from bench.results import Result, row
from link_svc.domain.domains import LimitBelowUsedError, Terms
from link_svc.domain.slugs import Keys
from link_svc.handlers import edit_domains, edit_pools, give_back, refill_pools, take_batch
from volley_chassis import database
from volley_chassis.database import Connection, Pool
from volley_chassis.migrations import migrate
from volley_chassis.settings import ServiceSettings
from volley_contracts import CampaignBatch, Content, MessageOutcomes, Recipients, Sender, new_id, now
from volley_tools.stack.supervisor import Stack

RUNS, WORKERS = 1000, 16
KEEP = timedelta(days=1)
KEYS = Keys(["a secret of the bench"])
MIGRATIONS = Path(__file__).parents[1] / "services" / "link-svc" / "migrations"

_DOMAINS = """
SELECT domains.id, pool_id, host, used, message_limit - used AS remaining,
       coalesce((SELECT sum(count) FROM ranges WHERE domain_id = domains.id), 0)::bigint AS linked
FROM domains JOIN pool_domains ON domain_id = domains.id WHERE account_id = $1
"""
_WAITING = "SELECT short_pool_id, optout_pool_id, count FROM waiting WHERE account_id = $1 ORDER BY id"
_EXHAUSTED = "SELECT id FROM pools WHERE account_id = $1 AND exhausted"
_OVERLAPS = """
SELECT count(*) FROM ranges a JOIN ranges b ON a.domain_id = b.domain_id
WHERE a.account_id = $1 AND b.account_id = $1 AND a.start < b.start AND b.start < a.start + a.count
"""


class Run(msgspec.Struct):
    """One account with its pools (an opt-out pool, or none) and what its workers did."""

    draw: random.Random
    account: UUID
    short: UUID
    optout: UUID | None
    campaign: UUID
    seqs: "itertools.count[int]" = msgspec.field(default_factory=itertools.count)
    asked: int = 0
    linked: int = 0
    given_back: dict[UUID, int] = msgspec.field(default_factory=dict)


async def run() -> list[Result]:
    bad: list[int] = []
    async with link_database() as pool:
        began = time.monotonic()
        for seed in range(RUNS):
            if wrong := await one_run(pool, random.Random(seed)):
                bad.append(seed)
                print(f"   seed {seed}: {'; '.join(wrong)}", flush=True)
        seconds = time.monotonic() - began
    return [
        row(
            f"domain limits, {RUNS} random runs, {WORKERS} workers: runs with a flaw", len(bad), "runs", "lower", mark=0
        ),
        row("the same, how fast", RUNS / seconds, "runs/s", "higher"),
    ]


@asynccontextmanager
async def link_database() -> AsyncIterator[Pool]:
    """A Postgres of its own with link-svc's tables."""
    with tempfile.TemporaryDirectory(prefix="volley-bench-") as folder:
        stack = Stack(Path(folder), services=(), scattered=True)
        try:
            with stack:
                server = await asyncpg.connect(f"{stack.addresses.postgres}/postgres")
                await server.execute("CREATE DATABASE volley_link")
                await server.close()
                url = f"{stack.addresses.postgres}/volley_link"
                await migrate(url, MIGRATIONS)
                settings = ServiceSettings(
                    database_url=url, kafka="", internal_token="", database_connections=WORKERS + 1
                )
                async with database.pool(settings) as pool:
                    yield pool
        finally:
            stack.remove()


async def one_run(pool: Pool, draw: random.Random) -> list[str]:
    """What was wrong in the end."""
    this = await _begin(pool, draw)
    await asyncio.gather(*(_take(pool, this, random.Random(draw.random())) for _ in range(WORKERS)))
    wrong = await _flaws(pool, this, at_first=True)
    await asyncio.gather(*(_anything(pool, this, random.Random(draw.random())) for _ in range(WORKERS)))
    await _refill(pool)
    wrong += await _flaws(pool, this, at_first=False)
    await pool.execute("UPDATE domains SET state = 'archived' WHERE account_id = $1", this.account)
    return wrong


async def _begin(pool: Pool, draw: random.Random) -> Run:
    account = new_id()
    async with pool.acquire() as connection, connection.transaction():
        ids = [await _a_domain(connection, account, draw) for _ in range(draw.randint(1, 5))]
    short = await edit_pools.add_pool(pool, account, name="s", purpose="short", domain_ids=ids)
    optout = None
    if draw.random() < 0.6:  # sometimes a domain is in both pools
        async with pool.acquire() as connection, connection.transaction():
            others = [await _a_domain(connection, account, draw) for _ in range(draw.randint(0, 2))]
        others += draw.sample(ids, draw.randint(0 if others else 1, 1))
        optout = await edit_pools.add_pool(pool, account, name="o", purpose="optout", domain_ids=others)
    return Run(draw, account, short, optout, new_id())


async def _a_domain(connection: Connection, account: UUID, draw: random.Random) -> UUID:
    terms = Terms("active", draw.randint(1, 300))
    return (await edit_domains.add_domain(connection, account, f"{new_id().hex}.example", terms)).id


async def _anything(pool: Pool, this: Run, draw: random.Random) -> None:
    match draw.randint(1, 5):
        case 1:
            await _take(pool, this, draw, unsent=draw.random())
        case 2:
            domain = (f"{new_id().hex}.example", Terms("active", draw.randint(1, 100)))
            await edit_pools.add_domain_to_pool(pool, this.account, this.short, domain)
        case 3:
            member = draw.choice(
                await pool.fetch("SELECT id, message_limit FROM domains WHERE account_id = $1", this.account)
            )
            more = member["message_limit"] + draw.randint(1, 50)
            with suppress(LimitBelowUsedError):  # another has raised it further, and that is used by now
                await edit_domains.edit_domain(pool, this.account, member["id"], message_limit=more)
        case _:
            await _take(pool, this, draw)


async def _refill(pool: Pool) -> None:
    """As link-svc does: one process at a time."""
    await refill_pools.refill_pools(pool, KEYS, at=now(), keep=KEEP)


async def _take(pool: Pool, this: Run, draw: random.Random, unsent: float = 0.0) -> None:
    """Take a batch, as often as redelivery wants; then give some of it back, as often."""
    count = draw.randint(1, 60)
    optout = this.optout if draw.random() < 0.8 else None
    batch = _batch(this, 100 * next(this.seqs), count, optout)
    this.asked += count
    decided = await asyncio.gather(
        *(take_batch.take_batch(pool, batch, KEYS, at=now(), keep=KEEP) for _ in range(draw.choice((1, 1, 1, 2))))
    )
    assert all(pieces == decided[0] for pieces in decided)
    for piece in decided[0]:
        this.linked += piece.count
        back = round(unsent * piece.count)
        domains = [side.domain_id if side else None for side in (piece.short, piece.optout)]
        if back:
            outcomes = _outcomes(batch, piece.first_seq, back, domains)
            await asyncio.gather(
                *(give_back.give_back(pool, f"{batch.campaign_id}:{piece.first_seq}", outcomes) for _ in range(2))
            )
        for domain in domains:
            if domain is not None:
                this.given_back[domain] = this.given_back.get(domain, 0) + back


def _batch(this: Run, first_seq: int, count: int, optout: UUID | None) -> CampaignBatch:
    return CampaignBatch(
        account_id=this.account,
        campaign_id=this.campaign,
        batch_no=first_seq,
        first_seq=first_seq,
        sender=Sender(id=this.account, address="SHOP", kind="alphanumeric", parts_per_second=10),
        content=Content(variants=("a",), target_url="https://shop.example/", hash="h"),
        recipients=Recipients(numbers=["+15550000000"] * count, countries=["US"] * count, variants=[0] * count),
        short_pool_id=this.short,
        optout_pool_id=optout,
    )


def _outcomes(batch: CampaignBatch, first_seq: int, count: int, domains: Sequence[UUID | None]) -> MessageOutcomes:
    return MessageOutcomes(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        batch_no=batch.batch_no,
        sender_id=batch.sender.id,
        short_domain_id=domains[0],
        optout_domain_id=domains[1],
        currency="EUR",
        seqs=list(range(first_seq, first_seq + count)),
        outcomes=["failed"] * count,
        variants=[0] * count,
        countries=["US"] * count,
        parts=[1] * count,
        costs=[],
        errors=[None] * count,
        at=now(),
    )


async def _flaws(pool: Pool, this: Run, *, at_first: bool) -> list[str]:
    """`at_first`: nothing was given back or added yet, so an exhausted pool must be empty as it is."""
    rows = await pool.fetch(_DOMAINS, this.account)
    waiting = await pool.fetch(_WAITING, this.account)
    members: dict[UUID, dict[UUID, int]] = {}
    for each in rows:
        members.setdefault(each["pool_id"], {})[each["id"]] = each["remaining"]
    wrong = [f"{each['host']} above its limit" for each in rows if each["remaining"] < 0]
    wrong += [
        f"{each['host']} miscounted"
        for each in rows
        if each["used"] != each["linked"] - this.given_back.get(each["id"], 0)
    ]
    if await pool.fetchval(_OVERLAPS, this.account):
        wrong.append("two links with one slug")
    queued = sum(each["count"] for each in waiting)
    released = await pool.fetchval(
        "SELECT coalesce(sum(count), 0)::bigint FROM ranges WHERE account_id = $1 AND kind = 'short'", this.account
    )
    if released + queued != this.asked or (at_first and released != this.linked):
        wrong.append("messages lost or made twice")
    if _overlooked([(each["short_pool_id"], each["optout_pool_id"]) for each in waiting], members):
        wrong.append("messages wait though there is capacity")
    exhausted = {each["id"] for each in await pool.fetch(_EXHAUSTED, this.account)}
    wrong += ["messages wait for no exhausted pool" for each in waiting if not exhausted & {*each[:2]}]
    return wrong


def _overlooked(waiting: Sequence[tuple[UUID, UUID | None]], members: Mapping[UUID, Mapping[UUID, int]]) -> bool:
    """Whether something waits that could be served and that nothing before it holds up in the queue of its pool."""
    blocked: set[UUID | None] = set()
    for short, optout in waiting:
        lacking = _lacking(short, optout, members)
        if not lacking and not blocked & {short, optout}:
            return True
        blocked |= lacking
    return False


def _lacking(short: UUID, optout: UUID | None, members: Mapping[UUID, Mapping[UUID, int]]) -> set[UUID]:
    """The pools that cannot serve one message more; a domain that is in both serves it twice."""
    if optout is None:
        return set() if any(members[short].values()) else {short}
    able = [[domain for domain, left in members[pool].items() if left] for pool in (short, optout)]
    if any(a != b or members[short][a] > 1 for a in able[0] for b in able[1]):
        return set()
    return {pool for pool, domains in zip((short, optout), able, strict=True) if not domains} or {short, optout}
