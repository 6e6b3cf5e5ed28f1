"""Outgoing webhooks and their delivery log."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from gateway_api.api.accounts import After, Limit
from gateway_api.api.schemas import Page, page_of
from gateway_api.config import Settings
from gateway_api.domain.webhooks import MOST_WEBHOOKS, EventType, IllegalUrlError, check_url
from gateway_api.handlers.edit_webhooks import (
    TooManyWebhooksError,
    add_webhook,
    change_webhook,
    ping,
    remove_webhook,
    rotate_secret,
    tag,
)
from gateway_api.store import deliveries, webhooks
from gateway_api.store.deliveries import Delivery, Status
from gateway_api.store.webhooks import Webhook
from volley_chassis import problems
from volley_chassis.database import Pool
from volley_chassis.etags import IfMatch, Tagged
from volley_chassis.http import Caller
from volley_chassis.problems import FieldError, Problem
from volley_contracts import now

TAGS = ["Webhooks"]
ADMIN = {"role": "admin"}
Events = Annotated[list[EventType], msgspec.Meta(min_length=1, max_length=20, description="The types to post.")]


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url` is a public https address."""

    url: str
    events: Events


class WebhookPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is left out stays. Making it active again also forgets why Volley paused it."""

    url: str | None = None
    events: Events | None = None
    active: bool | None = None


class MadeWebhook(Webhook, frozen=True, kw_only=True):
    """`secret` signs the posts (Standard Webhooks); it is shown this once."""

    secret: str


class Queued(msgspec.Struct, frozen=True):
    delivery_id: UUID


@post("/v1/webhooks", tags=TAGS, opt={**ADMIN, "secret": True})
async def post_webhook(
    data: JSONBody[NewWebhook],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    config: NamedDependency[Settings],
) -> MadeWebhook:
    """Add a webhook

    Events are posted as Standard Webhooks says: `webhook-id`, `webhook-timestamp` and `webhook-signature`, with a body
    of `type`, `timestamp` and `data` (the event as the topics have it). An answer other than 2xx within 15 s is tried
    again after 5 s and then less and less often, for two days. The order is not promised; `webhook-id` is the
    event's, and the same event may come again.
    """
    _check_url(data.url, config)
    try:
        webhook, secret = await add_webhook(pool, caller.account_id, data.url, data.events)
    except TooManyWebhooksError as error:
        detail = f"An account has at most {MOST_WEBHOOKS} webhooks; remove one first."
        raise Problem(409, "too_many_webhooks", detail) from error
    return _made(webhook, secret)


@get("/v1/webhooks", tags=TAGS, opt=ADMIN)
async def get_webhooks(
    caller: NamedDependency[Caller], pool: NamedDependency[Pool], limit: Limit = 50, after: After = None
) -> Page[Webhook]:
    """List the webhooks"""
    items = await webhooks.page(pool, caller.account_id, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@get("/v1/webhooks/{webhook_id:uuid}", tags=TAGS, opt=ADMIN)
async def get_webhook(
    webhook_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> Tagged[Webhook]:
    """Show a webhook"""
    webhook = _found(await webhooks.find(pool, caller.account_id, webhook_id))
    return Tagged(webhook, tag(webhook))


@patch("/v1/webhooks/{webhook_id:uuid}", tags=TAGS, opt=ADMIN)
async def patch_webhook(
    webhook_id: FromPath[UUID],
    data: JSONBody[WebhookPatch],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    config: NamedDependency[Settings],
    if_match: IfMatch = None,
) -> Tagged[Webhook]:
    """Change a webhook

    An inactive one misses what happens meanwhile; what was pending stays so.
    """
    if data.url is not None:
        _check_url(data.url, config)
    changed = _found(
        await change_webhook(
            pool,
            caller.account_id,
            webhook_id,
            url=data.url,
            events=data.events,
            active=data.active,
            if_match=if_match,
        )
    )
    return Tagged(changed, tag(changed))


@delete("/v1/webhooks/{webhook_id:uuid}", tags=TAGS, opt=ADMIN)
async def delete_webhook(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    if_match: IfMatch = None,
) -> None:
    """Remove a webhook, with its log"""
    if not await remove_webhook(pool, caller.account_id, webhook_id, if_match):
        raise problems.not_found("webhook")


@post("/v1/webhooks/{webhook_id:uuid}/rotate-secret", tags=TAGS, opt={**ADMIN, "secret": True}, status_code=200)
async def post_rotation(
    webhook_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]
) -> MadeWebhook:
    """Change the secret

    For 24 hours each post is signed by both secrets.
    """
    rotated = await rotate_secret(pool, caller.account_id, webhook_id, at=now())
    if rotated is None:
        raise problems.not_found("webhook")
    return _made(*rotated)


@post("/v1/webhooks/{webhook_id:uuid}/ping", tags=TAGS, opt=ADMIN, status_code=202)
async def post_ping(webhook_id: FromPath[UUID], caller: NamedDependency[Caller], pool: NamedDependency[Pool]) -> Queued:
    """Try a webhook out

    Posts a `volley.webhook.ping.v1`; the log shows what became of it.
    """
    webhook = _found(await webhooks.find(pool, caller.account_id, webhook_id))
    return Queued(await ping(pool, webhook, at=now()))


@get("/v1/webhooks/{webhook_id:uuid}/deliveries", tags=TAGS, opt=ADMIN)
async def get_deliveries(
    webhook_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
    status: Annotated[Status | None, QueryParameter(description="Only these.")] = None,
    limit: Limit = 50,
    after: After = None,
) -> Page[Delivery]:
    """List what was posted

    With every attempt, the newest first, for 30 days.
    """
    _found(await webhooks.find(pool, caller.account_id, webhook_id))
    items = await deliveries.page(pool, caller.account_id, webhook_id, status, after, limit + 1)
    return page_of(items, limit, [item.id for item in items])


@post("/v1/webhooks/{webhook_id:uuid}/deliveries/{delivery_id:uuid}/repeat", tags=TAGS, opt=ADMIN, status_code=202)
async def post_repeat(
    webhook_id: FromPath[UUID],
    delivery_id: FromPath[UUID],
    caller: NamedDependency[Caller],
    pool: NamedDependency[Pool],
) -> Queued:
    """Post an event again"""
    if not await deliveries.repeat(pool, caller.account_id, webhook_id, delivery_id):
        raise problems.not_found("delivery")
    return Queued(delivery_id)


ROUTES = [
    post_webhook,
    get_webhooks,
    get_webhook,
    patch_webhook,
    delete_webhook,
    post_rotation,
    post_ping,
    get_deliveries,
    post_repeat,
]


def _check_url(url: str, config: Settings) -> None:
    try:
        check_url(url, private=config.webhooks_private)
    except IllegalUrlError as error:
        raise problems.invalid(FieldError("url", str(error), error.fix)) from error


def _found(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise problems.not_found("webhook")
    return webhook


def _made(webhook: Webhook, secret: str) -> MadeWebhook:
    return MadeWebhook(**msgspec.structs.asdict(webhook), secret=secret)
