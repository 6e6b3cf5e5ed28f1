"""What may stand in a contact: names and values of attributes, tags, time zones."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from campaign_svc.domain.characters import control_in
from volley_sms import RESERVED_FIELDS

LONGEST_NAME = 64
LONGEST_VALUE = 1000
LONGEST_TAG = 64
MOST_TAGS = 50
LONGEST_SEGMENT_NAME = 255
MOST_ATTRIBUTES = 200
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_]+")
_NAME = re.compile(r"[a-z0-9_]{1,64}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8}){0,3}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}", re.ASCII)


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the account. `country` is that of the number, `timezone` an IANA name."""

    id: UUID
    number: str
    country: str
    attributes: dict[str, str]
    tags: list[str]
    timezone: str | None
    created_at: datetime
    updated_at: datetime


class IllegalFieldError(ValueError):
    """A field cannot be taken: which, why (`message`), and what to do about it (`fix`)."""

    def __init__(self, field: str, message: str, fix: str) -> None:
        super().__init__(f"{field} {message}: {fix}")
        self.field = field
        self.message = message
        self.fix = fix


def name_of(title: str) -> str:
    """The attribute name of a column's title: `First Name` is first_name, `Prénom` prenom; empty if nothing is left."""
    plain = unicodedata.normalize("NFKD", title.casefold())
    return _NOT_IN_A_NAME.sub("_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")


def check_attributes(attributes: dict[str, str]) -> None:
    """Raises IllegalFieldError unless every name can stand in a template and every value is short enough."""
    if len(attributes) > MOST_ATTRIBUTES:
        fix = f"send at most {MOST_ATTRIBUTES} attributes"
        raise IllegalFieldError("attributes", f"has {len(attributes)} entries", fix)
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            fix = f"use 1 to {LONGEST_NAME} of a-z, 0-9 and _"
            raise IllegalFieldError(f"attributes.{name[:LONGEST_NAME]}", "is no attribute name", fix)
        if name in RESERVED_FIELDS:
            raise IllegalFieldError(f"attributes.{name}", "is filled in by Volley", "use another name")
        check_value(f"attributes.{name}", value)


def check_value(field: str, value: str) -> None:
    if len(value) > LONGEST_VALUE:
        raise IllegalFieldError(field, f"has {len(value)} characters", f"use at most {LONGEST_VALUE}")
    if "\0" in value:
        raise IllegalFieldError(field, "contains a NUL character", "remove it")


def clean_tags(tags: Iterable[str]) -> list[str]:
    """Tags without blanks around them, each once, in order. Raises IllegalFieldError."""
    found = [tag for tag in dict.fromkeys(tag.strip() for tag in tags) if tag]
    if len(found) > MOST_TAGS:
        raise IllegalFieldError("tags", f"has {len(found)} tags", f"give at most {MOST_TAGS}")
    for tag in found:
        if len(tag) > LONGEST_TAG:
            raise IllegalFieldError("tags", "has a tag that is too long", f"use at most {LONGEST_TAG} characters")
        if message := control_in(tag):
            raise IllegalFieldError("tags", f"has a tag that {message}", "take it out")
    return found


def check_segment_name(name: str, field: str = "segment_name") -> str:
    """The name without blanks around it. Raises IllegalFieldError."""
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_SEGMENT_NAME:
        raise IllegalFieldError(field, f"has {len(name)} characters", f"give 1 to {LONGEST_SEGMENT_NAME}")
    if message := control_in(name):
        raise IllegalFieldError(field, message, "take it out")
    return name


def language_tag(text: str) -> str:
    """A language as BCP 47 has it, in small letters: `pt_BR` is pt-br. Empty for what is none, such as Deutsch."""
    tag = text.strip().replace("_", "-").lower()
    return tag if _LANGUAGE.fullmatch(tag) else ""


def check_timezone(name: str) -> None:
    """Raises IllegalFieldError unless it is a zone of the IANA database."""
    if not _known_zone(name):
        raise IllegalFieldError("timezone", "is no time zone", "write it like Europe/Paris")


@lru_cache(maxsize=1000)
def _known_zone(name: str) -> bool:
    if not _ZONE.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return False
    return True
