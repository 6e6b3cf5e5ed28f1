"""The chain of the audit log: facts as text, and the hash of each over itself and the hash before it."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec


class Asked(msgspec.Struct, frozen=True, tag_field="fact", tag="request"):
    """Somebody asked for something."""

    id: UUID
    actor: str
    role: str
    method: str
    path: str
    at: datetime


class Answered(msgspec.Struct, frozen=True, tag_field="fact", tag="answer"):
    """The request of this id was answered."""

    id: UUID
    status: int


class Link(msgspec.Struct, frozen=True):
    """One fact of a chain. `seq` counts from 1."""

    seq: int
    fact: str
    hash: bytes


def path_noted(template: str, path: str) -> str:
    """A request's path without the phone number that it may have in it, of which the last four digits stay.

    Nothing is ever taken out of the log, and people have a right to be taken out of everything.
    """
    segments = zip(template.split("/"), path.split("/"), strict=True)
    return "/".join(f"...{value[-4:]}" if name == "{number}" else value for name, value in segments)


def fact_of_request(asked: Asked) -> str:
    return msgspec.json.encode(asked).decode()


def fact_of_answer(id_: UUID, status: int) -> str:
    return msgspec.json.encode(Answered(id_, status)).decode()


def read(fact: str) -> Asked | Answered:
    """Raises msgspec.MsgspecError for what is no fact."""
    return msgspec.json.decode(fact, type=Asked | Answered)


def follows(before: bytes, link: Link) -> bool:
    """Whether the link's hash is right behind the one before (empty before the first)."""
    return hashlib.sha256(before + link.fact.encode()).digest() == link.hash
