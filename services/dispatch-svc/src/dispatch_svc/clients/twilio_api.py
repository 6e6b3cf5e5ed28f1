"""Twilio's Programmable Messaging API (docs/guides/twilio.md): a POST a message, and what its answers mean.

It has no idempotency keys and cannot be asked about our reference, so the reference travels in the address that
Twilio calls back: a signed callback tells what became of a message that is in doubt.
"""

from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final
from urllib.parse import quote, urlencode
from uuid import UUID

import msgspec
from msgspec import Meta

from dispatch_svc.clients.dialect import Dialect
from dispatch_svc.clients.http1 import Answer
from dispatch_svc.clients.http_api import RETRY_AFTER
from dispatch_svc.domain.handover import Handed, Outbound
from dispatch_svc.domain.routes import TwilioConfig

LONGEST_VALIDITY: Final = 36_000
"""Seconds, which is also what Twilio takes without one."""
_QUEUE_FULL: Final = 21611
# Codes of these thousands are about the message; others (20003: wrong key) about the account.
_OF_MESSAGES: Final = frozenset({21, 30})


class _Taken(msgspec.Struct, frozen=True):
    sid: Annotated[str, Meta(min_length=1, max_length=64)]


class _Refusal(msgspec.Struct, frozen=True):
    code: int


def dialect(config: TwilioConfig, route_id: UUID) -> Dialect:
    login = b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
    return Dialect(
        url=config.url,
        path=f"/2010-04-01/Accounts/{config.account_sid}/Messages.json",
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/x-www-form-urlencoded"},
        batch_size=1,
        body=partial(body, callback_address(config, route_id) if config.receipts else None),
        read=read,
        throttled=frozenset({429}),
        idempotent=False,
        can_be_asked=False,
    )


def callback_address(config: TwilioConfig, route_id: UUID) -> str:
    """What Twilio calls, and signs."""
    return f"{config.public_url.rstrip('/')}/callbacks/routes/{route_id}"


def body(callback: str | None, messages: Sequence[Outbound]) -> bytes:
    """A form of one message; `callback`: where its receipts go."""
    (message,) = messages
    form = {"To": message.to, "From": message.sender, "Body": message.text}
    if callback is not None:
        form["StatusCallback"] = f"{callback}?ref={quote(message.ref, safe=':')}"
    if message.valid_for is not None:
        form["ValidityPeriod"] = str(min(message.valid_for, LONGEST_VALIDITY))
    return urlencode(form).encode()


def read(answer: Answer, messages: Sequence[Outbound]) -> list[Handed] | None:
    """See Dialect."""
    ref = messages[0].ref
    if answer.status == 201:
        return [Handed(ref, "submitted", [msgspec.json.decode(answer.content, type=_Taken).sid])]
    code = _code(answer) if 400 <= answer.status < 500 else None
    if code == _QUEUE_FULL:
        return [Handed(ref, "retry", error=f"twilio_{code}", retry_after=RETRY_AFTER)]
    if code is not None and answer.status != 429 and (answer.status == 400 or code // 1000 in _OF_MESSAGES):
        return [Handed(ref, "refused", error=f"twilio_{code}")]
    return None


def _code(answer: Answer) -> int | None:
    try:
        return msgspec.json.decode(answer.content, type=_Refusal).code
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
