"""The numbers of a small CSV file, of which only that column counts."""

from typing import NamedTuple

from campaign_svc.domain.contact_rows import number_of
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_file import FileCheck
from campaign_svc.domain.csv_header import BOM, first_line, read_header
from campaign_svc.domain.csv_rows import Reject, read, reject

MOST_ROWS = 20_000


class NumberList(NamedTuple):
    """Each number once, in order; rows that have none."""

    numbers: list[str]
    rejects: list[Reject]


def read_numbers(data: bytes, country: str | None) -> NumberList:
    """`country` (alpha-2) is that of numbers in national form. Raises IllegalFieldError."""
    check = FileCheck()
    check.feed(data)
    check.finish()
    header = first_line(data, whole=True) or b""
    columns = read_header(header, {}, country)
    body = data[data.find(b"\n") + 1 :] if b"\n" in data.removeprefix(BOM) else b""
    found = read(body, delimiter=columns.delimiter, width=columns.width, line=2, last=True, slice_lines=MOST_ROWS)
    if found.consumed < len(body):
        raise IllegalFieldError("file", f"has more than {MOST_ROWS} rows", "divide it into several")
    numbers: dict[str, None] = {}
    rejects = list(found.rejects)
    for row in found.rows:
        try:
            numbers[number_of(row.fields + [""] * (columns.width - len(row.fields)), columns).number] = None
        except IllegalFieldError as error:
            rejects.append(reject(row.line, error.field, f"{error.message}: {error.fix}", row.raw))
    return NumberList(list(numbers), sorted(rejects))
