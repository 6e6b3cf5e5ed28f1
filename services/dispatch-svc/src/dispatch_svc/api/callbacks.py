"""What HTTP providers call: receipts and messages from phones, signed with the route's secret."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from litestar import Request, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Meta
from standardwebhooks import Webhook, WebhookVerificationError

from dispatch_svc.clients.twilio_api import callback_address
from dispatch_svc.clients.twilio_callbacks import UnreadableError, is_signed, parameters_of, read_callback
from dispatch_svc.domain.addresses import LONGEST, written
from dispatch_svc.domain.handover import Inbound, OnInbound, OnReceipts, Receipt
from dispatch_svc.domain.routes import HttpConfig, Route, TwilioConfig
from dispatch_svc.domain.vault import Vault
from dispatch_svc.store import routes
from volley_chassis.database import Pool
from volley_chassis.problems import FieldError, Problem, invalid
from volley_contracts import now

MOST_BYTES = 4 * 1024 * 1024
Text = Annotated[str, Meta(min_length=1, max_length=200)]
# Not only numbers: short codes and names text back too, and one of them must not make the rest of a callback illegal.
Writer = Annotated[str, Meta(min_length=1, max_length=LONGEST, pattern=r"^[^\x00-\x1f\x7f-\x9f]+\Z")]
Moment = Annotated[datetime, Meta(tz=True)]


class Listeners(msgspec.Struct, frozen=True):
    """Who records what comes in."""

    on_receipts: OnReceipts
    on_inbound: OnInbound


class _Error(msgspec.Struct):
    code: Text
    message: str = ""


class _Receipt(msgspec.Struct):
    id: Text
    status: Literal["delivered", "undelivered", "expired", "rejected"]
    ref: Text | None = None
    error: _Error | Text | None = None
    at: Moment | None = None


class _Inbound(msgspec.Struct):
    sender: Writer = msgspec.field(name="from")
    to: Text
    text: Annotated[str, Meta(max_length=20_000)]
    id: Text | None = None
    at: Moment | None = None


class _Callback(msgspec.Struct):
    """Unknown members are ignored: providers add some."""

    receipts: Annotated[list[_Receipt], Meta(max_length=10_000)] = []
    inbound: Annotated[list[_Inbound], Meta(max_length=10_000)] = []


_decoder = msgspec.json.Decoder(_Callback)


@post(
    "/callbacks/routes/{route_id:uuid}",
    summary="Take receipts and replies of an HTTP provider",
    tags=["Callbacks"],
    opt={"role": "public"},
    status_code=204,
    request_max_body_size=MOST_BYTES,
)
async def take_callback(
    route_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    pool: NamedDependency[Pool],
    vault: NamedDependency[Vault],
    listeners: NamedDependency[Listeners],
) -> None:
    """Take receipts and replies

    Signed by Standard Webhooks with the route's `webhook_secret`, or, on a route to Twilio, as Twilio signs (and
    posted as a form). An answer of 204 means that all of it is recorded; anything else, that it should be sent again.
    """
    body = await request.body()
    async with pool.acquire() as connection:
        route = await routes.find_anyones(connection, vault, route_id)
    # The same answer whether there is no such route or the signature is wrong: nobody learns which ids exist.
    if route is None or not _is_signed(route, request, body):
        raise Problem(401, "unauthorized", "The signature is not that of the route's secret, or is too old.")
    if isinstance(route.config, TwilioConfig):
        receipts, inbound = _read_form(body, request.query_params.get("ref"))
    else:
        receipts, inbound = _read(body, request.headers["webhook-id"])
    if receipts:
        await listeners.on_receipts(route.account_id, route_id, receipts)
    if inbound:
        await listeners.on_inbound(route.account_id, route_id, inbound)


def _is_signed(route: Route, request: Request[Any, Any, Any], body: bytes) -> bool:
    config = route.config
    try:
        if isinstance(config, TwilioConfig):
            query = request.scope["query_string"].decode("latin-1")
            url = callback_address(config, route.id) + (f"?{query}" if query else "")
            given = request.headers.get("x-twilio-signature", "")
            return is_signed(given, config.auth_token, url, parameters_of(body))
        if isinstance(config, HttpConfig) and config.webhook_secret:
            Webhook(config.webhook_secret).verify(body, dict(request.headers), json_parse=False)
            return True
    except (WebhookVerificationError, ValueError):
        pass
    return False


def _read_form(body: bytes, ref: str | None) -> tuple[list[Receipt], list[Inbound]]:
    try:
        said = read_callback(parameters_of(body), ref, now())
    except UnreadableError as error:
        raise invalid(FieldError("body", str(error), "Send what Twilio's webhooks send.")) from error
    return [said] if isinstance(said, Receipt) else [], [said] if isinstance(said, Inbound) else []


def _read(body: bytes, webhook_id: str) -> tuple[list[Receipt], list[Inbound]]:
    try:
        callback = _decoder.decode(body)
    except msgspec.DecodeError as error:
        raise invalid(FieldError("body", str(error), "See the guide for HTTP providers.")) from error
    arrived = now()
    receipts = [
        Receipt(
            provider_id=one.id,
            ref=one.ref,
            to="",
            from_="",
            status=one.status,
            error=one.error.code if isinstance(one.error, _Error) else one.error,
            at=one.at or arrived,
        )
        for one in callback.receipts
    ]
    inbound = [
        Inbound(
            from_=written(one.sender),
            to=one.to,
            text=one.text,
            at=one.at or arrived,
            provider_key=one.id or f"{webhook_id}:{number}",
        )
        for number, one in enumerate(callback.inbound)
    ]
    return receipts, inbound


ROUTES = [take_callback]
