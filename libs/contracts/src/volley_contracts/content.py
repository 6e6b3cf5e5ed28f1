"""The hash that ties what is sent to what was approved."""

import hashlib

import msgspec


def content_hash(variants: tuple[str, ...], target_url: str | None, *, transliterate: bool = False) -> str:
    """SHA-256 (hex) over the variants' templates in order, the target URL of the short link, and their rendering."""
    hashed: list[object] = [variants, target_url]
    if transliterate:
        hashed.append("transliterate")
    return hashlib.sha256(msgspec.json.encode(hashed)).hexdigest()
