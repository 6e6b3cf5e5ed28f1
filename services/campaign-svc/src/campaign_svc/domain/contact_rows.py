"""From a row of a file to a contact, or to the reason why it is none."""

from typing import NamedTuple

from campaign_svc.domain import numbers
from campaign_svc.domain.contacts import IllegalFieldError, check_timezone, check_value, clean_tags
from campaign_svc.domain.csv_header import Columns
from campaign_svc.domain.csv_rows import Reject, Row, reject
from campaign_svc.domain.numbers import Number

_OTHER_TAG_DELIMITERS = str.maketrans(",|", ";;")


class ContactRow(NamedTuple):
    """`tags` is None where the file has no such column; an empty cell is no attribute."""

    number: str
    country: str
    attributes: dict[str, str]
    tags: list[str] | None
    timezone: str | None


class Contacts(NamedTuple):
    """`repeated` rows gave way to a later row with the same number."""

    contacts: list[ContactRow]
    rejects: list[Reject]
    repeated: int


def interpret(rows: list[Row], columns: Columns) -> Contacts:
    """The contacts of some rows, one a number: the last row wins."""
    found: dict[str, ContactRow] = {}
    rejects: list[Reject] = []
    for row in rows:
        try:
            contact = contact_of(row.fields, columns)
        except IllegalFieldError as error:
            rejects.append(reject(row.line, error.field, f"{error.message}: {error.fix}", row.raw))
        else:
            found[contact.number] = contact
    return Contacts(list(found.values()), rejects, len(rows) - len(rejects) - len(found))


def contact_of(fields: list[str], columns: Columns) -> ContactRow:
    """Cells that the row lacks are empty. Raises IllegalFieldError."""
    if len(fields) < columns.width:
        fields = fields + [""] * (columns.width - len(fields))
    number = number_of(fields, columns)
    attributes = {}
    for name, position in columns.attributes.items():
        if value := fields[position].strip():
            check_value(name, value)
            attributes[name] = value
    timezone, tags = "", None
    if columns.timezone is not None and (timezone := fields[columns.timezone].strip()):
        check_timezone(timezone)
    if columns.tags is not None:
        tags = clean_tags(fields[columns.tags].translate(_OTHER_TAG_DELIMITERS).split(";"))
    return ContactRow(number.number, number.country, attributes, tags, timezone or None)


def number_of(fields: list[str], columns: Columns) -> Number:
    """The number of a row, which is as long as the header. Raises IllegalFieldError."""
    hint = columns.default_country
    if columns.country is not None and (country := fields[columns.country].strip().upper()) in numbers.COUNTRIES:
        hint = country
    return numbers.parse(fields[columns.number], hint)
