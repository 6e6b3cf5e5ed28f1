"""The file that a ledger survives in: one JSON object a line, appended and flushed within the same turn of the loop."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """Appends to a file; several lines of one turn of the loop become one write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")
        self._lines: list[bytes] = []

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
    """The lines of a journal; a last line that was cut off by a crash is left out."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield msgspec.json.decode(line)
