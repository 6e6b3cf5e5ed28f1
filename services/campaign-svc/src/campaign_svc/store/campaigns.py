"""Campaigns, their history and the contents that passed moderation."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from campaign_svc.domain.breakers import Breakers
from campaign_svc.domain.campaign import Campaign, Held, Variant
from campaign_svc.domain.forecast import Forecast
from campaign_svc.domain.hours import Hours
from campaign_svc.domain.moderation import Moderation
from campaign_svc.domain.target import FurtherLink, Utm
from campaign_svc.domain.waves import Wave, Winner
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "campaigns.sql")
_JSON: dict[str, Any] = {
    "variants": tuple[Variant, ...],
    "dropped": dict[str, int],
    "moderation": Moderation | None,
    "forecast": Forecast | None,
    "held_from": Held | None,
    "breakers": Breakers | None,
    "hours": Hours | None,
    "utm": Utm | None,
    "links": tuple[FurtherLink, ...],
    "waves": tuple[Wave, ...],
    "winner": Winner | None,
}


class HistoryEntry(msgspec.Struct, frozen=True):
    """One move: who, when, why."""

    version: int
    move: str
    status_from: str
    status_to: str
    actor: str
    code: str | None
    sentence: str | None
    at: datetime


class SenderRow(msgspec.Struct, frozen=True):
    """A sender as the campaign needs it; `countries` None means everywhere."""

    address: str
    kind: str
    parts_per_second: int
    countries: list[str] | None


def from_row(row: asyncpg.Record) -> Campaign:
    values = {name: row[name] for name in Campaign.__struct_fields__}  # a later release may have added columns
    for name in ("tags", "include", "exclude", "authors", "short_domains", "optout_domains"):
        values[name] = tuple(values[name])
    for name, kind in _JSON.items():
        values[name] = msgspec.convert(values[name], kind)
    return Campaign(**values)


def _maybe(row: asyncpg.Record | None) -> Campaign | None:
    return from_row(row) if row else None


async def add(connection: Connection, campaign: Campaign) -> None:
    c = campaign
    await connection.execute(SQL["add"], c.id, c.account_id, c.name, c.created_at, c.created_by)
    await save(connection, campaign)


async def load(connection: Connection, account_id: UUID, campaign_id: UUID) -> Campaign | None:
    return _maybe(await connection.fetchrow(SQL["load"], campaign_id, account_id))


async def is_known(connection: Connection, account_id: UUID, campaign_id: UUID) -> bool:
    """Whether the account has, or had, such a campaign."""
    return await connection.fetchval(SQL["is_known"], campaign_id, account_id) is True


async def lock(connection: Connection, account_id: UUID, campaign_id: UUID) -> Campaign | None:
    """The campaign, locked until the transaction ends; None if the account has no such campaign."""
    return _maybe(await connection.fetchrow(SQL["lock"], campaign_id, account_id))


async def lock_any_status(connection: Connection, account_id: UUID, campaign_id: UUID) -> Campaign | None:
    """As `lock`, but also a deleted one: outcomes of it still arrive."""
    return _maybe(await connection.fetchrow(SQL["lock_any_status"], campaign_id, account_id))


async def save(connection: Connection, campaign: Campaign) -> None:
    """Write every column that may change. The row is locked."""
    await connection.execute(SQL["save"], campaign.id, campaign)


async def advance(
    connection: Connection, campaign_id: UUID, *, next_batch_no: int, next_seq: int, feed_after: datetime | None
) -> None:
    """How far the campaign was fed."""
    await connection.execute(SQL["advance"], campaign_id, next_batch_no, next_seq, feed_after)


async def wait_until(connection: Connection, campaign_id: UUID, at: datetime) -> None:
    """Feed nothing before."""
    await connection.execute(SQL["wait_until"], campaign_id, at)


async def wave_sent(connection: Connection, campaign_id: UUID, sent_at: datetime, look_again: datetime) -> None:
    """Everything of the wave was sent; nothing is to be decided before `look_again`."""
    await connection.execute(SQL["wave_sent"], campaign_id, sent_at, look_again)


async def look_at_test(connection: Connection, campaign_id: UUID) -> None:
    """Have a test that was sent looked at now."""
    await connection.execute(SQL["look_at_test"], campaign_id)


async def postpone(connection: Connection, campaign_id: UUID, until: datetime) -> None:
    """Try the preparation again, but not before."""
    await connection.execute(SQL["postpone"], campaign_id, until)


async def note_handover(connection: Connection, campaign_id: UUID) -> None:
    """Something was handed to a provider while the campaign was not `started`: a resume leads to `sending`."""
    await connection.execute(SQL["note_handover"], campaign_id)


async def add_history(connection: Connection, campaign_id: UUID, entry: HistoryEntry) -> None:
    await connection.execute(SQL["add_history"], campaign_id, *msgspec.structs.astuple(entry))


async def history(
    connection: Connection, account_id: UUID, campaign_id: UUID, *, after: int, limit: int
) -> list[HistoryEntry]:
    rows = await connection.fetch(SQL["history"], campaign_id, account_id, after, limit)
    return [HistoryEntry(*row) for row in rows]


async def add_content(connection: Connection, campaign: Campaign) -> None:
    """Record the texts as passed."""
    c = campaign
    passed = (list(c.texts), c.target, c.transliterate, c.further)
    await connection.execute(SQL["add_content"], c.id, c.hash_of_texts, *passed)


class PassedContent(msgspec.Struct, frozen=True):
    """Texts that passed, with their target URLs."""

    texts: list[str]
    target_url: str | None
    links: list[FurtherLink]


async def passed_content(connection: Connection, campaign_id: UUID, content_hash: str | None) -> PassedContent | None:
    row = await connection.fetchrow(SQL["passed_content"], campaign_id, content_hash)
    return msgspec.convert(dict(row), PassedContent) if row else None


async def wake(connection: Connection) -> None:
    """Ring the workers once the transaction commits."""
    await connection.execute(SQL["wake"])


async def next_to_prepare(connection: Connection, at: datetime) -> Campaign | None:
    """A campaign that waits for processing or for moderation of changed texts, locked."""
    return _maybe(await connection.fetchrow(SQL["next_to_prepare"], at))


async def next_due(connection: Connection, at: datetime) -> Campaign | None:
    """A campaign whose schedule is due, locked."""
    return _maybe(await connection.fetchrow(SQL["next_due"], at))


async def to_feed(connection: Connection, at: datetime) -> list[UUID]:
    """Campaigns that have recipients left to feed."""
    return [row["id"] for row in await connection.fetch(SQL["to_feed"], at)]


async def lock_to_feed(connection: Connection, campaign_id: UUID) -> Campaign | None:
    """The campaign, locked; None if it may not send or another feeder has it."""
    return _maybe(await connection.fetchrow(SQL["lock_to_feed"], campaign_id))


async def running_on_pool(connection: Connection, account_id: UUID, pool_id: UUID) -> list[Campaign]:
    """Campaigns that are sending with URLs of the pool, locked in the order of their ids."""
    return [from_row(row) for row in await connection.fetch(SQL["running_on_pool"], account_id, pool_id)]


async def running_of(connection: Connection, account_id: UUID) -> list[Campaign]:
    """Campaigns of the account that are sending, locked in the order of their ids."""
    return [from_row(row) for row in await connection.fetch(SQL["running_of"], account_id)]


async def under_way(connection: Connection, account_id: UUID, but: UUID) -> list[tuple[Campaign, int]]:
    """Campaigns that are sending or scheduled, `but` one, with the pace of their sender; at most 100 of them."""
    rows = await connection.fetch(SQL["under_way"], account_id, but)
    return [(from_row(row), row["parts_per_second"]) for row in rows]


async def sender(connection: Connection, account_id: UUID, sender_id: UUID | None) -> SenderRow | None:
    row = await connection.fetchrow(SQL["sender_pace"], sender_id, account_id)
    return SenderRow(*row) if row else None


async def unknown_segments(connection: Connection, account_id: UUID, segments: Sequence[UUID]) -> list[UUID]:
    """Those that are no segments of the account."""
    return [row["id"] for row in await connection.fetch(SQL["unknown_segments"], account_id, segments)]


async def known_fields(connection: Connection, account_id: UUID) -> Collection[str]:
    """Names of attributes that the account's contacts have."""
    return [row["name"] for row in await connection.fetch(SQL["known_fields"], account_id)]
