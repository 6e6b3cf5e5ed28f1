"""Makes, renames and refreshes segments."""

from datetime import datetime, timedelta
from uuid import UUID

from campaign_svc.domain.campaign import NoSuchCampaignError
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.segment_filter import Filter, check
from campaign_svc.store import campaigns, clickers, segment_filters, segments
from campaign_svc.store.segments import Segment
from volley_chassis import etags
from volley_chassis.database import Connection, Pool
from volley_chassis.http import Caller


class NameTakenError(Exception):
    """The account has a segment of this name."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is a segment {name!r} already. Choose another name, or use that one.")


class NotFinishedError(Exception):
    """More people may click yet."""


async def make_segment(pool: Pool, caller: Caller, name: str, wanted: Filter | None, *, at: datetime) -> UUID:
    """A segment: by conditions if there are some, else an empty list. Raises NameTakenError, IllegalFieldError."""
    async with pool.acquire() as connection, connection.transaction():
        if wanted:
            await check_filter(connection, caller.account_id, wanted)
        segment_id = await segments.add(connection, caller.account_id, name, at, wanted)
        if segment_id is None:
            raise NameTakenError(name)
        await refresh(connection, caller.account_id, [segment_id], at=at)
        return segment_id


async def check_filter(connection: Connection | Pool, account_id: UUID, wanted: Filter) -> None:
    """Raises IllegalFieldError for conditions that say nothing, or name what the account does not have."""
    check(wanted)
    if unknown := await segment_filters.unknown(connection, account_id, wanted):
        named = ", ".join(map(str, unknown))
        raise IllegalFieldError("filter", f"names no static segment or campaign: {named}", "take them out")


async def change_segment(
    pool: Pool,
    caller: Caller,
    segment_id: UUID,
    *,
    name: str | None,
    wanted: Filter | None,
    if_match: str | None,
    at: datetime,
) -> bool:
    """Give a segment another name or other conditions; False if there is none. Raises as `make_segment`, StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        segment = await segments.lock(connection, caller.account_id, segment_id)
        if segment is None:
            return False
        etags.check(if_match, segments.tag(segment))
        if wanted:
            if segment.kind == "static":
                raise IllegalFieldError("filter", "is for dynamic segments", "make a new segment with it")
            await check_filter(connection, caller.account_id, wanted)
        if not await segments.change(connection, segment_id, name or segment.name, wanted):
            raise NameTakenError(name or segment.name)
        if wanted:
            await refresh(connection, caller.account_id, [segment_id], at=at)
        return True


async def delete_segment(pool: Pool, caller: Caller, segment_id: UUID, if_match: str | None) -> bool:
    """Whether there was one. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        segment = await segments.lock(connection, caller.account_id, segment_id)
        if segment is None:
            return False
        etags.check(if_match, segments.tag(segment))
        await segments.delete(connection, caller.account_id, segment_id)
        return True


async def refresh(
    connection: Connection,
    account_id: UUID,
    segment_ids: list[UUID],
    *,
    at: datetime,
    older_than: timedelta | None = None,
) -> None:
    """Look up anew who is in those of the segments that are dynamic; `older_than`: unless that was done so lately."""
    before = None if older_than is None else at - older_than
    for segment_id, wanted in await segments.dynamic(connection, account_id, segment_ids, at, before):
        await segment_filters.materialise(connection, account_id, segment_id, wanted)


async def segment_clickers(pool: Pool, caller: Caller, campaign_id: UUID, name: str | None, *, at: datetime) -> Segment:
    """A new static segment of the people who clicked. Raises NoSuchCampaignError, NotFinishedError, NameTakenError."""
    async with pool.acquire() as connection, connection.transaction():
        campaign = await campaigns.load(connection, caller.account_id, campaign_id)
        if campaign is None:
            raise NoSuchCampaignError
        if campaign.status != "finished":
            raise NotFinishedError
        name = name or f"Clickers of {campaign.name} {at:%Y-%m-%d %H:%M:%S}"[:255]
        segment_id = await segments.add(connection, caller.account_id, name, at)
        if segment_id is None:
            raise NameTakenError(name)
        await clickers.put_into_segment(connection, caller.account_id, campaign_id, segment_id)
        found = await segments.find(connection, caller.account_id, segment_id)
    assert found is not None
    return found
