"""An account's webhooks: adding one, rotating its secret, trying it out."""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from gateway_api.domain.webhooks import MOST_WEBHOOKS, PING, ROTATION
from gateway_api.store import deliveries, webhooks
from gateway_api.store.webhooks import Webhook
from volley_chassis.database import Pool
from volley_chassis.etags import check, tag_of
from volley_contracts import new_id


class TooManyWebhooksError(Exception):
    """The account has as many as it may."""


async def add_webhook(pool: Pool, account_id: UUID, url: str, events: Sequence[str]) -> tuple[Webhook, str]:
    """The webhook and its secret (`whsec_...`), which is not shown again."""
    secret = _new_secret()
    async with pool.acquire() as connection, connection.transaction():
        if await webhooks.count(connection, account_id) >= MOST_WEBHOOKS:
            raise TooManyWebhooksError
        return await webhooks.add(connection, new_id(), account_id, url, events, secret), secret


def tag(webhook: Webhook) -> str:
    """Of what an edit may change."""
    return tag_of(webhook.url, webhook.events, webhook.active, webhook.paused_because)


async def change_webhook(
    pool: Pool,
    account_id: UUID,
    id_: UUID,
    *,
    url: str | None,
    events: Sequence[str] | None,
    active: bool | None,
    if_match: str | None,
) -> Webhook | None:
    """What is None stays. None: no such webhook. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        if webhook := await webhooks.lock(connection, account_id, id_):
            check(if_match, tag(webhook))
        return await webhooks.change(connection, account_id, id_, url=url, events=events, active=active)


async def remove_webhook(pool: Pool, account_id: UUID, id_: UUID, if_match: str | None) -> bool:
    """Whether there was one. Raises StaleError."""
    async with pool.acquire() as connection, connection.transaction():
        webhook = await webhooks.lock(connection, account_id, id_)
        if webhook is None:
            return False
        check(if_match, tag(webhook))
        await webhooks.remove(connection, account_id, id_)
        return True


async def rotate_secret(pool: Pool, account_id: UUID, id_: UUID, *, at: datetime) -> tuple[Webhook, str] | None:
    """A new secret. The former one signs too for a day, so that nothing is refused meanwhile."""
    secret = _new_secret()
    webhook = await webhooks.rotate(pool, account_id, id_, secret, at + ROTATION)
    return (webhook, secret) if webhook else None


async def ping(pool: Pool, webhook: Webhook, *, at: datetime) -> UUID:
    """Queue an event that says nothing; the id of its delivery."""
    id_ = new_id()
    body = envelope(PING, at, {"webhook_id": webhook.id})
    await deliveries.add(pool, id_, webhook.id, str(id_), PING, body)
    return id_


def envelope(type_: str, at: datetime, data: object) -> str:
    """The body of a post, as Standard Webhooks asks for: type, timestamp, data."""
    return msgspec.json.encode({"type": type_, "timestamp": at, "data": data}).decode()


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
