"""What a host and a slug stand for: computed, then looked up in ranges, which are kept in memory once asked for."""

import time
from array import array
from bisect import bisect_right, insort
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, TypeAlias
from urllib.parse import quote
from uuid import UUID

import msgspec

from link_svc.domain.allotment import Kind
from link_svc.domain.slugs import Keys, Slugs
from link_svc.domain.targets import filled, is_personal
from link_svc.store import domains, ranges
from link_svc.store.ranges import Range
from volley_chassis.database import Pool

HORIZON = 1_000_000_000
"""A slug whose index lies further than this behind the last known one is a guess: it costs no query."""

_KEEP_RANGES = 30_000
_KEEP_STRANGERS = 10_000
_STRANGER_SECONDS = 1.0
_LOOK_AGAIN_SECONDS = 300.0
_MAX_HOST = 253
_CODE = 2  # letters of a country
_URL_SAFE = "!#$%&'()*+,/:;=?@[]~"


class Link(msgspec.Struct, frozen=True, gc=False):
    """The URL of one recipient. `location` is where a short URL leads, as a header value; `name` that of a further link
    of the message; `country` is the recipient's, `language` that which the contact says, where they are known.
    """

    account_id: UUID
    campaign_id: UUID
    domain_id: UUID
    seq: int
    variant: int
    kind: Kind
    location: bytes | None
    expires_at: datetime | None
    name: str | None = None
    country: str = ""
    language: str = ""


_Indexes: TypeAlias = tuple[int | None, ...]
Found: TypeAlias = Link | Coroutine[Any, Any, Link | None] | None


@dataclass(frozen=True, slots=True)
class _Target:
    """Where one of the links of a message leads. `template` is a target with placeholders, and `location` any other."""

    name: str | None
    location: bytes | None
    template: str | None


@dataclass(frozen=True, slots=True)
class _KnownRange:
    """What is kept of a range: one of 3,000 recipients takes up to some ten kilobytes.

    `targets` are those of `{{ short_url }}` and of the further links; `personal`: one of them has placeholders.
    """

    start: int
    end: int
    key_id: int
    count: int
    account_id: UUID
    campaign_id: UUID
    first_seq: int
    kind: Kind
    targets: tuple[_Target, ...]
    personal: bool
    variants: "array[int]"
    countries: str
    languages: str
    expires_at: datetime | None


class _KnownDomain(msgspec.Struct):
    """`slugs` are those under each key, in the order of `Keys.ids`."""

    id: UUID
    slugs: tuple[Slugs, ...]
    horizon: int
    looked_at: float
    ranges: list[_KnownRange]

    def holding(self, index: int) -> _KnownRange | None:
        place = bisect_right(self.ranges, index, key=_start) - 1
        if place < 0:
            return None
        known = self.ranges[place]
        return known if index < known.end else None


_start = attrgetter("start")


