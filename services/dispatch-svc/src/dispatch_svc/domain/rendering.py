"""Turns the recipients of a piece into messages: exactly what was approved, the same every time it is asked."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

import volley_sms
from dispatch_svc.domain.refs import ref_prefix
from volley_contracts import Content, LinkedBatch, content_hash, is_aside


class ContentChangedError(Exception):
    """The texts of the batch are not those that moderation passed."""


class Approved(msgspec.Struct, frozen=True):
    """The texts that a campaign may send, and `since` when it may. A `hash` of None lets all through: nobody said which
    passed.
    """

    hash: str | None
    version: int
    since: datetime | None = None

    def passes(self, content: Content) -> bool:
        return self.hash is None or self.hash == content.hash

    def replaces(self, content: Content) -> bool:
        """Other texts than these passed, and the batch comes again with them. Raises ContentChangedError for texts
        that never passed.
        """
        if not self.passes(content) and self.version == content.version:
            raise ContentChangedError
        return not self.passes(content)


class Message(msgspec.Struct, frozen=True, gc=False):
    """One rendered message. `parts` are payloads, in the coding that `data_coding` (0 or 8) names."""

    offset: int
    seq: int
    ref: str
    number: str
    country: str
    variant: int
    text: str
    parts: list[bytes]
    data_coding: int


class Piece(msgspec.Struct, frozen=True):
    """A linked batch with its templates compiled. `templates` is None where the content is not what was approved."""

    batch: LinkedBatch
    templates: list[volley_sms.Template] | None

    @property
    def campaign_id(self) -> UUID:
        return self.batch.campaign_id

    @property
    def size(self) -> int:
        return len(self.batch.recipients.numbers)

    def begun(self, since: datetime | None, now: datetime) -> "Piece":
        """The piece with its validity counted from when it could last begin to leave: when it was published, its
        campaign was started or resumed (`since`), or its people's hours began.
        """
        expires_at, seconds = self.batch.expires_at, self.batch.validity_s
        if expires_at is None or seconds is None:
            return self
        validity = timedelta(seconds=seconds)
        hours = [stretch.opens for stretch in self.batch.sendable if stretch.opens <= now]
        begins = max([expires_at - validity, *([since] if since else []), *hours])
        return Piece(msgspec.structs.replace(self.batch, expires_at=begins + validity), self.templates)

    def valid_for(self, now: datetime) -> float | None:
        """For how many seconds its messages may still be delivered; not above 0: they have expired. None: for ever."""
        expires_at = self.batch.expires_at
        return None if expires_at is None else (expires_at - now).total_seconds()

    def expired(self, now: datetime) -> bool:
        return self.batch.expires_at is not None and now >= self.batch.expires_at

    @property
    def heeds_optouts(self) -> bool:
        """Everything does but the confirmation of an opt-out."""
        return not (self.batch.despite_optout and is_aside(self.batch.campaign_id))


def open_piece(batch: LinkedBatch) -> Piece:
    content = batch.content
    said = content_hash(content.variants, content.target_url, transliterate=content.transliterate, links=content.links)
    if said != content.hash:
        return Piece(batch, None)
    try:
        return Piece(batch, [volley_sms.compile_template(text) for text in content.variants])
    except volley_sms.TemplateError:
        return Piece(batch, None)


def render(piece: Piece, offsets: Iterable[int]) -> list[Message]:
    """The messages of the recipients at `offsets`, in that order. Raises ContentChangedError."""
    if piece.templates is None:
        raise ContentChangedError
    values_of = _values(piece.batch)
    recipients, first_seq = piece.batch.recipients, piece.batch.first_seq
    messages, prefix = [], ref_prefix(piece.campaign_id)
    for offset in offsets:
        seq, variant = first_seq + offset, recipients.variants[offset]
        text = piece.templates[variant].render(values_of(offset))
        if piece.batch.content.transliterate:
            text = volley_sms.simplify(text)
        encoding, payloads = volley_sms.packed(text)
        messages.append(
            Message(
                offset,
                seq,
                f"{prefix}{seq}",
                recipients.numbers[offset],
                recipients.countries[offset],
                variant,
                text,
                payloads,
                volley_sms.DATA_CODING[encoding],
            )
        )
    return messages


def _values(batch: LinkedBatch) -> Callable[[int], dict[str, str]]:
    recipients = batch.recipients
    short = batch.short.urls if batch.short else None
    optout = batch.optout.urls if batch.optout else None
    further = (
        [(volley_sms.field_of_link(name), urls) for name, urls in batch.short.named.items()] if batch.short else ()
    )

    def values_of(offset: int) -> dict[str, str]:
        values = dict(zip(recipients.fields, recipients.values[offset], strict=True)) if recipients.fields else {}
        values["number"] = recipients.numbers[offset]
        if short:
            values["short_url"] = short[offset]
        if optout:
            values["optout_url"] = optout[offset]
        for field, urls in further:
            values[field] = urls[offset]
        return values

    return values_of
