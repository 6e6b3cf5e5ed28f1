"""Slugs: eight base62 characters that are computed from a position in a domain's index space, and back.

A keyed permutation of all 62^8 strings: an alternating Feistel network over two halves of four characters each, whose
halves are added modulo 62^4, so that the permutation is exact and no cycle walking is needed. The round function is
AES of the other half under the round's key: one call for a whole batch. See docs/adr/0004-computed-slugs.md.
"""

import struct
from hashlib import blake2s
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 8
SPACE = 62**LENGTH
"""Slugs that a domain can have, and indexes: 0 .. SPACE - 1."""

ROUNDS = 10
_HALF = 62**4
_PAIRS = tuple(a + b for a in ALPHABET for b in ALPHABET)
_PAIR_VALUES = {pair: value for value, pair in enumerate(_PAIRS)}
_BLOCK = struct.Struct("<Q8x")  # a half, or the first 64 bits of a block: their bias modulo 62^4 is below 2^-40


class Slugs:
    """The slugs of one domain."""

    def __init__(self, secret: str, domain_id: UUID, key_id: int) -> None:
        """Derive the domain's keys from the service's secret; `key_id` tells one generation of keys from the next."""
        master = blake2s(secret.encode(), person=b"vly-link").digest()
        domain_key = blake2s(domain_id.bytes + key_id.to_bytes(2, "big"), key=master, person=b"vly-slug").digest()
        keys = (blake2s(bytes([n]), key=domain_key, person=b"vly-rnd", digest_size=16).digest() for n in range(ROUNDS))
        # Each block is a value of a function, not a part of a text: what is wrong with ECB otherwise is wanted here.
        self._rounds = tuple(Cipher(AES128(key), ECB()).encryptor().update for key in keys)  # noqa: S305

    def make(self, start: int, count: int) -> list[str]:
        """The slugs of the indexes `start` .. `start + count - 1`."""
        if not 0 <= start <= start + count <= SPACE:
            raise ValueError(f"indexes {start}..{start + count} are outside the space of a domain")
        indexes = range(start, start + count)
        left, right = [index % _HALF for index in indexes], [index // _HALF for index in indexes]
        blocks = struct.Struct("<" + "Q8x" * count)
        for encipher in self._rounds:
            words = blocks.unpack(encipher(blocks.pack(*right)))
            left, right = right, [(a + b) % _HALF for a, b in zip(left, words, strict=True)]
        pairs = _PAIRS
        return [
            pairs[a // 3844] + pairs[a % 3844] + pairs[b // 3844] + pairs[b % 3844]
            for a, b in zip(left, right, strict=True)
        ]

    def index(self, slug: str) -> int | None:
        """The index of a slug; None where it is no string of eight base62 characters."""
        if len(slug) != LENGTH:
            return None
        values = _PAIR_VALUES
        try:
            left = values[slug[:2]] * 3844 + values[slug[2:4]]
            right = values[slug[4:6]] * 3844 + values[slug[6:]]
        except KeyError:
            return None
        for encipher in reversed(self._rounds):
            (word,) = _BLOCK.unpack(encipher(_BLOCK.pack(left)))
            left, right = (right - word) % _HALF, left
        return right * _HALF + left
