"""CSV files in requests and as answers: streamed, so that any size needs little memory."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_encoding import Encoding, Utf8
from volley_chassis.problems import FieldError, Problem

CSV = "text/csv; charset=utf-8"
_PIECE = 256 * 1024
_FILES = frozenset({"", "text/csv", "text/plain", "application/csv", "application/octet-stream"})
_BINARY = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
_FORM = Schema(type=OpenAPIType.OBJECT, properties={"file": _BINARY})
FileEncoding = Annotated[
    Encoding | None,
    QueryParameter(description="The encoding of the file: UTF-8, or UTF-16 by its byte order mark, if none is named."),
]


@dataclass
class CsvUpload(Operation):
    """The body is streamed, so Litestar cannot describe it by itself."""

    def __post_init__(self) -> None:
        content = {"text/csv": OpenAPIMediaType(schema=_BINARY), "multipart/form-data": OpenAPIMediaType(schema=_FORM)}
        self.request_body = RequestBody(content=content, required=True)


@asynccontextmanager
async def uploaded_file(
    request: Request[Any, Any, Any], encoding: Encoding | None
) -> AsyncIterator[AsyncIterator[bytes]]:
    """The file in a raw body or in a form, as UTF-8. Raises IllegalFieldError.

    Where such an error comes from the block, the rest is read first: who is still sending would not see the answer.
    """
    body = await _body(request)
    try:
        yield _in_utf8(body, encoding)
    except IllegalFieldError:
        async for _ in body:
            pass
        raise


async def _body(request: Request[Any, Any, Any]) -> AsyncIterator[bytes]:
    kind = request.content_type[0]
    if kind in _FILES:
        return request.stream()
    if kind != "multipart/form-data":
        wrong = FieldError("body", f"is {kind[:100]}", "Send it as text/csv or multipart/form-data.")
        raise Problem(415, "unsupported_media_type", f"The body {wrong.message}. {wrong.fix}", errors=[wrong])
    for value in (await request.form()).values():
        if isinstance(value, UploadFile):
            return _pieces(value)
    raise IllegalFieldError("file", "is missing", "send the file as a part of the form")


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE):
        yield piece


async def _in_utf8(body: AsyncIterator[bytes], encoding: Encoding | None) -> AsyncIterator[bytes]:
    made = Utf8(encoding)
    async for chunk in body:
        if piece := made.feed(chunk):
            yield piece
    if piece := made.feed(b"", final=True):
        yield piece


def csv_lines(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def csv_answer(name: str, lines: AsyncIterator[bytes]) -> Stream:
    return Stream(lines, media_type=CSV, headers={"content-disposition": f'attachment; filename="{name}"'})
