"""Slugs: eight base62 characters that are computed from a position in a domain's index space, and back.

A keyed permutation of all 62^8 strings: an alternating Feistel network over two halves of four characters each, whose
halves are added modulo 62^4, so that the permutation is exact and no cycle walking is needed. The round function is
AES of the other half under the round's key: one call for a whole batch. See docs/adr/0004-computed-slugs.md.
"""

import struct
from collections.abc import Sequence
from functools import lru_cache
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
_BLOCK = "Q8x"  # a half, or the first 64 bits of an AES block: their bias modulo 62^4 is below 2^-40
_ONE = struct.Struct("<" + _BLOCK)
_MANY = 8
"""So many slugs cost less together than one by one."""


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
        blocks = _blocks(count)
        for encipher in self._rounds:
            words = blocks.unpack(encipher(blocks.pack(*right)))
            left, right = right, [(a + b) % _HALF for a, b in zip(left, words, strict=True)]
        pairs = _PAIRS
        return [
            pairs[a // 3844] + pairs[a % 3844] + pairs[b // 3844] + pairs[b % 3844]
            for a, b in zip(left, right, strict=True)
        ]

    def indexes(self, slugs: Sequence[str]) -> list[int | None]:
        """The index of each slug; None where one is no string of eight base62 characters."""
        if len(slugs) < _MANY:
            return [self.index(slug) for slug in slugs]
        halves = [_halves(slug) for slug in slugs]
        left, right = [each[0] for each in halves], [each[1] for each in halves]
        blocks = _blocks(len(slugs))
        for encipher in reversed(self._rounds):
            words = blocks.unpack(encipher(blocks.pack(*left)))
            left, right = [(b - a) % _HALF for a, b in zip(words, right, strict=True)], left
        return [b * _HALF + a if each[2] else None for each, a, b in zip(halves, left, right, strict=True)]

    def index(self, slug: str) -> int | None:
        """As `indexes`, of one slug."""
        left, right, valid = _halves(slug)
        if not valid:
            return None
        for encipher in reversed(self._rounds):
            (word,) = _ONE.unpack(encipher(_ONE.pack(left)))
            left, right = (right - word) % _HALF, left
        return right * _HALF + left


class Keys:
    """The generations of keys that there are, by number from 1 on, and the one that new links take (`issuing`).

    A slug stands for another index under each. The range that holds the index says under which it was issued.
    """

    def __init__(self, secrets: Sequence[str], issuing: int = 1) -> None:
        self._secrets = tuple(secrets)
        self.issuing = issuing
        self.ids = (issuing, *(n for n in range(1, len(secrets) + 1) if n != issuing))
        """Of all keys, the issuing one first."""
        self.of = lru_cache(maxsize=10_000)(self._slugs)
        """The slugs of a domain under a key, with their derived keys kept at hand."""

    def _slugs(self, domain_id: UUID, key_id: int) -> Slugs:
        return Slugs(self._secrets[key_id - 1], domain_id, key_id)

    def are_free(self, domain_id: UUID, start: int, count: int) -> bool:
        """Whether no slug of the indexes from `start` on can be that of a link which another key issued: all that were
        issued have indexes before `start`.
        """
        others = [self.of(domain_id, key_id) for key_id in self.ids[1:]]
        slugs = self.of(domain_id, self.issuing).make(start, count) if others else []
        return all(index is not None and index >= start for other in others for index in other.indexes(slugs))


@lru_cache(maxsize=100)
def _blocks(count: int) -> struct.Struct:
    return struct.Struct("<" + _BLOCK * count)


def _halves(slug: str) -> tuple[int, int, bool]:
    """The halves of a slug, and whether it is one."""
    values = _PAIR_VALUES
    try:
        left, right = values[slug[:2]] * 3844 + values[slug[2:4]], values[slug[4:6]] * 3844 + values[slug[6:]]
    except KeyError:
        return 0, 0, False
    return left, right, len(slug) == LENGTH
