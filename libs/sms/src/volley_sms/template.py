"""Users' templates: parsed once, rendered for every recipient.

A placeholder is `{{ name }}` or `{{ name | fallback }}`. Values are put in as they are: braces inside a value
are text, nothing is evaluated, and control characters (other than newlines) are taken out. `{{ short_url.name }}` is a
further short URL of the message. Links come from the template and from the platform, never from a contact: what a phone
would show as one is broken up (`evil.example` becomes `evil. example`), since nobody has approved it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

MAX_NAME = 64

RESERVED_FIELDS = frozenset({"short_url", "optout_url", "number"})
"""Fields that the platform fills in, beside further short URLs; every other name is an attribute of the contact."""

_FURTHER = "short_url."
_NAME = re.compile(rf"(?:{re.escape(_FURTHER)})?[A-Za-z0-9_]{{1,{MAX_NAME}}}")


def field_of_link(name: str) -> str:
    """The field of the further short URL that is named so."""
    return _FURTHER + name


def link_of_field(field: str) -> str | None:
    """The name of the further short URL that the field stands for; None for every other field."""
    return field.removeprefix(_FURTHER) if field.startswith(_FURTHER) else None


def is_short_url(field: str) -> bool:
    """Whether the field is a short URL: the main one, or a further one."""
    return field == "short_url" or field.startswith(_FURTHER)


def is_reserved(field: str) -> bool:
    """Whether the platform fills the field in."""
    return field in RESERVED_FIELDS or field.startswith(_FURTHER)


def of_contacts(fields: Iterable[str]) -> set[str]:
    """Those of the fields that are attributes of the contact."""
    return {field for field in fields if not is_reserved(field)}


# Controls except the newline, overrides of the writing direction (they can disguise a link), lone surrogates.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# A scheme, or a dot (of any alphabet) between what could be labels of a host; a decimal point stays. What a link cannot
# do without comes first: that is quickly found not to be there.
_DOTS = ".\u3002\uff0e\uff61"
_LINK = re.compile(rf"(?P<scheme>:/{{1,2}}(?=\S))|[{_DOTS}](?:(?<=\w.)(?=[^\W\d_])|(?<=\d\.)(?=\d+\.\d))")
_PERHAPS_LINK = re.compile(f"[/{_DOTS}]")


def _broken_up(value: str) -> str:
    """The value without anything that a phone would show as a link."""
    return _LINK.sub(lambda match: ": " if match["scheme"] else f"{match[0]} ", value)


class TemplateError(ValueError):
    """A template that cannot be used: what is wrong (`message`), where that begins (`position`, an index into
    the template) and what to do about it (`fix`).
    """

    def __init__(self, position: int, message: str, fix: str) -> None:
        super().__init__(f"{message} at character {position + 1}: {fix}")
        self.position = position
        self.message = message
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`position` is the index of its first brace in the template; `fallback` is None where it has none."""

    name: str
    fallback: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: literal, placeholder, literal, ..., literal.

    `literals` has one item more than `placeholders`; `fields` are the placeholders' distinct names.
    """

    text: str
    literals: tuple[str, ...]
    placeholders: tuple[Placeholder, ...]
    fields: frozenset[str]
    _pieces: list[str] = field(init=False, repr=False, compare=False)
    _slots: tuple[tuple[int, str, str, bool], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        pieces = [""] * (2 * len(self.placeholders) + 1)
        pieces[::2] = self.literals
        slots = tuple(
            (2 * i + 1, p.name, p.fallback or "", not is_reserved(p.name)) for i, p in enumerate(self.placeholders)
        )
        object.__setattr__(self, "_pieces", pieces)
        object.__setattr__(self, "_slots", slots)

    def render(self, values: Mapping[str, str]) -> str:
        """The message for one recipient; a missing or empty value becomes its fallback, or nothing."""
        pieces = self._pieces.copy()
        for index, name, fallback, foreign in self._slots:
            value = values.get(name)
            if value and not value.isprintable():
                value = _CONTROLS.sub("", value)
            if foreign and value and _PERHAPS_LINK.search(value):
                value = _broken_up(value)
            pieces[index] = value or fallback
        return "".join(pieces)

    def render_url(self, values: Mapping[str, str]) -> str:
        """A URL for one recipient: values and fallbacks are percent-encoded, they never become a part of their own."""
        pieces = [self.literals[0]]
        for placeholder, literal in zip(self.placeholders, self.literals[1:], strict=True):
            pieces += (quote(values.get(placeholder.name) or placeholder.fallback or "", safe=""), literal)
        return "".join(pieces)

    def missing(self, values: Mapping[str, str]) -> list[str]:
        """Names of the placeholders for which `values` has nothing and the template no fallback, in order."""
        names = (p.name for p in self.placeholders if p.fallback is None and not values.get(p.name))
        return list(dict.fromkeys(names))


def compile_template(text: str) -> Template:
    """Parse a user's template; TemplateError on unclosed or stray braces and on empty or illegal names."""
    literals: list[str] = []
    placeholders: list[Placeholder] = []
    position = 0
    while (start := text.find("{{", position)) >= 0:
        literals.append(_literal(text, position, start))
        end = text.find("}}", start + 2)
        if end < 0 or "{{" in text[start + 2 : end]:
            raise TemplateError(start, "the placeholder is not closed", "end it with }}")
        placeholders.append(_placeholder(text[start + 2 : end], start))
        position = end + 2
    literals.append(_literal(text, position, len(text)))
    return Template(text, tuple(literals), tuple(placeholders), frozenset(p.name for p in placeholders))


def _literal(text: str, start: int, end: int) -> str:
    stray = text.find("}}", start, end)
    if stray >= 0:
        raise TemplateError(stray, "}} closes nothing", "begin the placeholder with {{ or remove the braces")
    return text[start:end]


def _placeholder(inner: str, start: int) -> Placeholder:
    name, bar, fallback = inner.partition("|")
    name = name.strip()
    if not name:
        raise TemplateError(start, "the placeholder is empty", "write a field name, such as {{ first_name }}")
    if not _NAME.fullmatch(name):
        at = start + 2 + inner.index(name)
        raise TemplateError(at, f"{name[:MAX_NAME]!r} is no field name", f"use 1 to {MAX_NAME} of a-z, A-Z, 0-9 and _")
    return Placeholder(name, fallback.strip() if bar else None, start)
