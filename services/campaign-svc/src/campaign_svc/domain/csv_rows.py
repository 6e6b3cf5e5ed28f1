"""The rows of a contact file, read slice by slice so that a file of any size needs little memory.

A field may contain line ends inside quotes. A quote that is never closed would swallow the rows behind it, so a row
over several lines must be perfect: balanced, as wide as the header, at most MOST_LINES lines and LONGEST_ROW bytes.
Otherwise its first line alone is rejected, and reading goes on with the next one.
"""

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

from campaign_svc.domain.csv_header import LONGEST_LINE

LONGEST_ROW = LONGEST_LINE
MOST_LINES = 1000
SLICE_LINES = 4000
EXCERPT = 120
_UNBALANCED = "has a quote that is not closed, or text behind a closing quote: double the quotes inside a field"


class Row(NamedTuple):
    """`line` is the line of the file, from 1, where the row begins; `raw` is that line."""

    line: int
    fields: list[str]
    raw: str


class Reject(NamedTuple):
    line: int
    field: str
    reason: str
    excerpt: str


class Slice(NamedTuple):
    """`consumed` bytes and `lines` lines were read to the end; the next slice begins behind them."""

    rows: list[Row]
    rejects: list[Reject]
    consumed: int
    lines: int


def reject(line: int, field: str, reason: str, raw: str) -> Reject:
    return Reject(line, field, reason, raw.rstrip("\r\n").replace("\0", "\ufffd")[:EXCERPT])


def read(
    data: bytes,
    *,
    delimiter: str,
    width: int,
    line: int,
    last: bool,
    most_bytes: int = LONGEST_ROW,
    most_lines: int = MOST_LINES,
    slice_lines: int = SLICE_LINES,
) -> Slice:
    """As many rows as `data` holds to the end, from at most `slice_lines` lines (more than `most_lines`).

    `line` is the number of the first line in `data`. `last` says that the file ends with it; else it must hold more
    than twice `most_bytes`, so that there is always a row to give. Blank lines are passed over.
    """
    text, cut = _text(data, last=last, most=slice_lines)
    lines = io.StringIO(text, newline="\n").readlines()
    if _is_plain(text):
        return _read_plain(lines, delimiter, width, line, cut)
    goes_on = not (last and cut == len(data))
    rows: list[Row] = []
    rejects: list[Reject] = []
    records = _Records(lines, delimiter)
    while (start := records.at) < len(lines):
        fields, fault = records.take()
        several = records.at - start > 1
        small = not (several or fault) or _small(lines[start : records.at], most_bytes, most_lines)
        if fault and goes_on and small and records.at == len(lines):
            records.go_back(start)  # it may be complete with what the next slice brings
            break
        if several and (fault or not small or len(fields) != width):
            records.go_back(start + 1)
            fault = _UNBALANCED
        raw = lines[start]
        if why := fault or _fault(fields, width, raw):
            rejects.append(reject(line + start, "row", why, raw))
        elif fields:
            rows.append(Row(line + start, fields, raw))
    left = len("".join(lines[records.at :]).encode())
    return Slice(rows, rejects, cut - left, records.at)


def _text(data: bytes, *, last: bool, most: int) -> tuple[str, int]:
    """The first `most` complete lines of `data` with their ends, and how many bytes they are."""
    pieces = data.split(b"\n", most)
    cut = len(data) - (0 if last and len(pieces) <= most else len(pieces[-1]))
    return data[:cut].decode(), cut


def _is_plain(text: str) -> bool:
    """Whether every line is a row by itself: most files never quote, and are read in one go."""
    return '"' not in text and "\0" not in text and text.count("\r") == text.count("\r\n")


def _read_plain(lines: list[str], delimiter: str, width: int, line: int, cut: int) -> Slice:
    rows: list[Row] = []
    rejects: list[Reject] = []
    records = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    for number, (fields, raw) in enumerate(zip(records, lines, strict=True), line):
        if len(fields) > width and (why := _fault(fields, width, raw)):
            rejects.append(reject(number, "row", why, raw))
        elif fields:
            rows.append(Row(number, fields, raw))
    return Slice(rows, rejects, cut, len(lines))


def _small(lines: list[str], most_bytes: int, most_lines: int) -> bool:
    return len(lines) <= most_lines and len("".join(lines).encode()) <= most_bytes


def _fault(fields: list[str], width: int, raw: str) -> str | None:
    if len(fields) > width and any(fields[width:]):
        return f"has {len(fields)} fields, the header {width}: quote fields that contain the delimiter"
    return "contains a NUL byte: remove it" if "\0" in raw else None


class _Records:
    """Gives the csv module one line after the other. `at` is the first line that it has not seen."""

    def __init__(self, lines: list[str], delimiter: str) -> None:
        self._lines = lines
        self._delimiter = delimiter
        self.go_back(0)

    def go_back(self, at: int) -> None:
        self.at = at
        self._reader = csv.reader(self._supply(), delimiter=self._delimiter, strict=True, skipinitialspace=True)

    def _supply(self) -> Iterator[str]:
        while self.at < len(self._lines):
            self.at += 1
            yield self._lines[self.at - 1]

    def take(self) -> tuple[list[str], str | None]:
        """The next record, or what is wrong with it."""
        try:
            return next(self._reader), None
        except csv.Error as error:
            return [], "has a carriage return outside quotes" if "new-line" in str(error) else _UNBALANCED
