"""Reading contact files: whatever the slices, the rows are the same; what is broken costs one row."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign_svc.domain.contact_rows import interpret
from campaign_svc.domain.contacts import IllegalFieldError
from campaign_svc.domain.csv_file import FileCheck
from campaign_svc.domain.csv_header import LONGEST_LINE, Columns, first_line, read_header
from campaign_svc.domain.csv_rows import Reject, Row, read

WIDTH = 3
SMALL = {"most_bytes": 60, "most_lines": 4, "slice_lines": 6}


def read_whole(data: bytes, size: int, *, width: int = WIDTH, **limits: int) -> tuple[list[Row], list[Reject]]:
    """All rows, read in slices of `size` bytes as the worker does."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    position, line = 0, 2
    while position < len(data):
        piece = data[position : position + size]
        last = position + len(piece) == len(data)
        found = read(piece, delimiter=",", width=width, line=line, last=last, **limits)
        assert found.consumed > 0, "no progress"
        rows += found.rows
        rejects += found.rejects
        position += found.consumed
        line += found.lines
    assert line == 2 + data.count(b"\n") + (data[-1:] not in {b"", b"\n"})
    return rows, rejects


def fields_of(text: str, width: int = WIDTH) -> tuple[list[list[str]], list[Reject]]:
    rows, rejects = read_whole(text.encode(), 10**6, width=width)
    return [row.fields for row in rows], rejects


def test_rows_end_in_any_way_and_blank_lines_are_passed_over() -> None:
    rows, rejects = read_whole(b"1,a,b\r\n\n2,c,d\n\r\n3,e,f", 10**6)
    assert [(row.line, row.fields) for row in rows] == [
        (2, ["1", "a", "b"]),
        (4, ["2", "c", "d"]),
        (6, ["3", "e", "f"]),
    ]
    assert rejects == []


def test_fields_may_contain_delimiters_quotes_and_lines() -> None:
    rows, rejects = fields_of('1,"a, ""b""","c\nd"\n2, "e" ,f\n')
    assert rows[0] == ["1", 'a, "b"', "c\nd"]
    assert [reject.line for reject in rejects] == [4]


def test_an_open_quote_costs_its_own_row_only() -> None:
    text = '1,"open,x\n' + "".join(f"{n},a,b\n" for n in range(2, 3000))
    rows, rejects = fields_of(text)
    assert [(reject.line, reject.field) for reject in rejects] == [(2, "row")]
    assert "quote" in rejects[0].reason
    assert len(rows) == 2998


def test_two_stray_quotes_do_not_swallow_what_is_between() -> None:
    rows, rejects = fields_of('1,"open,x\n2,a,b\n3,c,d\n4,"also,x\n5,e,f\n')
    assert [row[0] for row in rows] == ["2", "3", "5"]
    assert [reject.line for reject in rejects] == [2, 5]


def test_rows_too_wide_and_nul_bytes_are_rejected() -> None:
    rows, rejects = fields_of("1,a,b,c\n2,a\0,b\n3,a,b,,\n4\n")
    assert rows == [["3", "a", "b", "", ""], ["4"]]
    assert [(reject.line, reject.excerpt) for reject in rejects] == [(2, "1,a,b,c"), (3, "2,a\ufffd,b")]


def test_a_quoted_row_beyond_the_limits_is_rejected() -> None:
    long = '1,"' + "x" * 70 + '\ny",b\n2,a,b\n'
    rows, rejects = read_whole(long.encode(), 10**6, **SMALL)
    assert [row.fields[0] for row in rows if row.fields[0] == "2"] == ["2"]
    assert rejects[0].line == 2


@given(
    st.lists(st.lists(st.text('ab",\n é', max_size=6), min_size=WIDTH, max_size=WIDTH), max_size=20),
    st.integers(140, 400),
)
def test_what_csv_writes_is_read_back_from_slices(table: list[list[str]], size: int) -> None:
    table = [["x" + field.strip(" ") for field in row] for row in table]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    rows, rejects = read_whole(text.getvalue().encode(), size, most_bytes=60, most_lines=30, slice_lines=40)
    assert [row.fields for row in rows] == table
    assert rejects == []


@given(st.lists(st.text('a",\n\0\r', max_size=8), max_size=40).map("\n".join), st.integers(150, 300))
def test_slices_change_nothing_however_broken_the_file_is(text: str, size: int) -> None:
    lines = [line[:50] for line in text.split("\n")]
    data = "\n".join(lines).encode()
    assert read_whole(data, size, **SMALL) == read_whole(data, 10**6, **{**SMALL, "slice_lines": 10**6})


COLUMNS = Columns(delimiter=",", width=4, number=0, attributes={"first_name": 1, "city": 2}, tags=3)


