"""The numbers of a CSV file, slice by slice while it streams in: of any size, in bounded memory.

Only the column of numbers counts.
"""

from typing import NamedTuple

from campaign_svc.domain.contact_rows import number_of
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_file import FileCheck
from campaign_svc.domain.csv_header import Columns, first_line, read_header
from campaign_svc.domain.csv_rows import LONGEST_ROW, Reject, read, reject

SLICE_BYTES = 2 * LONGEST_ROW + 1
"""As much as surely holds a whole row."""


class NumberSlice(NamedTuple):
    """Each number once, in order; rows that have none."""

    numbers: list[str]
    rejects: list[Reject]


class NumberList:
    """`feed` it every chunk and `take` what it has so far while it `has_slice`; then `finish` it and take the rest."""

    def __init__(self, country: str | None) -> None:
        """`country` (alpha-2) is that of numbers in national form."""
        self._country = country
        self._check = FileCheck()
        self._pending = bytearray()
        self._columns: Columns | None = None
        self._line = 1  # the first of what is pending
        self._last = False

    @property
    def has_slice(self) -> bool:
        return len(self._pending) >= SLICE_BYTES or (self._last and (not self._columns or bool(self._pending)))

    def feed(self, chunk: bytes) -> None:
        """Raises IllegalFieldError."""
        self._check.feed(chunk)
        self._pending += chunk

    def finish(self) -> None:
        """There are no more chunks."""
        self._check.finish()
        self._last = True

    def take(self) -> NumberSlice:
        """The next slice. Raises IllegalFieldError if the file has no column of numbers."""
        columns = self._columns or self._begin()
        found = read(
            bytes(self._pending), delimiter=columns.delimiter, width=columns.width, line=self._line, last=self._last
        )
        del self._pending[: found.consumed]
        self._line += found.lines
        numbers: dict[str, None] = {}
        rejects = list(found.rejects)
        for row in found.rows:
            try:
                numbers[number_of(row.fields + [""] * (columns.width - len(row.fields)), columns).number] = None
            except IllegalFieldError as error:
                rejects.append(reject(row.line, error.field, f"{error.message}: {error.fix}", row.raw))
        return NumberSlice(list(numbers), sorted(rejects))

    def _begin(self) -> Columns:
        head = bytes(self._pending)
        self._columns = read_header(first_line(head, whole=True) or b"", {}, self._country)
        end = head.find(b"\n") + 1
        del self._pending[: end or len(head)]
        self._line += 1
        return self._columns
