"""The first line of a contact file: which column is what."""

import csv
import re
from collections import Counter
from collections.abc import Mapping

import msgspec

from campaign_svc.domain.contacts import LONGEST_NAME, IllegalFieldError, name_of
from volley_sms import RESERVED_FIELDS

MOST_COLUMNS = 200
LONGEST_LINE = 65_536
BOM = b"\xef\xbb\xbf"
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')

ALIASES: dict[str, tuple[str, ...]] = {
    "number": ("number", "phone", "msisdn", "mobile", "phone_number", "mobile_number", "telephone"),
    "country": ("country",),
    "tags": ("tags",),
    "timezone": ("timezone", "time_zone"),
}
"""What a column means that is called so, the first name that is there; every other column becomes an attribute."""


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """Positions of the columns, counted from 0. `country` holds the country of numbers in national form;
    `default_country` is that of rows that have none.
    """

    delimiter: str
    width: int
    number: int
    country: int | None = None
    tags: int | None = None
    timezone: int | None = None
    attributes: dict[str, int] = msgspec.field(default_factory=dict)
    default_country: str | None = None


def first_line(data: bytes, *, whole: bool) -> bytes | None:
    """The header line without its end, or None if more bytes are needed; `whole` says that there are no more."""
    line, end, _ = data.removeprefix(BOM).partition(b"\n")
    return line.removesuffix(b"\r") if end or whole else None


def read_header(line: bytes, mapping: Mapping[str, str], default_country: str | None) -> Columns:
    """What the columns are. `mapping` names columns (number, country, tags, timezone) by their titles.

    Raises IllegalFieldError.
    """
    titles, delimiter = _titles(line)
    names = [name_of(title)[:LONGEST_NAME].strip("_") for title in titles]
    special = {kind: _position(kind, titles, names, mapping.get(kind)) for kind in ALIASES}
    number = special.pop("number")
    if number is None:
        found = ", ".join(titles[:10])[:200]
        fix = f"call one of them number, phone, msisdn or mobile, or say which it is; the columns are: {found}"
        raise IllegalFieldError("file", "has no column of numbers", fix)
    taken = {number, *special.values()}
    rest = {position: name for position, name in enumerate(names) if position not in taken and titles[position]}
    _check_names(titles, rest)
    return Columns(
        delimiter=delimiter,
        width=len(titles),
        number=number,
        **special,
        attributes={name: position for position, name in rest.items()},
        default_country=default_country,
    )


def _titles(line: bytes) -> tuple[list[str], str]:
    text = line.decode()
    if not text.strip():
        raise IllegalFieldError("file", "is empty", "its first line names the columns, such as number,first_name")
    if "\0" in text or "\r" in text:
        fix = "save it as CSV UTF-8 with line feeds"
        raise IllegalFieldError("file", "is no text file, or its lines end with carriage returns alone", fix)
    delimiter = max(_DELIMITERS, key=_QUOTED.sub("", text).count)
    try:
        titles = [title.strip() for title in next(csv.reader([text], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        fix = "close the quotes, and double those inside a name"
        raise IllegalFieldError("file", "has unbalanced quotes in its first line", fix) from error
    if len(titles) > MOST_COLUMNS:
        raise IllegalFieldError("file", f"has {len(titles)} columns", f"send at most {MOST_COLUMNS} columns")
    return titles, delimiter


def _position(kind: str, titles: list[str], names: list[str], title: str | None) -> int | None:
    if title is not None:
        if title not in titles:
            raise IllegalFieldError(
                f"{kind}_column", f"names no column: {title[:100]!r}", "give its title as in the file"
            )
        return titles.index(title)
    return next((names.index(alias) for alias in ALIASES[kind] if alias in names), None)


def _check_names(titles: list[str], rest: Mapping[int, str]) -> None:
    for position, name in rest.items():
        if not name:
            fix = "name it in Latin letters or digits, as templates do"
            raise IllegalFieldError("file", f"has a column without a usable name: {titles[position][:100]!r}", fix)
        if name in RESERVED_FIELDS:
            fix = "give the column another name"
            raise IllegalFieldError("file", f"has a column {name}, which Volley fills in itself", fix)
    name, times = Counter(rest.values()).most_common(1)[0] if rest else ("", 1)
    if times > 1:
        raise IllegalFieldError("file", f"has {times} columns named {name}", "give each a name of its own")