def test_the_last_row_of_a_number_wins() -> None:
    rows, _ = read_whole(
        b"+12025550143,Ann,Rome,a;b\n+12025550144,Bo,,\n+1 202 555 0143,Cy,,b|c\nnone,Di,,\n", 10**6, width=4
    )
    found = interpret(rows, COLUMNS)
    assert [(c.number, c.country, c.attributes, c.tags) for c in found.contacts] == [
        ("+12025550143", "US", {"first_name": "Cy"}, ["b", "c"]),
        ("+12025550144", "US", {"first_name": "Bo"}, []),
    ]
    assert found.repeated == 1
    assert [(r.line, r.field, r.excerpt) for r in found.rejects] == [(5, "number", "none,Di,,")]


def test_a_value_that_is_too_long_rejects_its_row() -> None:
    rows, _ = read_whole(b"+12025550143," + b"x" * 1001 + b",,\n", 10**6, width=4)
    assert interpret(rows, COLUMNS).rejects[0].field == "first_name"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (b"number,First Name,City", Columns(delimiter=",", width=3, number=0, attributes={"first_name": 1, "city": 2})),
        (b"Pr\xc3\xa9nom;MSISDN", Columns(delimiter=";", width=2, number=1, attributes={"prenom": 0})),
        (b"phone\tmobile\ttags", Columns(delimiter="\t", width=3, number=0, attributes={"mobile": 1}, tags=2)),
        (
            b'country,number,"time zone",,x',
            Columns(delimiter=",", width=5, number=1, country=0, timezone=2, attributes={"x": 4}),
        ),
    ],
)
def test_columns_are_known_by_their_titles(header: bytes, expected: Columns) -> None:
    assert read_header(header, {}, None) == expected


def test_columns_can_be_named() -> None:
    found = read_header(b"a,b,c", {"number": "b", "country": "c"}, "FR")
    assert (found.number, found.country, found.attributes, found.default_country) == (1, 2, {"a": 0}, "FR")


@pytest.mark.parametrize(
    ("header", "mapping", "field", "message"),
    [
        (b"", {}, "file", "is empty"),
        (b"name,city", {}, "file", "no column of numbers"),
        (b"name,city", {"number": "phone"}, "number_column", "names no column"),
        (b"number,a,A", {}, "file", "2 columns named a"),
        (b"number,short_url", {}, "file", "Volley fills in"),
        ("number,Имя".encode(), {}, "file", "without a usable name"),
        (b"number," + b",".join(b"c%d" % n for n in range(200)), {}, "file", "201 columns"),
        (b"n\0u\0m\0", {}, "file", "no text file"),
        (b"number\r+12025550143", {}, "file", "carriage returns"),
        (b'number,"x', {}, "file", "unbalanced quotes"),
    ],
)
def test_a_header_that_cannot_be_used_is_told_why(
    header: bytes, mapping: dict[str, str], field: str, message: str
) -> None:
    with pytest.raises(IllegalFieldError, match=message) as caught:
        read_header(header, mapping, None)
    assert caught.value.field == field
    assert caught.value.fix


def test_the_first_line_is_found_as_bytes_arrive() -> None:
    assert first_line(b"\xef\xbb\xbfnumber,a", whole=False) is None
    assert first_line(b"\xef\xbb\xbfnumber,a\r\n+1", whole=False) == b"number,a"
    assert first_line(b"number", whole=True) == b"number"


@given(st.text(max_size=200), st.lists(st.integers(1, 7), min_size=1))
def test_a_file_is_checked_in_any_pieces(text: str, sizes: list[int]) -> None:
    data, check, position = text.encode(), FileCheck(), 0
    while position < len(data):
        size = sizes[position % len(sizes)]
        check.feed(data[position : position + size])
        position += size
    check.finish()
    assert (check.size, check.lines) == (len(data), len(data.splitlines()) if _plain(text) else check.lines)


def _plain(text: str) -> bool:
    return "\r" not in text and "\v" not in text and "\f" not in text


def test_a_file_may_not_have_endless_lines() -> None:
    check = FileCheck()
    check.feed(b"a\nb\n" + b"x" * LONGEST_LINE)
    with pytest.raises(IllegalFieldError, match="in line 3"):
        check.feed(b"x\ny")
    with pytest.raises(IllegalFieldError, match="at most 200 columns"):
        FileCheck().feed(b"c," * LONGEST_LINE)


def test_the_delimiter_is_looked_for_outside_quotes() -> None:
    columns = read_header(b'"Last, first, middle";number;city', {}, None)
    assert (columns.delimiter, columns.number, columns.attributes) == (";", 1, {"last_first_middle": 0, "city": 2})
