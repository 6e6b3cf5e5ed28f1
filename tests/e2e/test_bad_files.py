"""Contact files that are none: refused as a whole with the fix and without a trace, or row by row with the reason."""

import asyncio
from typing import Any

import pytest

from volley_tools.demo.api import until
from volley_tools.refusals import Visitor, fields, snapshot

GOOD = "number,first_name\n+12025550143,José\n"
CSV = "text/csv"
UTF8 = "save it as CSV UTF-8"
FILES = {
    "UTF-16 without a mark": (b"number\n+12025550143\n".decode().encode("utf-16-le"), "no text file", UTF8),
    "UTF-32": (GOOD.encode("utf-32"), "no text file", UTF8),
    "Latin-1": (GOOD.encode("latin-1"), "not UTF-8 at byte 35", UTF8),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8 at byte 1", UTF8),
    "a spreadsheet": (b"PK\x03\x04\x14\x00\x06\x00" + bytes(200), "no text file", UTF8),
    "100,000 columns": (",".join(["number", *map(str, range(100_000))]).encode() + b"\n", "line 1", "200 columns"),
    "30,000 columns": (b"number" + b",c" * 30_000 + b"\n", "has 30001 columns", "200 columns"),
    "nothing": (b"", "is empty", "names the columns"),
    "blank lines": (b"\n\n", "is empty", "names the columns"),
    "a mark alone": (b"\xef\xbb\xbf", "is empty", "names the columns"),
    "no numbers": (b"name,city\nAnn,Paris\n", "no column of numbers", "name, city"),
    "NUL in the header": (b"number,a\0b\n", "no text file", UTF8),
    "quotes in the header": (b'number,"a\n+12025550143,x\n', "unbalanced quotes", "close the quotes"),
    "a row above 64 KB": (b"number,a\n+12025550143," + b"x" * 66_000 + b"\n", "in line 2", "shorten it"),
    "carriage returns": (b"number,a\r+12025550143,x\r", "carriage returns", "line feeds"),
    "a name twice": (b"number,a,a\n", "2 columns named a", "name of its own"),
    "a name of ours": (b"number,short_url\n", "short_url", "another name"),
}
ROWS: dict[str, tuple[bytes, str, str]] = {
    "NUL in a row": (b"+12025550143,x\0y", "row", "NUL"),
    "NUL in a number": (b"+1202\x005550143,x", "row", "NUL"),
    "a value of 64 KB": (b"+12025550143," + b"x" * 65_000, "a", "at most 1000"),
    "60,000 fields": (b"+12025550143" + b"," * 60_000 + b"x", "row", "60001 fields"),
    "an open quote": (b'+12025550143,"x', "row", "not closed"),
    "no number": (b"hello,x", "number", "is no number"),
    "a sum": (b"1.2E+10,x", "number", "spreadsheet"),
    "a control character in a tag": (b"+12025550143,x,a\x07", "tags", "control character"),
}
QUERIES = [
    ("country=ZZ", "country"),
    ("segment_id=x", "segment_id"),
    ("segment_id=00000000-0000-4000-8000-000000000000", "segment_id"),
    ("segment_name=", "segment_name"),
    ("segment_name=%00", "segment_name"),
    ("segment_name=a%07b", "segment_name"),
    (f"segment_name={'x' * 256}", "segment_name"),
    ("number_column=nothing", "number_column"),
    ("tags_column=%00", "tags_column"),
    ("encoding=klingon", "encoding"),
]


async def _upload_refused(visitor: Visitor, status: int, raw: bytes, query: str = "", kind: str = CSV) -> Any:
    path = f"/v1/contact-imports?{query}"
    return await visitor.refused(status, "POST", path, raw=raw, headers={"content-type": kind})


async def test_files_that_are_no_contacts_leave_no_trace(visitor: Visitor) -> None:
    before = await snapshot(visitor)
    for case, (raw, said, fix) in FILES.items():
        found = await _upload_refused(visitor, 422, raw, "segment_name=People")
        (error,) = found["errors"]
        assert error["field"] == "file", case
        assert said in error["message"], case
        assert fix in error["fix"], case
    assert await snapshot(visitor) == before


async def test_uploads_that_say_nonsense_leave_no_trace(visitor: Visitor) -> None:
    before = await snapshot(visitor)
    for query, field in QUERIES:
        assert fields(await _upload_refused(visitor, 422, GOOD.encode(), query)) == [field]
    for kind in ("application/json", "application/x-www-form-urlencoded", "image/png"):
        await _upload_refused(visitor, 415, GOOD.encode(), kind=kind)
    empty = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    assert fields(await _upload_refused(visitor, 422, empty, kind="multipart/form-data; boundary=x")) == ["file"]
    await _upload_refused(visitor, 422, empty, kind="multipart/form-data")
    await _upload_refused(visitor, 400, b"--x\r\nContent", kind="multipart/form-data; boundary=x")
    assert await snapshot(visitor) == before


async def test_a_broken_row_harms_no_other(visitor: Visitor) -> None:
    """Each file has the broken row between two good ones."""

    async def rejects(number: int, raw: bytes) -> list[dict[str, Any]]:
        good = [b"+1202555%04d,fine,tag" % n for n in (100 + 2 * number, 101 + 2 * number)]
        content = b"\n".join([b"number,a,tags", good[0], raw, good[1], b""])
        job = await visitor.made("POST", "/v1/contact-imports", raw=content, headers={"content-type": CSV})
        path = f"/v1/contact-imports/{job['id']}"

        async def finished() -> Any:
            current = await visitor.made("GET", path)
            return current if current["status"] in {"finished", "failed"} else None

        done = await until(finished, seconds=30, what="the import")
        assert (done["status"], done["added"], done["rejected"]) == ("finished", 2, 1), done
        return await visitor.items(f"{path}/rejects")

    found = await asyncio.gather(*(rejects(number, raw) for number, (raw, _, _) in enumerate(ROWS.values())))
    for case, (reject,), (_, field, said) in zip(ROWS, found, ROWS.values(), strict=True):
        assert (reject["line"], reject["field"]) == (3, field), case
        assert said in reject["reason"], case
        assert len(reject["excerpt"]) <= 120, case
    assert len(await visitor.items("/v1/contacts?limit=200")) == 2 * len(ROWS)


async def test_a_file_of_many_bad_rows_is_still_read(visitor: Visitor) -> None:
    raw = b"number\n" + b"nobody\n" * 5_000 + b"+12025550143\n"
    job = await visitor.made("POST", "/v1/contact-imports", raw=raw, headers={"content-type": CSV})

    async def finished() -> Any:
        current = await visitor.made("GET", f"/v1/contact-imports/{job['id']}")
        return current if current["status"] == "finished" else None

    done = await until(finished, seconds=30, what="the import")
    assert (done["added"], done["rejected"]) == (1, 5_000)


@pytest.mark.parametrize("limit", ["after=-1", f"after={10**30}", "after=x", "limit=0"])
async def test_pages_of_rejects_out_of_range(visitor: Visitor, limit: str) -> None:
    headers = {"content-type": CSV}
    job = await visitor.made("POST", "/v1/contact-imports", raw=GOOD.encode(), headers=headers)
    path = f"/v1/contact-imports/{job['id']}/rejects?{limit}"
    assert fields(await visitor.refused(422, "GET", path)) == [limit.partition("=")[0]]
