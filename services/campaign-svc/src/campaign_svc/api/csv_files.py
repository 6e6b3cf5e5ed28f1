"""CSV files as answers: streamed, so that any size needs little memory."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence

from litestar.response import Stream

CSV = "text/csv; charset=utf-8"


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_answer(name: str, lines: AsyncIterator[bytes]) -> Stream:
    return Stream(lines, media_type=CSV, headers={"content-disposition": f'attachment; filename="{name}"'})
