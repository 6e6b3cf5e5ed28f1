"""Passwords as argon2id hashes, made beside the event loop and few at a time: each takes 64 MiB and some 50 ms."""

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER = PasswordHasher()
_AT_ONCE = asyncio.Semaphore(2)


async def hashed(password: str) -> str:
    async with _AT_ONCE:
        return await asyncio.to_thread(_HASHER.hash, password)


async def matches(kept: str | None, password: str) -> bool:
    """As slow where there is nothing to compare with."""
    if kept is None:
        await hashed(password)
        return False
    async with _AT_ONCE:
        try:
            return await asyncio.to_thread(_HASHER.verify, kept, password)
        except VerifyMismatchError:
            return False
