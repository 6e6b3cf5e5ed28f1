"""What happens to which number: by the seed and the number, or by luck when the seed is 0."""

import random
from collections.abc import Mapping
from hashlib import blake2b


def roll(seed: int, purpose: str, number: str) -> int:
    """0 to 999, evenly; for a seed other than 0 always the same, and independent between purposes."""
    if not seed:
        return random.randrange(1000)  # noqa: S311  # a die
    digest = blake2b(f"{seed}:{purpose}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) % 1000


def hit(seed: int, purpose: str, number: str, per_mille: int) -> bool:
    return bool(per_mille) and roll(seed, purpose, number) < per_mille


def pick(shares: Mapping[str, int], rolled: int) -> str | None:
    """The one of `shares` (per mille) that `rolled` falls on; None beyond the last."""
    for name, share in shares.items():
        if rolled < share:
            return name
        rolled -= share
    return None
