"""What the tests begin with: domains, pools, batches."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from link_svc.config import LinkSettings, keys_of
from link_svc.domain.allotment import Kind
from link_svc.domain.domains import Terms
from link_svc.domain.linking import LinkedPiece
from link_svc.domain.slugs import Keys
from link_svc.handlers import edit_domains, edit_pools, refill_pools, take_batch
from link_svc.store.domains import Domain
from volley_chassis.database import Pool
from volley_contracts import (
    CampaignBatch,
    CampaignMoved,
    Content,
    Event,
    MessageOutcomes,
    Outcome,
    Recipients,
    Sender,
    Status,
    decode,
    new_id,
    now,
)

SECRET = "a secret of the tests"
KEYS = Keys([SECRET])
KEEP = timedelta(days=1)
CONTENT = Content(variants=("a", "b"), target_url="https://shop.example/?q=ä b", hash="h", version=2)
LATER_CONTENT = Content(variants=("c", "d"), target_url="https://shop.example/?q=ä b", hash="i", version=5)


async def a_domain(pool: Pool, account: UUID, limit: int | None = None) -> Domain:
    async with pool.acquire() as connection:
        host = f"{new_id().hex}.example"
        return await edit_domains.add_domain(connection, account, host, Terms("active", limit))


async def a_pool(pool: Pool, account: UUID, limits: Sequence[int | None], purpose: Kind = "short") -> UUID:
    """A pool with a domain for each limit."""
    domains = [(await a_domain(pool, account, limit)).id for limit in limits]
    return await edit_pools.add_pool(pool, account, name="main", purpose=purpose, domain_ids=domains)


def a_batch(
    account: UUID,
    *,
    count: int = 10,
    first_seq: int = 0,
    campaign: UUID | None = None,
    short: UUID | None = None,
    optout: UUID | None = None,
    content: Content = CONTENT,
) -> CampaignBatch:
    return CampaignBatch(
        account_id=account,
        campaign_id=campaign or new_id(),
        batch_no=first_seq,
        first_seq=first_seq,
        sender=Sender(id=new_id(), address="SHOP", kind="alphanumeric", parts_per_second=10),
        content=content,
        recipients=Recipients(
            numbers=[f"+1555{first_seq + i:07}" for i in range(count)],
            countries=["US"] * count,
            variants=[(first_seq + i) % 3 % 2 for i in range(count)],
        ),
        short_pool_id=short,
        optout_pool_id=optout,
    )


def outcomes(batch: CampaignBatch, what: Sequence[Outcome], short: UUID | None, optout: UUID | None) -> MessageOutcomes:
    count = len(what)
    return MessageOutcomes(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        batch_no=batch.batch_no,
        sender_id=batch.sender.id,
        short_domain_id=short,
        optout_domain_id=optout,
        currency="EUR",
        seqs=list(range(count)),
        outcomes=list(what),
        variants=[0] * count,
        countries=["US"] * count,
        parts=[1] * count,
        costs=[],
        errors=[None] * count,
        at=now(),
    )


def moved(batch: CampaignBatch, status: Status) -> CampaignMoved:
    return CampaignMoved(
        account_id=batch.account_id,
        campaign_id=batch.campaign_id,
        campaign_name="c",
        move="abort",
        status_from="sending",
        status_to=status,
        version=2,
        actor="somebody",
        at=now(),
    )


async def take(
    pool: Pool, batch: CampaignBatch, at: datetime | None = None, *, keep: timedelta = KEEP, keys: Keys = KEYS
) -> list[LinkedPiece]:
    return await take_batch.take_batch(pool, batch, keys, at=at or now(), keep=keep)


async def refill(pool: Pool, settings: LinkSettings) -> None:
    await refill_pools.refill_pools(pool, keys_of(settings), at=now(), keep=KEEP)


async def left_in_outbox(pool: Pool) -> list[tuple[str, Event]]:
    """Every event that a transaction put into the outbox: its id and itself, in order."""
    rows = await pool.fetch("SELECT headers, value FROM outbox ORDER BY id")
    return [(row["headers"]["ce_id"], decode(row["headers"]["ce_type"], row["value"])) for row in rows]


async def used(pool: Pool, pool_id: UUID) -> list[int]:
    """What each domain of a pool has served, in the order of rotation."""
    rows = await pool.fetch(
        "SELECT used FROM domains JOIN pool_domains ON domain_id = id WHERE pool_id = $1 ORDER BY position", pool_id
    )
    return [row["used"] for row in rows]
