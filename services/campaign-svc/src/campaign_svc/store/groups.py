"""Recipients of a campaign with hours, in groups of those who may be texted at the same times."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from campaign_svc.domain.campaign import Campaign
from campaign_svc.domain.hours import Group
from campaign_svc.domain.zones import APART, COUNTRY
from volley_chassis.database import Connection, queries

SQL = queries("campaign_svc.store", "groups.sql")


async def replace(connection: Connection, campaign_id: UUID, sizes: Mapping[str, int]) -> None:
    """`sizes` is recipients by label of zones and country; recipients stand in the order of labels, byte by byte."""
    await connection.execute(SQL["forget"], campaign_id)
    labels = sorted(sizes)
    firsts = [sum(sizes[label] for label in labels[:no]) for no in range(len(labels))]
    counts = [sizes[label] for label in labels]
    await connection.execute(SQL["add"], campaign_id, list(range(len(labels))), labels, firsts, counts, APART, COUNTRY)


async def of_campaign(connection: Connection, campaign_id: UUID) -> list[Group]:
    """None at all where the campaign was prepared without hours."""
    rows = await connection.fetch(SQL["of_campaign"], campaign_id)
    return [
        Group(
            no=row["no"],
            zones=tuple(row["zones"]),
            country=row["country"],
            first_seq=row["first_seq"],
            count=row["count"],
            fed=row["fed"],
        )
        for row in rows
    ]


async def advance(connection: Connection, campaign_id: UUID, fed: Mapping[int, int]) -> None:
    """How many of a group (by its number) are fed by now."""
    for no, count in fed.items():
        await connection.execute(SQL["advance"], campaign_id, no, count)


async def outstanding(connection: Connection, campaign_id: UUID, groups: Sequence[Group]) -> int:
    """Batches of the groups without all of their outcomes."""
    return int(await connection.fetchval(SQL["outstanding"], campaign_id, [group.no for group in groups]))


async def unfed(connection: Connection, campaign: Campaign) -> list[tuple[int, int]]:
    """Recipients that stand in no batch, as stretches of (first, how many)."""
    groups = await of_campaign(connection, campaign.id)
    if not groups:
        return [(campaign.next_seq, (campaign.recipients or 0) - campaign.next_seq)]
    return [(group.first_seq + group.fed, group.left) for group in groups if group.left]
