"""How an event is declared, encoded and decoded. The value of a record is JSON; its type stands in `ce_type`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import msgspec
import uuid_utils.compat

from volley_contracts.topics import Topic


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all events. New fields need defaults; a break is a new type with the next version number.

    Throughout: ids are UUIDv7, times are UTC with zone, numbers are E.164 strings with the plus sign, countries are
    ISO 3166 alpha-2, money is a Decimal beside its ISO 4217 currency. Columns of one event have equal lengths.
    """

    account_id: UUID


class Declaration(msgspec.Struct, frozen=True):
    name: str
    topic: Topic
    struct: type[Event]


class UndecodableError(Exception):
    """The value of a record is not what its `ce_type` promises."""


DECLARED: dict[str, Declaration] = {}
_BY_STRUCT: dict[type[Event], Declaration] = {}
_DECODERS: dict[str, msgspec.json.Decoder[Event]] = {}
_encoder = msgspec.json.Encoder()
E_ = TypeVar("E_", bound=Event)


def event(type_: str, topic: Topic) -> Callable[[type[E_]], type[E_]]:
    """Declare a struct as the event `type_` (`volley.thing.happened.v1`) of a topic."""

    def declare(struct: type[E_]) -> type[E_]:
        assert type_ not in DECLARED, f"{type_} is declared twice"
        DECLARED[type_] = _BY_STRUCT[struct] = Declaration(type_, topic, struct)
        _DECODERS[type_] = msgspec.json.Decoder(struct)
        return struct

    return declare


def declaration_of(struct: type[Event]) -> Declaration:
    return _BY_STRUCT[struct]


def encode(data: Event) -> bytes:
    return _encoder.encode(data)


def decode(type_: str, value: bytes) -> Event:
    """The event in a record's value. Raises KeyError for an unknown type, UndecodableError for a broken value."""
    decoder = _DECODERS[type_]
    try:
        return decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UndecodableError(str(error)) from error


def key_of(data: Event) -> bytes:
    """The record key: the values of the fields that the topic table names, joined by colons."""
    fields = _BY_STRUCT[type(data)].topic.key
    return ":".join(str(getattr(data, field)) for field in fields).encode()


_ASIDE = 8


def new_id() -> UUID:
    """A UUIDv7: unique, and sortable by the time it was made."""
    return uuid_utils.compat.uuid7()


def new_aside_id() -> UUID:
    """What stands for a campaign where a message is sent beside all of them: a test, an answer. A UUIDv8."""
    return UUID(int=new_id().int & ~(0xF << 76) | _ASIDE << 76)


def is_aside(campaign_id: UUID) -> bool:
    """Whether the id stands for no campaign: what is sent under it is paid for, and has no lifecycle and no figures."""
    return campaign_id.version == _ASIDE


def now() -> datetime:
    return datetime.now(UTC)
