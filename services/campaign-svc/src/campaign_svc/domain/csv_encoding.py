"""Contact files in the encodings that spreadsheets save: made UTF-8 while they stream in."""

import codecs
from typing import Literal

from campaign_svc.domain.contacts import IllegalFieldError

Encoding = Literal[
    "utf-8",
    "utf-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "iso-8859-1",
    "iso-8859-2",
    "iso-8859-15",
    "koi8-r",
    "mac-roman",
    "shift_jis",
    "euc-kr",
    "gb18030",
    "big5",
]
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Utf8:
    """Feed it every chunk of a file, the last with `final`. Without an `encoding` the file is in UTF-16 if it begins
    with that one's byte order mark, else in UTF-8.
    """

    def __init__(self, encoding: Encoding | None) -> None:
        self._encoding = encoding
        self._name = ""
        self._decoder: codecs.IncrementalDecoder | None = None
        self._taken = 0
        self._head = b""

    def feed(self, chunk: bytes, *, final: bool = False) -> bytes:
        """Whole characters, in UTF-8. Raises IllegalFieldError naming the byte that is illegal."""
        chunk, self._head = self._head + chunk, b""
        if self._decoder is None and len(chunk) < len(codecs.BOM_UTF16_LE) and not final:
            self._head = chunk
            return b""
        decoder = self._decoder = self._decoder or self._decoder_for(chunk)
        held = len(decoder.getstate()[0])
        try:
            # A lone half of a character beyond 16 bits can be read as UTF-16, and is none.
            made = decoder.decode(chunk, final).encode(errors="replace")
        except UnicodeDecodeError as error:
            byte = self._taken - held + error.start + 1
            fix = "save it as CSV UTF-8, or name its encoding"
            raise IllegalFieldError("file", f"is not {self._name} at byte {byte}", fix) from error
        self._taken += len(chunk)
        return made

    def _decoder_for(self, head: bytes) -> codecs.IncrementalDecoder:
        encoding = self._encoding or ("utf-16" if head.startswith(_UTF_16) else "utf-8")
        self._name = encoding.upper()
        return codecs.getincrementaldecoder(encoding)()
