"""What msgspec and Litestar say about a body, a path or a query, turned into fields, reasons and fixes for people."""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from msgspec import inspect


class Complaint(NamedTuple):
    """The path of an illegal field, what is wrong with it, and the fix."""

    field: str
    message: str
    fix: str


_STEP = re.compile(r"[^.\[\]]+|\[\d+\]|\[\.\.\.\]")
_KINDS = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
    "uuid": "an id, such as the API answered it",
    "decimal": "a decimal string, such as 250.00",
    "datetime": "a time with its zone, such as 2031-05-01T09:00:00Z",
    "date": "a date, such as 2031-05-01",
    "time": "a time of day, such as 09:00:00",
}
_UNITS = {"array": ("item", "items"), "object": ("entry", "entries")}
_CHARACTERS = ("character", "characters")
_TIME = "Give a time with its zone, such as 2031-05-01T09:00:00Z."
_SCHEMA = "See its schema in the API reference, /docs."


def complaint(key: str, message: str, types: Mapping[str, Any]) -> Complaint:
    """One complaint of Litestar's. `key` is a parameter's name, or a path in the body or `data`, the body as a whole;
    `types` are the annotations of the handler's parameters, `data` among them.
    """
    path = "" if key == "data" else key.removeprefix("data.")
    if message == "'data'":
        return Complaint("body", "is missing", "Send a JSON body.")
    if named := re.fullmatch(r"Object (contains unknown|missing required) field `([^`]*)`", message):
        field = ".".join(filter(None, [path, named[2]]))
        if named[1] == "contains unknown":
            return Complaint(field, "there is no such field", "Remove it, or check its spelling.")
        return Complaint(field, "is required", "Add it.")
    for pattern, explain in _EXPLANATIONS:
        if found := pattern.fullmatch(message):
            return Complaint(path or "body", *explain(found))
    if value := re.fullmatch(r"Invalid (?:enum )?value (.*)", message, re.DOTALL):
        allowed = choices(types, path)
        fix = f"Give one of {', '.join(allowed)}." if allowed else _SCHEMA
        return Complaint(path or "body", f"is {value[1][:100]}, which it cannot be", fix)
    return Complaint(path or "body", message, _SCHEMA)


def choices(types: Mapping[str, Any], path: str) -> list[str]:
    """The values that the field may have, where they are few and known."""
    first, *rest = _STEP.findall(path)
    annotation, steps = (types[first], rest) if first in types else (types.get("data"), [first, *rest])
    return list(dict.fromkeys(_choices(inspect.type_info(annotation), steps)))


def _choices(kind: inspect.Type, steps: list[str]) -> list[str]:
    if isinstance(kind, inspect.LiteralType) and not steps:
        return [str(value) for value in kind.values]
    if isinstance(kind, inspect.StructType) and steps == [kind.tag_field]:
        return [str(kind.tag)]
    return [value for inner, left in _within(kind, steps) for value in _choices(inner, left)]


def _within(kind: inspect.Type, steps: list[str]) -> list[tuple[inspect.Type, list[str]]]:
    """Where the steps lead to from a type, and the steps that are left there."""
    match kind:
        case inspect.Metadata():
            return [(kind.type, steps)]
        case inspect.UnionType():
            return [(each, steps) for each in kind.types]
        case inspect.ListType() | inspect.VarTupleType():
            return [(kind.item_type, steps[1:])]
        case inspect.DictType():
            return [(kind.value_type, steps[1:])]
        case inspect.StructType() if steps:
            return [(field.type, steps[1:]) for field in kind.fields if field.encode_name == steps[0]]
    return []


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name, name) for name in names.split(" | "))


def _wrong_kind(found: re.Match[str]) -> tuple[str, str]:
    return f"is {_kinds(found[2])}, not {_kinds(found[1])}", f"Give {_kinds(found[1])}."


def _wrong_length(found: re.Match[str]) -> tuple[str, str]:
    units = _UNITS.get(found[1].removesuffix(" | null"), _CHARACTERS)[found[3] != "1"]
    if found[2] == ">=":
        return "is too short", f"Give at least {found[3]} {units}."
    return "is too long", f"Give at most {found[3]} {units}."


def _wrong_size(found: re.Match[str]) -> tuple[str, str]:
    message = "is too small" if found[1].startswith(">") else "is too large"
    bound = found[2].removesuffix(".0")
    fixes = {">=": f"{bound} or more", "<=": f"{bound} or less", ">": f"more than {bound}", "<": f"less than {bound}"}
    return message, f"Give {fixes[found[1]]}."


def _wrong_form(found: re.Match[str]) -> tuple[str, str]:
    return "has a form that it cannot have", f"Give what matches {found[1]}"


def _always(message: str, fix: str) -> Callable[[re.Match[str]], tuple[str, str]]:
    return lambda _: (message, fix)


_EXPLANATIONS = [
    (re.compile(pattern), explain)
    for pattern, explain in (
        (r"Expected `([^`]*)`, got `([^`]*)`", _wrong_kind),
        (r"Expected `([^`]*)` of length (>=|<=) (\d+)", _wrong_length),
        (r"Expected `(?:int|float)(?: \| null)?` (>=|<=|>|<) (.+)", _wrong_size),
        (r"Expected `datetime.*` with a timezone component", _always("has no time zone", _TIME)),
        (r"Invalid RFC3339 encoded datetime", _always("is no time", _TIME)),
        (r"Invalid RFC3339 encoded date", _always("is no date", "Give a date, such as 2031-05-01.")),
        (r"Invalid RFC3339 encoded time", _always("is no time of day", "Give a time of day, such as 09:00:00.")),
        (
            r"Expected `str.*` matching regex '\^\(\?:\[01\].*",
            _always("is no time of day", "Give hours and minutes, such as 09:00."),
        ),
        (
            r"Expected `str.*` matching regex '.*@.*'",
            _always("is no e-mail address", "Give one like name@example.com."),
        ),
        (r"Invalid UUID", _always("is no id", "Give a UUID as the API answered it.")),
        (r"Invalid decimal string", _always("is no number", "Give a decimal string, such as 250.00.")),
        (
            r"Expected `str.*` matching regex '\^\[\^\\+x00\]\*\$'",
            _always("contains a NUL character", "Take it out."),
        ),
        (r"Expected `str.*` matching regex '(.*)'", _wrong_form),
    )
]
