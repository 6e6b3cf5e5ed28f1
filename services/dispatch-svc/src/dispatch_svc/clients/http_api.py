"""The JSON that HTTP providers speak (docs/guides/http-provider.md): bodies out, and what their answers mean."""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from dispatch_svc.clients.dialect import Dialect
from dispatch_svc.clients.http1 import Answer as HttpAnswer
from dispatch_svc.domain.handover import Handed, Outbound
from dispatch_svc.domain.routes import HttpConfig

RETRY_AFTER = 1.0
"""Seconds, where the provider does not say."""
LONGEST_RETRY_AFTER = 300.0


class _Message(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    ref: str
    to: str
    sender: str = msgspec.field(name="from")
    text: str
    encoding: Literal["gsm7", "ucs2"]
    valid_for: int | None = None


class _Post(msgspec.Struct, frozen=True):
    messages: list[_Message]


class _Error(msgspec.Struct, frozen=True):
    code: Annotated[str, Meta(max_length=200)]
    message: str = ""
    retryable: bool = False


class Answer(msgspec.Struct, frozen=True, gc=False):
    """What a provider says of one message. `status` is "accepted", "rejected", or a receipt's."""

    ref: str
    status: str
    id: str | None = None
    error: _Error | None = None


class _Answers(msgspec.Struct, frozen=True):
    messages: list[Answer]


_ENCODINGS: Final[dict[int, Literal["gsm7", "ucs2"]]] = {0: "gsm7", 8: "ucs2"}
_answers = msgspec.json.Decoder(_Answers)
_answer = msgspec.json.Decoder(Answer)


def dialect(config: HttpConfig) -> Dialect:
    return Dialect(
        url=config.url,
        path="/messages",
        headers={"Authorization": f"Bearer {config.token}", "Content-Type": "application/json"},
        batch_size=config.batch_size,
        body=body,
        read=_read,
        throttled=frozenset({429, 503}),
        idempotent=config.idempotent,
        can_be_asked=config.can_be_asked,
    )


def body(messages: Sequence[Outbound]) -> bytes:
    """Of POST /messages."""
    return msgspec.json.encode(
        _Post([_Message(m.ref, m.to, m.sender, m.text, _ENCODINGS[m.data_coding], m.valid_for) for m in messages])
    )


def _read(answer: HttpAnswer, messages: Sequence[Outbound]) -> list[Handed] | None:
    return read_answers(answer.content, messages) if answer.status == 200 else None


def read_answers(content: bytes, messages: Sequence[Outbound]) -> list[Handed]:
    """What became of the messages; one that the answer does not name is unknown. msgspec.DecodeError if unreadable."""
    found = {answer.ref: answer for answer in _answers.decode(content).messages}
    return [
        handed(found[message.ref])
        if message.ref in found
        else Handed(message.ref, "unknown", error="not_in_the_answer")
        for message in messages
    ]


def read_answer(content: bytes) -> Handed:
    """Of GET /messages/{ref}. msgspec.DecodeError if unreadable."""
    return handed(_answer.decode(content))


def handed(answer: Answer) -> Handed:
    if answer.id and answer.status != "rejected":
        return Handed(answer.ref, "submitted", [answer.id])
    error = answer.error or _Error("rejected")
    if error.retryable:
        return Handed(answer.ref, "retry", error=error.code, retry_after=RETRY_AFTER)
    return Handed(answer.ref, "refused", error=error.code)


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds, of a Retry-After header: a number or an HTTP date."""
    if value is None:
        return RETRY_AFTER
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except ValueError:
            return RETRY_AFTER
        seconds = ((at if at.tzinfo else at.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER) if seconds == seconds else RETRY_AFTER  # noqa: PLR0124 - NaN
