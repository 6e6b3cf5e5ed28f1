"""The further links of texts, and the hash that ties what is sent to what was approved."""

import hashlib
from collections.abc import Sequence

import msgspec


class NamedLink(msgspec.Struct, frozen=True):
    """A further link of a campaign's texts, where they say `{{ short_url.name }}`, and where it leads."""

    name: str
    target_url: str


def content_hash(
    variants: tuple[str, ...],
    target_url: str | None,
    *,
    transliterate: bool = False,
    links: Sequence[NamedLink] = (),
) -> str:
    """SHA-256 (hex) over the variants' templates in order, the target URLs of the short links, and their rendering."""
    hashed: list[object] = [variants, target_url]
    if transliterate:
        hashed.append("transliterate")
    if links:
        hashed.append(links)
    return hashlib.sha256(msgspec.json.encode(hashed)).hexdigest()
