"""Imports of contacts, from the upload to the report of rejected rows."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from campaign_svc.config import Settings
from campaign_svc.domain.csv_header import LONGEST_LINE
from campaign_svc.handlers.import_contacts import Ahead, import_slice
from campaign_svc.handlers.upload_contacts import Wishes, upload_contacts
from campaign_svc.store import contacts, imports
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import new_id, now
from volley_tools.demo import people
from volley_tools.pytest_stack import Until

ClientOf = Callable[[Caller], httpx.AsyncClient]
WORKER = """
import asyncio, sys
from campaign_svc.handlers.import_contacts import import_uploaded_files
from volley_chassis import database
from volley_chassis.settings import ServiceSettings

async def main():
    settings = ServiceSettings(database_url=sys.argv[1], kafka="", internal_token="")
    async with database.pool(settings) as pool:
        await import_uploaded_files(pool)

asyncio.run(main())
"""


async def finish(pool: Pool) -> None:
    ahead = Ahead()
    while await import_slice(pool, ahead):
        pass


async def upload(client: httpx.AsyncClient, data: bytes, **query: str) -> dict[str, Any]:
    answer = await client.post("/v1/contact-imports", content=data, params=query, headers={"content-type": "text/csv"})
    assert answer.status_code == 202, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def imported(client: httpx.AsyncClient, pool: Pool, data: bytes, **query: str) -> dict[str, Any]:
    """The import when it is done."""
    made = await upload(client, data, **query)
    await finish(pool)
    done: dict[str, Any] = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    assert done["status"] == "finished", done
    return done


async def contact(client: httpx.AsyncClient, number: str) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/v1/contacts", params={"number": number})).json()["items"][0]
    return found


async def test_twenty_thousand_rows_with_broken_ones(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    data = people.csv_file(20_000, broken=25)
    made = await upload(client, data, segment_name="everybody")
    assert (made["status"], made["rows_total"], made["bytes_total"]) == ("waiting", 20_025, len(data))
    assert await import_slice(pool, Ahead())
    midway = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    assert midway["status"] == "running"
    assert 0 < midway["rows_done"] < 20_025
    assert 0 < midway["bytes_done"] < len(data)
    await finish(pool)

    done = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    counts = {name: done[name] for name in ("rows_done", "added", "updated", "repeated", "rejected", "bytes_done")}
    assert counts == {
        "rows_done": 20_025,
        "added": 20_000,
        "updated": 0,
        "repeated": 0,
        "rejected": 25,
        "bytes_done": len(data),
    }
    segment = (await client.get(f"/v1/segments/{made['segment_id']}")).json()
    assert (segment["name"], segment["members"]) == ("everybody", 20_000)
    assert await pool.fetchval("SELECT count(*) FROM contact_import_chunks") == 0

    expected = {row[0]: row[1:] for row in people.contacts(20_000)}
    rows = await pool.fetch("SELECT number, attributes FROM contacts WHERE account_id = $1", caller.account_id)
    stored = {row["number"]: tuple(row["attributes"].get(name, "") for name in people.HEADER[1:]) for row in rows}
    assert stored == expected
    assert (await client.get("/v1/contacts/attributes")).json() == sorted(people.HEADER[1:])


async def test_rejected_rows_are_told_by_line_field_and_reason(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    data = people.csv_file(100, broken=10)
    made = await imported(client, pool, data)
    path = f"/v1/contact-imports/{made['id']}/rejects"
    first = (await client.get(path, params={"limit": 4})).json()
    assert (len(first["items"]), first["total"]) == (4, 10)
    second = (await client.get(path, params={"limit": 200, "after": first["next"]})).json()
    assert second["next"] is None
    found = first["items"] + second["items"]
    lines = data.decode().split("\n")
    assert [reject["excerpt"] for reject in found] == [lines[reject["line"] - 1] for reject in found]
    assert [reject["reason"].partition(":")[0] for reject in found[:5]] == [
        "is no number",
        "is empty",
        "is too short",
        "has no known country code",
        "is too long",
    ]
    assert {reject["field"] for reject in found} == {"number"}
    report = await client.get(f"{path}.csv")
    assert report.headers["content-type"].startswith("text/csv")
    table = list(csv.reader(io.StringIO(report.text)))
    assert table[0] == ["line", "field", "reason", "excerpt"]
    assert [int(row[0]) for row in table[1:]] == [reject["line"] for reject in found]


async def test_contacts_are_updated_by_the_columns_of_the_file(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    await imported(client, pool, "number,first_name,city,tags\n+12025550143,Zoë,Nîmes,a;b\n".encode())
    done = await imported(client, pool, b"phone,first_name,tier,country\n(202) 555-0143,,gold,us\n")
    assert (done["added"], done["updated"], done["rejected"]) == (0, 1, 0)
    found = await contact(client, "+12025550143")
    assert found["attributes"] == {"city": "Nîmes", "tier": "gold"}
    assert found["tags"] == ["a", "b"]


async def test_the_last_row_of_a_number_wins_in_the_whole_file(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    rows = [f"+1202555{n:04d},first" for n in range(5000)]  # more than a slice
    rows += ["+12025550000,second", "+12025550001,second", "+12025550001,third"]
    data = "\n".join(["number,name", *rows]).encode()
    done = await imported(client, pool, data)
    assert (done["added"], done["updated"], done["repeated"], done["rows_done"]) == (5000, 0, 3, 5003)
    names = [(await contact(client, f"+1202555000{n}"))["attributes"]["name"] for n in range(3)]
    assert names == ["second", "third", "first"]
    again = await imported(client, pool, data)
    assert (again["added"], again["updated"], again["repeated"]) == (0, 5000, 3)


async def test_columns_country_and_segment_by_query_and_a_form(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    segment = (await client.post("/v1/segments", json={"name": "callers"})).json()
    data = "\ufeffWen;Wann\r\n020 7946 0123;Europe/London\r\n".encode()
    answer = await client.post(
        "/v1/contact-imports",
        files={"file": ("contacts.csv", data)},
        params={
            "country": "GB",
            "number_column": "Wen",
            "timezone_column": "Wann",
            "segment_id": segment["id"],
        },
    )
    assert answer.status_code == 202, answer.text
    await finish(pool)
    members = (await client.get(f"/v1/segments/{segment['id']}/members")).json()
    assert [(c["number"], c["country"], c["timezone"]) for c in members["items"]] == [
        ("+442079460123", "GB", "Europe/London")
    ]


@pytest.mark.parametrize(("encoding", "named"), [("utf-16", None), ("windows-1252", "windows-1252")])
async def test_files_of_spreadsheets_are_read_in_their_encoding(
    client_of: ClientOf, caller: Caller, pool: Pool, encoding: str, named: str | None
) -> None:
    client = client_of(caller)
    data = 'Mobile\t"Prénom"\r\n(202) 555-0143\t"Zoë\r\nÉmilie"\r\n'.encode(encoding)
    done = await imported(client, pool, data, country="US", **({"encoding": named} if named else {}))
    assert (done["added"], done["rejected"]) == (1, 0)
    assert (await contact(client, "+12025550143"))["attributes"] == {"prenom": "Zoë\r\nÉmilie"}


async def test_a_report_that_was_cut_says_so(
    client_of: ClientOf, caller: Caller, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(caller)
    monkeypatch.setattr(imports, "MOST_REJECTS", 3)
    done = await imported(client, pool, b"number\n" + b"nobody\n" * 10)
    assert (done["rejected"], done["rejects_kept"]) == (10, 3)
    path = f"/v1/contact-imports/{done['id']}/rejects"
    assert (await client.get(path)).json()["total"] == 3
    table = list(csv.reader(io.StringIO((await client.get(f"{path}.csv")).text)))
    assert [row[0] for row in table] == ["line", "2", "3", "4", ""]
    assert table[-1][2].startswith("7 more rows were rejected")


@pytest.mark.parametrize(
    ("data", "query", "field", "message"),
    [
        (b"", {}, "file", "is empty"),
        (b"name\nAnn\n", {}, "file", "no column of numbers"),
        (b"number,a\n" * 100_000 + b"+1,caf\xe9\n", {}, "file", "not UTF-8 at byte 900007"),
        (b"number,a\n+12025550143,\x8d", {"encoding": "windows-1252"}, "file", "not WINDOWS-1252 at byte 23"),
        (b"number" + b",c" * 100_000 + b"\n", {}, "file", "at most 200 columns"),
        (b"number" + b",c" * 300 + b"\n", {}, "file", "301 columns"),
        (b"number,a\n+1," + b"x" * LONGEST_LINE + b"\n", {}, "file", "in line 2"),
        (b"number\n", {"segment_id": str(new_id())}, "segment_id", "no segment"),
        (b"number\n", {"segment_name": ""}, "segment_name", "0 characters"),
        (b"number\n", {"country": "France"}, "country", "no country"),
        (b"number\n", {"number_column": "phone"}, "number_column", "names no column"),
    ],
)
async def test_a_file_that_cannot_be_used_is_refused_as_a_whole(
    client_of: ClientOf, caller: Caller, pool: Pool, data: bytes, query: dict[str, str], field: str, message: str
) -> None:
    client = client_of(caller)
    answer = await client.post("/v1/contact-imports", content=data, params=query, headers={"content-type": "text/csv"})
    assert answer.status_code == 422, answer.text
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert message in f"{error['message']} {error['fix']}"
    assert error["fix"]
    assert (await client.get("/v1/contact-imports")).json()["items"] == []
    assert await pool.fetchval("SELECT count(*) FROM contact_imports WHERE account_id = $1", caller.account_id) == 0
    assert await pool.fetchval("SELECT count(*) FROM segments WHERE account_id = $1", caller.account_id) == 0


async def test_files_that_are_too_large_or_no_csv(client_of: ClientOf, caller: Caller) -> None:
    client = client_of(caller)
    headers = {"content-type": "text/csv", "content-length": str(257 * 1024 * 1024)}
    assert (await client.post("/v1/contact-imports", content=b"number\n", headers=headers)).status_code == 413
    assert (await client.post("/v1/contact-imports", json={"number": "+12025550143"})).status_code == 415


async def test_an_upload_that_breaks_off_leaves_nothing(caller: Caller, pool: Pool) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"number\n" + b"+12025550143\n" * 200_000
        yield b"+12025550143\n"
        assert await pool.fetchval("SELECT count(*) FROM contact_imports WHERE account_id = $1", caller.account_id) == 1
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await upload_contacts(pool, caller, Wishes(segment_name="x"), breaks_off(), at=now())
    assert await pool.fetchval("SELECT count(*) FROM contact_imports WHERE account_id = $1", caller.account_id) == 0
    assert await pool.fetchval("SELECT count(*) FROM contact_import_chunks") == 0


async def test_an_import_goes_on_after_kill_9_in_the_middle(
    client_of: ClientOf, caller: Caller, pool: Pool, settings: Settings, until: Until
) -> None:
    """The worker is killed while it holds a slice half written: a contact of the third slice is locked."""
    client = client_of(caller)
    rows = [f"+1202{n:07d},{n}" for n in range(2_000_000, 2_012_000)]
    stuck = (await client.post("/v1/contacts", json={"number": "+12022010000"})).json()
    made = await upload(client, "\n".join(["number,n", *rows]).encode(), segment_name="all")
    blocker = await asyncpg.connect(settings.database_url)
    async with blocker.transaction():
        await blocker.execute("SELECT 1 FROM contacts WHERE id = $1 FOR UPDATE", UUID(stuck["id"]))
        worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, settings.database_url)

        async def waits_for_the_lock() -> bool:
            assert worker.returncode is None
            return bool(
                await pool.fetchval(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%import_slice%'"
                )
            )

        await until(waits_for_the_lock)
        worker.kill()
        await worker.wait()
    await blocker.close()
    midway = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    assert midway["status"] == "running"
    assert midway["rows_done"] == 8000

    async def finished() -> bool:
        await finish(pool)  # the dead worker's transaction ends as soon as Postgres sees that nobody listens
        found = await imports.find(pool, caller.account_id, UUID(made["id"]))
        return found is not None and found.status == "finished"

    await until(finished)
    done = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    assert (done["rows_done"], done["added"], done["updated"], done["rejected"]) == (12_000, 11_999, 1, 0)
    assert done["repeated"] == 0
    assert (await client.get(f"/v1/segments/{made['segment_id']}")).json()["members"] == 12_000


async def test_workers_share_imports_and_none_is_done_twice(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    client = client_of(caller)
    files = [
        "\n".join(["number", *(f"+1{area}{n:07d}" for n in range(2_000_000, 2_009_000))]).encode()
        for area in (202, 212, 312)
    ]
    made = [await upload(client, data) for data in files]
    await asyncio.gather(*(finish(pool) for _ in range(3)))
    await finish(pool)  # a worker gives up when the others hold all imports
    done = [(await client.get(f"/v1/contact-imports/{one['id']}")).json() for one in made]
    assert [(one["status"], one["added"], one["rows_done"]) for one in done] == [("finished", 9000, 9000)] * 3


async def test_a_bug_fails_the_import_and_not_the_worker(
    client_of: ClientOf, caller: Caller, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(caller)
    made = await upload(client, b"number\n+12025550143\n")

    async def fails(*_args: object, **_options: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(contacts, "merge_slice", fails)
        assert await import_slice(pool, Ahead())
    done = (await client.get(f"/v1/contact-imports/{made['id']}")).json()
    assert (done["status"], done["added"]) == ("failed", 0)
    assert "logged" in done["error"]
    chunks = await pool.fetchval("SELECT count(*) FROM contact_import_chunks WHERE import_id = $1", UUID(made["id"]))
    assert chunks == 0, "a file that nobody will read again is not kept"
    assert not await import_slice(pool, Ahead())


async def test_accounts_see_nothing_of_each_other(client_of: ClientOf, caller: Caller, pool: Pool) -> None:
    mine = client_of(caller)
    theirs = client_of(Caller(account_id=new_id(), actor="eve", role="admin"))
    made = await imported(mine, pool, b"number,name\n+12025550143,Ann\nx,\n", segment_name="mine")
    ann = await contact(mine, "+12025550143")
    for path in (
        f"/v1/contact-imports/{made['id']}",
        f"/v1/contact-imports/{made['id']}/rejects",
        f"/v1/contact-imports/{made['id']}/rejects.csv",
        f"/v1/segments/{made['segment_id']}",
        f"/v1/segments/{made['segment_id']}/members",
        f"/v1/contacts/{ann['id']}",
    ):
        assert (await mine.get(path)).status_code == 200, path
        assert (await theirs.get(path)).status_code == 404, path
    for path in (
        "/v1/contact-imports",
        "/v1/segments",
        "/v1/contacts",
        f"/v1/contacts?segment_id={made['segment_id']}",
    ):
        assert (await theirs.get(path)).json()["items"] == [], path
    assert (await theirs.get("/v1/contacts/attributes")).json() == []
    await imported(theirs, pool, b"number,name\n+12025550143,Eve\n", segment_name="mine")
    assert (await contact(mine, "+12025550143"))["attributes"] == {"name": "Ann"}
    refused = await theirs.post(
        "/v1/contact-imports",
        content=b"number\n",
        params={"segment_id": made["segment_id"]},
        headers={"content-type": "text/csv"},
    )
    assert refused.status_code == 422
