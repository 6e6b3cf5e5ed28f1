"""What must hold of a contact file as a whole; checked while it streams in, before anything is made of it."""

import codecs

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_header import LONGEST_LINE, MOST_COLUMNS, not_utf8

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class FileCheck:
    """Feed it every chunk, then `finish` it. `size` counts bytes, `lines` lines (the last need not be closed)."""

    def __init__(self) -> None:
        self.size = 0
        self.lines = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._open_line = 0  # bytes of the line that is not closed yet

    def feed(self, chunk: bytes) -> None:
        """Raises IllegalFieldError naming the byte or line that is illegal."""
        self._decode(chunk, final=False)
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
        """Raises IllegalFieldError if the file ends within a character."""
        self._decode(b"", final=True)
        self.lines += self._open_line > 0
        self._open_line = 0

    def _decode(self, chunk: bytes, *, final: bool) -> None:
        held = len(self._decoder.getstate()[0])
        try:
            self._decoder.decode(chunk, final)
        except UnicodeDecodeError as error:
            if self.size == held == 0 and error.object.startswith(_UTF_16):
                raise IllegalFieldError("file", "is encoded in UTF-16", "save it as CSV UTF-8") from error
            raise not_utf8(self.size - held + error.start) from error