class Resolver:
    """Resolves links; everything but the first visit to a range is answered from memory."""

    def __init__(self, pool: Pool, keys: Keys) -> None:
        self._pool = pool
        self._keys = keys
        self._domains: dict[str, _KnownDomain] = {}
        self._strangers: dict[str, float] = {}
        self._kept = 0

    def resolve(self, host: bytes, slugs: Sequence[bytes]) -> list[Found]:
        """The link of each slug, expired or not; None where there is none; to be awaited where a query is needed.

        `host` is a Host header's value. Many slugs at once cost less than half of one by one.
        """
        name = host_name(host[: _MAX_HOST + 10])
        domain = self._domains.get(name)
        if domain is not None:
            indexes = zip(*(each.indexes(slugs) for each in domain.slugs), strict=True)
            return [self._known_link(domain, name, under_keys) for under_keys in indexes]
        if not name or self._is_stranger(name):
            return [None] * len(slugs)
        return [self._first_visit(name, slug) for slug in slugs]

    def _known_link(self, domain: _KnownDomain, name: str, indexes: _Indexes) -> Found:
        """`indexes`: what the slug stands for under each key. No slug under one is none under any."""
        for key_id, index in zip(self._keys.ids, indexes, strict=True):
            if index is None:
                return None
            known = domain.holding(index)
            if known is not None and known.key_id == key_id and not known.personal:
                return _link(domain.id, known, index)
        return self._load_link(domain, name, indexes)

    def _is_stranger(self, name: str) -> bool:
        return time.monotonic() - self._strangers.get(name, -_STRANGER_SECONDS) < _STRANGER_SECONDS

    async def _first_visit(self, name: str, slug: bytes) -> Link | None:
        domain = self._domains.get(name) or await self._look_up(name)
        if domain is None:
            return None
        return await self._load_link(domain, name, tuple(each.index(slug) for each in domain.slugs))

    async def _load_link(self, domain: _KnownDomain, name: str, indexes: _Indexes) -> Link | None:
        for key_id, index in zip(self._keys.ids, indexes, strict=True):
            if index is None:
                return None
            known = domain.holding(index) or await self._load(domain, name, index)
            if known is not None and known.key_id == key_id:
                link = _link(domain.id, known, index)
                template = known.targets[(index - known.start) // known.count].template
                return link if template is None else await self._personal(link, template, known)
        return None

    async def _personal(self, link: Link, template: str, known: _KnownRange) -> Link:
        """With the recipient's own target. The values are never kept here: who is erased is so at once."""
        async with self._pool.acquire() as connection:
            values = await ranges.values_of(connection, link.domain_id, known.start, link.seq - known.first_seq)
        return msgspec.structs.replace(link, location=location_of(filled(template, values)))

    async def _look_up(self, name: str) -> _KnownDomain | None:
        asked = time.monotonic()
        async with self._pool.acquire() as connection:
            row = await domains.by_host(connection, name)
        if row is None:
            if len(self._strangers) >= _KEEP_STRANGERS:
                self._strangers.clear()
            self._strangers[name] = asked
            return None
        slugs = tuple(self._keys.of(row.id, key_id) for key_id in self._keys.ids)
        known = _KnownDomain(row.id, slugs, row.next_index + HORIZON, asked, [])
        return self._domains.setdefault(name, known)

    async def _load(self, domain: _KnownDomain, name: str, index: int) -> _KnownRange | None:
        if index >= domain.horizon and not await self._came_closer(domain, name, index):
            return None
        async with self._pool.acquire() as connection:
            if known := domain.holding(index):  # loaded while this visit waited for a connection
                return known
            row = await ranges.holding(connection, domain.id, index)
        if row is None:
            return None
        known = _known(row)
        if domain.holding(row.start) is None:
            if self._kept >= _KEEP_RANGES:
                self._forget()
            insort(domain.ranges, known, key=_start)
            self._kept += 1
        return known

    async def _came_closer(self, domain: _KnownDomain, name: str, index: int) -> bool:
        """Look how far the domain has come, now and then."""
        asked = time.monotonic()
        if asked - domain.looked_at < _LOOK_AGAIN_SECONDS:
            return False
        domain.looked_at = asked
        async with self._pool.acquire() as connection:
            row = await domains.by_host(connection, name)
        domain.horizon = HORIZON + (row.next_index if row else 0)
        return index < domain.horizon

    def _forget(self) -> None:
        for domain in self._domains.values():
            domain.ranges.clear()
        self._kept = 0


@lru_cache(maxsize=10_000)
def host_name(host: bytes) -> str:
    """The host name in a Host header, without port and final dot; empty where it is none."""
    name = host.decode("latin-1").rsplit(":", 1)[0].rstrip(".").lower()
    return name if len(name) <= _MAX_HOST and name.isascii() and "\0" not in name else ""


def location_of(target_url: str) -> bytes:
    """A URL as a header value: what a header may not hold is percent-encoded."""
    return quote(target_url, safe=_URL_SAFE).encode()


def _known(row: Range) -> _KnownRange:
    targets = (_target(None, row.target_url), *(_target(link.name, link.target_url) for link in row.links))
    return _KnownRange(
        row.start,
        row.start + row.indexes,
        row.key_id,
        row.count,
        row.account_id,
        row.campaign_id,
        row.first_seq,
        row.kind,
        targets,
        any(target.template for target in targets),
        array("h", row.variants),
        row.countries or "",
        row.languages or "",
        row.expires_at,
    )


def _target(name: str | None, target_url: str | None) -> _Target:
    if target_url is None:
        return _Target(name, None, None)
    if is_personal(target_url):
        return _Target(name, None, target_url)
    return _Target(name, location_of(target_url), None)


def _link(domain_id: UUID, known: _KnownRange, index: int) -> Link:
    number, offset = divmod(index - known.start, known.count)
    target = known.targets[number]
    countries, languages = known.countries, known.languages
    return Link(
        known.account_id,
        known.campaign_id,
        domain_id,
        known.first_seq + offset,
        known.variants[offset if len(known.variants) > 1 else 0],
        known.kind,
        target.location,
        known.expires_at,
        target.name,
        countries if len(countries) == _CODE else countries[_CODE * offset : _CODE * (offset + 1)],
        languages.split(",")[offset] if "," in languages else languages,
    )
