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

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTH = 8
SPACE = 62**LENGTH
"""Slugs that a domain can have, and indexes: 0 .. SPACE - 1."""

ROUNDS = 10
_HALF = 62**4
_MODULUS = np.uint64(_HALF)
_BLOCK = struct.Struct("<Q8x")
_MANY = 12
"""So many slugs cost less in arrays than one by one."""

_Column = npt.NDArray[np.uint64]
_LETTERS = np.frombuffer(ALPHABET.encode(), np.uint8)
_VALUES_OF_BYTES = np.full(256, 62, np.uint32)  # 62: none of the alphabet
_VALUES_OF_BYTES[_LETTERS] = np.arange(62)
_VALUES = _VALUES_OF_BYTES.tolist()
_WEIGHTS = np.array([62**3, 62**2, 62, 1], np.uint32)


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
        right, left = np.divmod(np.arange(start, start + count, dtype=np.uint64), _MODULUS)
        for encipher in self._rounds:
            left, right = right, (left + _words(encipher(_blocks(right)))) % _MODULUS
        halves = np.stack((left, right), axis=1).astype(np.uint32)
        letters = _LETTERS[halves[:, :, None] // _WEIGHTS % 62].tobytes().decode("ascii")
        return [letters[at : at + LENGTH] for at in range(0, LENGTH * count, LENGTH)]

    def indexes(self, slugs: Sequence[bytes]) -> list[int | None]:
        """The index of each slug; None where one is no string of eight base62 characters."""
        if len(slugs) < _MANY:
            return [self.index(slug) for slug in slugs]
        values = _VALUES_OF_BYTES.take(np.array(slugs, f"S{LENGTH}").view(np.uint8).reshape(-1, LENGTH))
        valid = (values < 62).all(axis=1) & (np.fromiter(map(len, slugs), np.intp) == LENGTH)
        left, right = (values.reshape(-1, 2, LENGTH // 2) @ _WEIGHTS).T.astype(np.uint64)
        for encipher in reversed(self._rounds):
            left, right = (right + _MODULUS - _words(encipher(_blocks(left)))) % _MODULUS, left
        found: list[int | None] = (right * _MODULUS + left).tolist()
        return found if valid.all() else [index if good else None for index, good in zip(found, valid, strict=True)]

    def index(self, slug: bytes) -> int | None:
        """As `indexes`, of one slug."""
        values = [_VALUES[letter] for letter in slug]
        if len(values) != LENGTH or 62 in values:
            return None
        left, right = _half(values[:4]), _half(values[4:])
        for encipher in reversed(self._rounds):
            (word,) = _BLOCK.unpack(encipher(_BLOCK.pack(left)))
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
        slugs = [slug.encode() for slug in self.of(domain_id, self.issuing).make(start, count)] if others else []
        return all(index is not None and index >= start for other in others for index in other.indexes(slugs))


def _half(values: Sequence[int]) -> int:
    first, second, third, fourth = values
    return ((first * 62 + second) * 62 + third) * 62 + fourth


def _blocks(halves: _Column) -> bytes:
    """An AES block for each, little-endian."""
    blocks = np.zeros((len(halves), 2), "<u8")
    blocks[:, 0] = halves
    return blocks.tobytes()


def _words(blocks: bytes) -> _Column:
    """The first 64 bits of each, modulo 62^4: their bias is below 2^-40."""
    return np.frombuffer(blocks, "<u8")[::2] % _MODULUS
