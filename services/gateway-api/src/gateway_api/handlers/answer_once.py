"""Idempotency-Key: the same request is carried out once, however often it is sent within 24 h.

An answer is kept whatever it says, also that a service fell silent: it may have done what was asked, and doing it again
is what the key forbids. The key is released only where the request was surely not carried out. Where the gateway died
in between, the key stays in progress until it expires, for the same reason.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from gateway_api import metrics
from gateway_api.domain.headers import Headers
from gateway_api.store import answers
from gateway_api.store.answers import Kept
from volley_chassis.database import Pool

REPLAYED = (b"idempotent-replay", b"true")


class InProgressError(Exception):
    """The first request with the key has no answer yet."""


class OtherRequestError(Exception):
    """The key was used for another request."""


class NotCarriedOutError(Exception):
    """`cause` kept the request from being carried out: nothing happened."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


async def answer_once(
    pool: Pool,
    account_id: UUID,
    key: str,
    fingerprint: Callable[[], Awaitable[bytes | None]],
    carry_out: Callable[[], Awaitable[tuple[int, Headers, bytes]]],
) -> tuple[int, Headers, bytes]:
    """The answer (status, headers, body) of `carry_out`, or the kept one.

    `fingerprint` tells the request from others, None where it did not come whole; it is asked after `carry_out`, which
    reads the body. Raises InProgressError, OtherRequestError, and what `carry_out` raises.
    """
    if not await answers.claim(pool, account_id, key):
        return await _kept(pool, account_id, key, fingerprint)
    try:
        status, headers, body = await carry_out()
    except NotCarriedOutError:
        await answers.release(pool, account_id, key)
        raise
    whole = await fingerprint()
    if whole is None:
        await answers.release(pool, account_id, key)
    else:
        await answers.settle(pool, account_id, key, Kept(whole, status, headers, body))
    return status, headers, body


async def _kept(
    pool: Pool, account_id: UUID, key: str, fingerprint: Callable[[], Awaitable[bytes | None]]
) -> tuple[int, Headers, bytes]:
    kept = await answers.find(pool, account_id, key)
    if kept is None:
        raise InProgressError(key)
    if await fingerprint() != kept.fingerprint:
        raise OtherRequestError(key)
    metrics.REPLAYS.inc()
    return kept.status, [*kept.headers, REPLAYED], kept.body
