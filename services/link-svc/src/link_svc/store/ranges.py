"""Ranges: which indexes of which domain belong to which recipients; and which batches were decided upon."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from link_svc.domain.allotment import Kind
from link_svc.domain.linking import LinkedPiece, LinkRange
from link_svc.domain.targets import TargetValues
from volley_chassis.database import Connection, queries
from volley_contracts import NamedLink

_SQL = queries(__package__, "ranges.sql")


class Range(msgspec.Struct, frozen=True):
    """Under a key, index `start + i` of a domain, `i` < `count`, is the URL of recipient `first_seq + i`, index
    `start + n * count + i` that of their n-th further link.

    `variants` has one entry a recipient, or a single one where all are the same; `countries` (see `joined`) are None
    where they were not kept, and so are the `languages` (see `each_or_one`) that people want the opt-out page in. No
    `expires_at`: it never does.
    """

    start: int
    count: int
    account_id: UUID
    campaign_id: UUID
    first_seq: int
    kind: Kind
    target_url: str | None
    variants: list[int]
    expires_at: datetime | None
    links: tuple[NamedLink, ...] = ()
    key_id: int = 1
    countries: str | None = None
    languages: str | None = None

    @property
    def indexes(self) -> int:
        """How many it takes."""
        return self.count * (1 + len(self.links))


async def first_time(connection: Connection, campaign_id: UUID, first_seq: int, content_version: int) -> bool:
    """Whether the batch was not decided upon before; from now on it is."""
    return bool(await connection.fetchval(_SQL["first_time"], campaign_id, first_seq, content_version))


async def revised(connection: Connection, campaign_id: UUID, first_seq: int, content_version: int) -> bool:
    """Whether the batch comes again with later texts than before."""
    return bool(await connection.fetchval(_SQL["revised"], campaign_id, first_seq, content_version))


async def add(connection: Connection, domain_id: UUID, new: Range, created_at: datetime) -> None:
    await connection.execute(
        _SQL["add"],
        domain_id,
        new.start,
        new.count,
        new.account_id,
        new.campaign_id,
        new.first_seq,
        new.kind,
        new.target_url,
        new.variants,
        created_at,
        new.expires_at,
        new.links or None,
        new.countries,
        new.languages,
        new.key_id,
    )


async def recorded(connection: Connection, campaign_id: UUID, first_seq: int, count: int) -> list[LinkedPiece]:
    """The pieces among the `count` recipients from `first_seq` on that were allotted, in order."""
    rows = await connection.fetch(_SQL["recorded"], campaign_id, first_seq, count)
    pieces: dict[int, dict[str, LinkRange]] = {}
    counts: dict[int, int] = {}
    for seq, piece_count, kind, domain_id, host, key_id, start, links in rows:
        counts[seq] = piece_count
        names = tuple(link["name"] for link in links or ())
        pieces.setdefault(seq, {})[kind] = LinkRange(domain_id, host, key_id, start, names)
    return [LinkedPiece(seq, counts[seq], kinds.get("short"), kinds.get("optout")) for seq, kinds in pieces.items()]


async def holding(connection: Connection, domain_id: UUID, index: int) -> Range | None:
    """The range that an index of a domain lies in."""
    row = await connection.fetchrow(_SQL["holding"], domain_id, index)
    if row is None:
        return None
    found = Range(**{**row, "links": msgspec.convert(row["links"] or (), tuple[NamedLink, ...])})
    return found if index < found.start + found.indexes else None


def compact(variants: Sequence[int]) -> list[int]:
    """One entry where all are the same."""
    return [variants[0]] if len(set(variants)) == 1 else list(variants)


def joined(countries: Sequence[str]) -> str:
    """One code (alpha-2) where all are the same, else one after another."""
    return countries[0] if len(set(countries)) == 1 else "".join(countries)


def each_or_one(languages: Sequence[str]) -> str | None:
    """One where all are the same, else all with commas between them; None where nothing is known."""
    return (languages[0] if len(set(languages)) == 1 else ",".join(languages)) if languages else None


async def add_values(connection: Connection, domain_id: UUID, of: Range, values: TargetValues, at: datetime) -> None:
    """Keep what the target of the range needs of its recipients."""
    await connection.execute(
        _SQL["add_values"], domain_id, of.start, of.account_id, at, values.numbers, values.fields, values.values
    )


async def values_of(connection: Connection, domain_id: UUID, start: int, offset: int) -> dict[str, str]:
    """What is kept of the recipient of index `start + offset`; nothing where the person was erased."""
    row = await connection.fetchrow(_SQL["values_of"], domain_id, start, offset)
    return dict(zip(row["fields"], row["values"] or (), strict=False)) if row else {}


async def forget_values(connection: Connection, account_id: UUID, number: str, before: datetime) -> None:
    """Take out what is kept of a person, of ranges made up to `before`."""
    await connection.execute(_SQL["forget_values"], account_id, number, before)
