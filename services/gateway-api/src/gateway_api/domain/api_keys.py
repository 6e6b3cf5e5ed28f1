"""API keys: what they look like, and what is kept of them.

A key is 256 random bits. What is kept is its plain SHA-256: a slow, salted hash (argon2) defends what people choose and
dictionaries hold; nobody guesses 256 bits at any speed, and the digest finds the row by an index on every request.
"""

import hashlib

PREFIX_LENGTH = 11
SHORTEST_BOOTSTRAP = 32


def key_of(random: str) -> str:
    """`random` is 43 URL-safe characters, 256 bits."""
    return f"vk_{random}"


def digest_of(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def prefix_of(key: str) -> str:
    """What is shown of a key: 48 of its 256 bits."""
    return key[:PREFIX_LENGTH]


def bootstrap_prefix_of(key: str) -> str:
    """An administrator's own key may be shorter, so nothing of itself is shown."""
    return f"bootstrap-{digest_of(key).hex()[:8]}"
