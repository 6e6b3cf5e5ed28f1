"""The audience of a campaign as it was when it was prepared."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from campaign_svc.domain.contacts import language_tag
from volley_chassis.database import Connection, queries
from volley_contracts import Recipients

SQL = queries("campaign_svc.store", "recipients.sql")
_ATTRIBUTES = msgspec.json.Decoder(list[dict[str, str]])


class Recipient(msgspec.Struct, frozen=True):
    """`fields` holds the attributes that the texts use."""

    seq: int
    contact_id: UUID
    number: str
    country: str
    variant: int
    fields: dict[str, str]


class Taken(msgspec.Struct, frozen=True):
    """How many became recipients by country, and by label of zones if they were asked for, and how many contacts were
    dropped by reason.
    """

    countries: dict[str, int]
    dropped: dict[str, int]
    zones: dict[str, int] = {}

    @property
    def recipients(self) -> int:
        return sum(self.countries.values())


async def snapshot(
    connection: Connection,
    *,
    campaign_id: UUID,
    account_id: UUID,
    include: Sequence[UUID],
    exclude: Sequence[UUID],
    countries: Sequence[str],
    sender_countries: Sequence[str] | None,
    thresholds: Sequence[int],
    fields: Sequence[str],
    zones: Mapping[str, str] | None = None,
    by_country: bool = False,
    shuffled: bool = False,
) -> Taken:
    """Take the audience anew: one statement, so that it is of one moment. Nothing may have been fed yet.

    With `zones` (labels by name of a zone and by prefix of a number) recipients are in the order of their labels, and
    `by_country` of the label with the country; `shuffled` in a random order of the campaign's own, so that those who
    come first are a fair sample, else the longest known in front.
    """
    await connection.execute(SQL["forget"], campaign_id)
    # A large audience takes longer than an ordinary statement may, and is not to be sorted on disk.
    await connection.execute("SET LOCAL statement_timeout = '10min'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off")
    shuffle = int.from_bytes(campaign_id.bytes[-8:], signed=True) if shuffled else None
    choice = (include, exclude, countries, sender_countries, thresholds, fields, zones, by_country, shuffle)
    rows = await connection.fetch(SQL["snapshot"], campaign_id, account_id, *choice)
    taken, dropped, by_zone = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        if row["reason"] is None:
            taken[row["country"]] += row["contacts"]
            if zones is not None:
                by_zone[row["zone"]] += row["contacts"]
        else:
            dropped[row["reason"]] += row["contacts"]
        if row["duplicates"]:
            dropped["duplicate"] += row["duplicates"]
    return Taken(dict(taken), dict(dropped), dict(by_zone))


async def refresh(
    connection: Connection,
    campaign_id: UUID,
    stretches: Sequence[tuple[int, int]],
    *,
    thresholds: Sequence[int],
    fields: Sequence[str],
) -> None:
    """Give people their variant and fields anew: `stretches` of recipients, as (first, how many)."""
    for first_seq, count in stretches:
        await connection.execute(SQL["refresh"], campaign_id, first_seq, thresholds, fields, count)


async def split(
    connection: Connection, campaign_id: UUID, stretches: Sequence[tuple[int, int]], *, thresholds: Sequence[int]
) -> None:
    """Deal the variants to some people anew; `stretches` as for `refresh`."""
    for first_seq, count in stretches:
        await connection.execute(SQL["split"], campaign_id, first_seq, thresholds, count)


async def some(connection: Connection, campaign_id: UUID, seqs: Sequence[int]) -> list[Recipient]:
    return [Recipient(*row) for row in await connection.fetch(SQL["some"], campaign_id, seqs)]


async def values(
    connection: Connection, campaign_id: UUID, seqs: Sequence[int], fields: Sequence[str]
) -> dict[str, set[str]]:
    """The distinct values that some recipients' contacts have, by field."""
    found: dict[str, set[str]] = {}
    for row in await connection.fetch(SQL["values"], campaign_id, seqs, fields) if fields else ():
        found.setdefault(row["key"], set()).add(row["value"])
    return found


async def stretch(
    connection: Connection,
    campaign_id: UUID,
    first_seq: int,
    count: int,
    fields: Sequence[str],
    *,
    language: str | None,
) -> Recipients:
    """The columns of consecutive recipients, with the named fields of each, and what they say in the one `language`."""
    row = await connection.fetchrow(SQL["stretch"], campaign_id, first_seq, first_seq + count)
    assert row is not None, "an aggregate has one row"
    attributes = _ATTRIBUTES.decode(row["attributes"]) if fields or language else []
    languages = [language_tag(its.get(language, "")) for its in attributes] if language else []
    return Recipients(
        numbers=row["numbers"],
        countries=row["countries"],
        variants=row["variants"],
        fields=tuple(fields),
        values=[tuple([its.get(field, "") for field in fields]) for its in attributes] if fields else [],
        languages=languages if any(languages) else [],
    )


async def audience_size(
    connection: Connection, account_id: UUID, include: Sequence[UUID], exclude: Sequence[UUID]
) -> int:
    """Contacts of the segments, before anybody is dropped."""
    return int(await connection.fetchval(SQL["audience_size"], account_id, include, exclude))


async def some_contacts(
    connection: Connection, account_id: UUID, include: Sequence[UUID], exclude: Sequence[UUID], limit: int
) -> list[tuple[UUID, str, str, dict[str, str]]]:
    """Some contacts of the segments, as `contacts_for_preview` gives them."""
    rows = await connection.fetch(SQL["some_contacts"], account_id, include, exclude, limit)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def longest_contacts(
    connection: Connection,
    account_id: UUID,
    include: Sequence[UUID],
    exclude: Sequence[UUID],
    fields: Sequence[str],
) -> list[tuple[UUID, str, str, dict[str, str]]]:
    """The contacts with the longest values in the fields, those in other alphabets first."""
    rows = await connection.fetch(SQL["longest_contacts"], account_id, include, exclude, fields)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def contact_for_preview(
    connection: Connection, account_id: UUID, contact_id: UUID
) -> list[tuple[UUID, str, str, dict[str, str]]]:
    """One contact as `contacts_for_preview` gives it; nobody if the account has no such contact."""
    rows = await connection.fetch(SQL["contact_for_preview"], account_id, contact_id)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def recipients_for_preview(
    connection: Connection, account_id: UUID, campaign_id: UUID, seqs: Sequence[int]
) -> list[tuple[UUID, str, str, dict[str, str]]]:
    """As `contacts_for_preview`, of recipients of a campaign; who was erased is left out."""
    rows = await connection.fetch(SQL["recipients_for_preview"], account_id, campaign_id, seqs)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


async def contacts_for_preview(
    connection: Connection, account_id: UUID, segments: Sequence[UUID], limit: int
) -> list[tuple[UUID, str, str, dict[str, str]]]:
    """Contact id, number, country and attributes of the first contacts of the segments."""
    rows = await connection.fetch(SQL["contacts_for_preview"], account_id, segments, limit)
    return [(row[0], row[1], row[2], row[3]) for row in rows]
