"""Idempotency-Key: the same request is carried out once, however often it is sent within 24 h.

An answer is kept whatever it says, also that a service fell silent: it may have done what was asked, and doing it again
is what the key forbids. The key is released only where the request was surely not carried out. Where the gateway died
in between, the same request is answered as if the service had fallen silent: the outcome is unknown.
"""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import structlog

from gateway_api import metrics
from gateway_api.domain.headers import Headers
from gateway_api.store import answers
from gateway_api.store.answers import Kept
from volley_chassis.database import Pool
from volley_chassis.outages import TRANSIENT
from volley_contracts import new_id

log = structlog.get_logger()
PROCESS = new_id()
HOLD_SECONDS = 5.0
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
    unknown: tuple[int, Headers, bytes],
    done: tuple[int, Headers, bytes] | None = None,
) -> tuple[int, Headers, bytes]:
    """The answer (status, headers, body) of `carry_out`, or the kept one; `unknown` where the gateway died over it.

    `done` is kept in the place of a success whose answer holds a secret.

    `fingerprint` tells the request from others, None where it did not come whole; it is asked after `carry_out`, which
    reads the body. Raises InProgressError, OtherRequestError, and what `carry_out` raises.
    """
    if not await answers.claim(pool, account_id, key, PROCESS):
        return await _kept(pool, account_id, key, fingerprint, unknown)
    try:
        status, headers, body = await carry_out()
    except NotCarriedOutError:
        await answers.release(pool, account_id, key)
        raise
    whole = await fingerprint()
    if whole is None:
        await answers.release(pool, account_id, key)
    else:
        kept = done if done and status < 300 else (status, headers, body)
        await answers.settle(pool, account_id, key, Kept(whole, *kept))
    return status, headers, body


async def hold_keys(pool: Pool) -> None:
    """Say every few seconds that this process lives, until cancelled."""
    while True:
        await asyncio.sleep(HOLD_SECONDS)
        try:
            await answers.hold(pool, PROCESS)
        except TRANSIENT as error:
            log.warning("idempotency keys are not held", error=repr(error))


async def _kept(
    pool: Pool,
    account_id: UUID,
    key: str,
    fingerprint: Callable[[], Awaitable[bytes | None]],
    unknown: tuple[int, Headers, bytes],
) -> tuple[int, Headers, bytes]:
    kept = await answers.find(pool, account_id, key)
    if kept is None:
        if not await answers.given_up(pool, account_id, key):
            raise InProgressError(key)
        whole = await fingerprint()
        if whole is not None:
            await answers.settle(pool, account_id, key, Kept(whole, *unknown))
        return unknown
    if await fingerprint() != kept.fingerprint:
        raise OtherRequestError(key)
    metrics.REPLAYS.inc()
    return kept.status, [*kept.headers, REPLAYED], kept.body
