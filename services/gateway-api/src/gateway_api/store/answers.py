"""Answers kept under their Idempotency-Key for 24 h."""

from uuid import UUID

import msgspec

from gateway_api.domain.headers import Headers
from volley_chassis.database import Pool, queries

_SQL = queries("gateway_api.store", "answers.sql")


class Kept(msgspec.Struct, frozen=True):
    """The answer to the request with this fingerprint (SHA-256)."""

    fingerprint: bytes
    status: int
    headers: Headers
    body: bytes


async def claim(pool: Pool, account_id: UUID, key: str, process: UUID) -> bool:
    """Whether the key is new; it is then in progress, held by the process."""
    return bool(await pool.fetchval(_SQL["claim"], account_id, key, process))


async def hold(pool: Pool, process: UUID) -> None:
    """The process lives, and carries out what it claimed."""
    await pool.execute(_SQL["hold"], process)


async def given_up(pool: Pool, account_id: UUID, key: str) -> bool:
    """Whether whoever held the key in progress has not been heard of for half a minute."""
    return bool(await pool.fetchval(_SQL["given_up"], account_id, key))


async def find(pool: Pool, account_id: UUID, key: str) -> Kept | None:
    """The kept answer, None while the request is in progress."""
    row = await pool.fetchrow(_SQL["find"], account_id, key)
    if row is None or row["status"] is None:
        return None
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in row["headers"]]
    return Kept(row["fingerprint"], row["status"], headers, row["body"])


async def settle(pool: Pool, account_id: UUID, key: str, answer: Kept) -> None:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers]
    await pool.execute(_SQL["settle"], account_id, key, answer.fingerprint, answer.status, headers, answer.body)


async def release(pool: Pool, account_id: UUID, key: str) -> None:
    """The request was surely not carried out: the key is free again."""
    await pool.execute(_SQL["release"], account_id, key)
