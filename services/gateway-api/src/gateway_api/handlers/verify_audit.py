"""Whether the audit log of an account is what was noted."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from gateway_api.domain import audit_chain
from gateway_api.domain.audit_chain import Answered, Asked, Link
from gateway_api.store import audit
from gateway_api.store.audit import Entry
from volley_chassis.database import Pool

_NAME_MOST = 20
_SETTLED = timedelta(minutes=1)
"""Requests of the last minute may be in the log, and not yet in the chain as far as it was followed."""


class Verification(msgspec.Struct, kw_only=True):
    """`intact` says that every fact is there and as it was noted, up to number `facts` with the hash `head`.

    `broken_at` is the number of the first fact whose hash is wrong or that is missing; `altered` are entries of the log
    that are not what was noted, 20 at most; `missing` is how many of the log are gone, `slipped_in` how many of it were
    never noted.
    Keep number and hash elsewhere from time to time: who can rewrite the whole chain cannot rewrite what you have kept.
    """

    intact: bool
    facts: int
    head: str
    broken_at: int | None = None
    altered: list[UUID] = msgspec.field(default_factory=list)
    missing: int = 0
    slipped_in: int = 0


class _Walk(msgspec.Struct):
    """How far the chain was followed, how many requests it names that were made before `until`, and how many of them
    the log still has.
    """

    until: datetime
    seq: int = 0
    hash: bytes = b""
    first: UUID | None = None
    requests: int = 0
    kept: int = 0


async def verify_audit(
    pool: Pool, account_id: UUID, known: tuple[int, str] | None = None, *, at: datetime
) -> Verification:
    """Follow the chain from its beginning. `known` is a number and hash that were kept elsewhere."""
    head = await audit.head(pool, account_id)
    if head is None:
        return Verification(intact=known is None, facts=0, head="", broken_at=1 if known else None)
    found = Verification(intact=False, facts=head.seq, head=head.hash.hex())
    walk = _Walk(until=at - _SETTLED)
    while walk.seq < head.seq and found.broken_at is None:
        links = await audit.chain(pool, account_id, walk.seq, head.seq)
        found.broken_at = _follow(walk, links, known) if links else walk.seq + 1
        found.altered += await _altered(pool, account_id, walk, [link for link in links if link.seq <= walk.seq])
    if found.broken_at is None and (walk.hash != head.hash or (known and known[0] > head.seq)):
        found.broken_at = head.seq
    if walk.first and found.broken_at is None:
        found.missing = walk.requests - walk.kept
        found.slipped_in = await audit.count(pool, account_id, walk.first, walk.until) - walk.kept
    found.intact = found.broken_at is None and not (found.altered or found.missing or found.slipped_in)
    del found.altered[_NAME_MOST:]
    return found


def _follow(walk: _Walk, links: list[Link], known: tuple[int, str] | None) -> int | None:
    """Walk on over the links; the number of the first that is wrong."""
    for link in links:
        if link.seq != walk.seq + 1 or not audit_chain.follows(walk.hash, link):
            return walk.seq + 1
        if known and known[0] == link.seq and known[1] != link.hash.hex():
            return link.seq
        walk.seq, walk.hash = link.seq, link.hash
        fact = audit_chain.read(link.fact)
        if isinstance(fact, Asked):
            walk.first = min(fact.id, walk.first or fact.id)
            walk.requests += fact.at < walk.until
    return None


async def _altered(pool: Pool, account_id: UUID, walk: _Walk, links: list[Link]) -> list[UUID]:
    """Entries that are not as the links say. Missing ones are counted, not named."""
    facts = [audit_chain.read(link.fact) for link in links]
    entries = await audit.entries(pool, account_id, list({fact.id for fact in facts}))
    walk.kept += sum(isinstance(fact, Asked) and fact.at < walk.until and fact.id in entries for fact in facts)
    return [fact.id for fact in facts if (entry := entries.get(fact.id)) and not _agrees(entry, fact)]


def _agrees(entry: Entry, fact: Asked | Answered) -> bool:
    return all(getattr(entry, name) == getattr(fact, name) for name in fact.__struct_fields__)
