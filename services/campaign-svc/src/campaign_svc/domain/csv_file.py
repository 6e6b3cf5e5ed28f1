"""What must hold of a contact file as a whole; checked while it streams in, before anything is made of it."""

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_header import LONGEST_LINE, MOST_COLUMNS


class FileCheck:
    """Feed it every chunk, then `finish` it. `size` counts bytes, `lines` lines (the last need not be closed)."""

    def __init__(self) -> None:
        self.size = 0
        self.lines = 0
        self._open_line = 0  # bytes of the line that is not closed yet

    def feed(self, chunk: bytes) -> None:
        """Raises IllegalFieldError naming the line that is too long."""
        self.size += len(chunk)
        head, *closed = chunk.split(b"\n")
        lengths = [self._open_line + len(head), *map(len, closed)]
        longest = max(lengths)
        if longest > LONGEST_LINE:
            number = self.lines + lengths.index(longest) + 1
            fix = f"name at most {MOST_COLUMNS} columns" if number == 1 else "shorten it, or break it into lines"
            raise IllegalFieldError("file", f"has more than {LONGEST_LINE} bytes in line {number}", fix)
        self.lines += len(closed)
        self._open_line = lengths[-1]

    def finish(self) -> None:
        """The last line is whole."""
        self.lines += self._open_line > 0
        self._open_line = 0
