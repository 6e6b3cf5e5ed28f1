"""What is said of an illegal field: a path, a reason and a fix that a person understands."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest

from volley_chassis.complaints import complaint


class Part(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
    kind: Literal["a", "b"] = "a"


class Red(msgspec.Struct, tag_field="colour", tag="red"):
    part: Part | None = None


class Blue(msgspec.Struct, tag_field="colour", tag="blue"):
    pass


class Body(msgspec.Struct, forbid_unknown_fields=True):
    parts: list[Part] = []
    size: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    id: UUID | None = None
    amount: Decimal | None = None
    named: dict[str, Literal["x", "y"]] = {}
    paint: Red | Blue | None = None
    day: date | None = None
    days: tuple[Literal["mon", "fri"], ...] = ()
    share: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    opens: time | None = None
    clock: Annotated[str, msgspec.Meta(pattern=r"^(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$")] | None = None


@pytest.mark.parametrize(
    ("body", "field", "message", "fix"),
    [
        ({"nope": 1}, "nope", "there is no such field", "Remove it, or check its spelling."),
        ({"parts": [{}]}, "parts[0].text", "is required", "Add it."),
        ({"parts": 5}, "parts", "is a whole number, not a list", "Give a list."),
        ({"parts": [{"text": ""}]}, "parts[0].text", "is too short", "Give at least 1 character."),
        ({"parts": [{"text": "123456"}]}, "parts[0].text", "is too long", "Give at most 5 characters."),
        ({"parts": [{"text": "1", "kind": "c"}]}, "parts[0].kind", "is 'c', which it cannot be", "Give one of a, b."),
        ({"size": 0}, "size", "is too small", "Give 1 or more."),
        ({"size": 10**30}, "size", "is too large", "Give 9 or less."),
        ({"size": 1.5}, "size", "is a number, not a whole number or null", "Give a whole number or null."),
        ({"at": "soon"}, "at", "is no time", "Give a time with its zone, such as 2031-05-01T09:00:00Z."),
        ({"at": "2031-05-01T09:00:00"}, "at", "has no time zone", None),
        ({"id": "x"}, "id", "is no id", "Give a UUID as the API answered it."),
        ({"amount": "much"}, "amount", "is no number", "Give a decimal string, such as 250.00."),
        ({"named": {"k": "z"}}, "named[...]", "is 'z', which it cannot be", "Give one of x, y."),
        ({"paint": {"colour": "green"}}, "paint.colour", "is 'green', which it cannot be", "Give one of red, blue."),
        ({"share": 0}, "share", "is too small", "Give more than 0."),
        ({"days": ["fri", "Monday"]}, "days[1]", "is 'Monday', which it cannot be", "Give one of fri, mon."),
        ({"id": 5}, "id", "is a whole number, not an id, such as the API answered it or null", None),
        ({"day": "24.12."}, "day", "is no date", "Give a date, such as 2031-05-01."),
        ({"opens": "9am"}, "opens", "is no time of day", "Give a time of day, such as 09:00:00."),
        ({"clock": "9:00"}, "clock", "is no time of day", "Give hours and minutes, such as 09:00."),
        ([], "body", "is a list, not an object", "Give an object."),
    ],
)
def test_a_body(body: Any, field: str, message: str, fix: str | None) -> None:
    with pytest.raises(msgspec.ValidationError) as error:
        msgspec.convert(body, Body)
    said, _, path = str(error.value).partition(" - at `$")
    found = complaint(path.rstrip("`").removeprefix(".") or "data", said, {"data": Body})
    assert found[:2] == (field, message)
    assert fix in {None, found.fix}


def test_a_parameter() -> None:
    found = complaint("sort", "Invalid enum value 'x'", {"sort": Literal["up", "down"], "data": Body})
    assert found == ("sort", "is 'x', which it cannot be", "Give one of down, up.")


def test_what_is_not_known_is_passed_on_with_a_fix() -> None:
    found = complaint("data", "Something new", {})
    assert found == ("body", "Something new", "See its schema in the API reference, /docs.")
