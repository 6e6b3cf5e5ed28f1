"""The file that a ledger survives in: one JSON object a line, appended before the message is answered."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """Appends to a file: at the latest with the next turn of the loop, earlier with `flush`."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        self._lines: list[bytes] = []
        if self._file.tell():
            self._file.seek(-1, os.SEEK_END)
            if self._file.read() != b"\n":  # the line that a crash cut off ends here
                self._file.write(b"\n")

    def write(self, line: dict[str, Any]) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_soon(self.flush)
        self._lines.append(msgspec.json.encode(line))

    def flush(self) -> None:
        if self._lines:
            self._file.write(b"\n".join(self._lines) + b"\n")
            self._lines.clear()
            self._file.flush()

    def close(self) -> None:
        self.flush()
        self._file.close()


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a journal, without those that a crash cut off."""
    with path.open("rb") as file:
        for line in file:
            with suppress(msgspec.DecodeError):
                yield msgspec.json.decode(line)
