"""The hash that ties what is sent to what was approved."""

import hashlib

import msgspec


def content_hash(variants: tuple[str, ...], target_url: str | None) -> str:
    """SHA-256 (hex) over the variants' templates in order and the target URL of the short link."""
    return hashlib.sha256(msgspec.json.encode([variants, target_url])).hexdigest()
