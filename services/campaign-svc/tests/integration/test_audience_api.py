"""Contacts, segments, suppressions and senders through the API."""

import csv
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from campaign_svc.domain.contact_rows import contact_of
from campaign_svc.domain.csv_header import read_header
from campaign_svc.handlers import suppress_list
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_contracts import SenderChanged, SuppressionChanged, decode, new_id

ClientOf = Callable[[Caller], httpx.AsyncClient]


@pytest.fixture
def client(client_of: ClientOf, caller: Caller) -> httpx.AsyncClient:
    return client_of(caller)


@pytest.fixture
def stranger(client_of: ClientOf) -> httpx.AsyncClient:
    return client_of(Caller(account_id=new_id(), actor="eve", role="admin"))


async def add_contact(client: httpx.AsyncClient, number: str, **more: Any) -> dict[str, Any]:
    answer = await client.post("/v1/contacts", json={"number": number, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def everything(client: httpx.AsyncClient, path: str, limit: int = 2) -> list[dict[str, Any]]:
    """All items of a list, page by page."""
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = (await client.get(path, params=query)).json()
        assert ("total" in page) == ("after" not in query)
        found += page["items"]
        if page["next"] is None:
            return found
        query["after"] = page["next"]


async def changes(pool: Pool, caller: Caller) -> list[tuple[str, bool, str]]:
    """What was told about suppressions of the account."""
    rows = await pool.fetch("SELECT value FROM outbox WHERE topic = 'suppression.changes' ORDER BY id")
    events = [decode("volley.suppression.changed.v1", row["value"]) for row in rows]
    return [
        (event.number, event.suppressed, event.reason)
        for event in events
        if isinstance(event, SuppressionChanged) and event.account_id == caller.account_id
    ]


async def test_contacts_are_added_replaced_and_erased(client: httpx.AsyncClient) -> None:
    made = await add_contact(client, "020 7946 0123", country="GB", attributes={"name": "Zoë"}, tags=["a", "a "])
    assert (made["number"], made["country"], made["tags"]) == ("+442079460123", "GB", ["a"])
    assert (await client.get(f"/v1/contacts/{made['id']}")).json() == made
    taken = await client.post("/v1/contacts", json={"number": "+442079460123"})
    assert (taken.status_code, taken.json()["contact_id"]) == (409, made["id"])

    body = {"number": "+442079460124", "attributes": {"city": "Λάρισα"}, "timezone": "Europe/London"}
    put = await client.put(f"/v1/contacts/{made['id']}", json=body)
    assert put.status_code == 200
    assert (put.json()["attributes"], put.json()["tags"]) == ({"city": "Λάρισα"}, [])
    assert put.json()["created_at"] == made["created_at"]
    other = await add_contact(client, "+442079460125")
    assert (await client.put(f"/v1/contacts/{other['id']}", json=body)).status_code == 409
    assert (await client.put(f"/v1/contacts/{new_id()}", json={"number": "+442079460129"})).status_code == 404
    assert (await client.get("/v1/contacts/attributes")).json() == ["city", "name"]

    assert (await client.delete(f"/v1/contacts/{made['id']}")).status_code == 204
    assert (await client.delete(f"/v1/contacts/{made['id']}")).status_code == 404
    assert (await client.get("/v1/contacts", params={"number": "+442079460124"})).json()["items"] == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"number": "12"}, "number"),
        ({"number": "2025550143"}, "number"),
        ({"number": "+12025550143", "country": "USA"}, "country"),
        ({"number": "+12025550143", "attributes": {"First Name": "x"}}, "attributes.First Name"),
        ({"number": "+12025550143", "attributes": {"a": 1}}, "attributes[...]"),
        ({"number": "+12025550143", "timezone": "Mars/Base"}, "timezone"),
        ({"number": "+12025550143", "tags": ["x" * 65]}, "tags"),
        ({"number": "+12025550143", "colour": "red"}, "colour"),
        ({}, "number"),
    ],
)
async def test_illegal_contacts_are_refused_by_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/contacts", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await client.get("/v1/contacts")).json()["total"] == 0


async def test_contacts_are_listed_by_page_number_segment_and_tag(client: httpx.AsyncClient) -> None:
    made = [await add_contact(client, f"+1202555014{n}", tags=["vip"] if n < 2 else []) for n in range(5)]
    segment = (await client.post("/v1/segments", json={"name": "some"})).json()
    ids = [one["id"] for one in made]
    await client.post(f"/v1/segments/{segment['id']}/members", json={"contact_ids": ids[1:]})

    async def listed(**query: str) -> list[str]:
        path = str(httpx.URL("/v1/contacts", params=query))
        return [one["id"] for one in await everything(client, path)]

    assert [one["id"] for one in await everything(client, "/v1/contacts")] == ids[::-1]
    page = (await client.get("/v1/contacts", params={"tag": "vip"})).json()
    assert ([one["id"] for one in page["items"]], page["total"]) == ([ids[1], ids[0]], 2)
    page = (await client.get("/v1/contacts", params={"tag": "vip", "segment_id": segment["id"]})).json()
    assert ([one["id"] for one in page["items"]], page["total"]) == ([ids[1]], 1)
    found = await client.get("/v1/contacts?number=+12025550140")  # the plus sign arrives as a blank
    assert [one["id"] for one in found.json()["items"]] == [ids[0]]
    query = {"number": "+12025550140", "segment_id": segment["id"]}
    assert (await client.get("/v1/contacts", params=query)).json()["items"] == []
    for illegal in ({"limit": 0}, {"limit": 201}, {"after": "x"}):
        assert (await client.get("/v1/contacts", params=illegal)).status_code == 422


async def test_contacts_are_searched_and_exported_as_they_are_imported(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    zoe = await add_contact(
        client,
        "+12025550140",
        attributes={"name": 'Zoë "Z", Émile', "note": "two\nlines"},
        tags=["vip", "old"],
        timezone="Europe/Paris",
    )
    ann = await add_contact(client, "+442079460123", attributes={"city": "Émilia"})
    await add_contact(stranger, "+12025550140", attributes={"name": "Zoë"})
    segment = (await client.post("/v1/segments", json={"name": "some"})).json()
    await client.post(f"/v1/segments/{segment['id']}/members", json={"contact_ids": [ann["id"]]})

    async def found(search: str, **more: str) -> list[str]:
        page = (await client.get("/v1/contacts", params={"search": search, **more})).json()
        assert "total" not in page
        return [one["id"] for one in page["items"]]

    assert await found("ÉMIL") == [ann["id"], zoe["id"]]
    assert await found("émil", segment_id=segment["id"]) == [ann["id"]]
    assert await found("(202) 555-01") == [zoe["id"]]
    assert await found("20 7946") == [ann["id"]]
    assert await found("20%") == []
    assert await found('oë "z"') == await found("two\nl") == [zoe["id"]]
    assert await found("name") == []
    for illegal in ({"search": "x"}, {"search": "Zoë", "number": "+12025550140"}):
        refused = await client.get("/v1/contacts", params=illegal)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "search")

    export = await client.get("/v1/contacts/export.csv")
    assert export.headers["content-disposition"] == 'attachment; filename="contacts.csv"'
    assert list(csv.reader(io.StringIO(export.text))) == [
        ["number", "country", "tags", "timezone", "city", "name", "note"],
        ["+442079460123", "GB", "", "", "Émilia", "", ""],
        ["+12025550140", "US", "vip;old", "Europe/Paris", "", 'Zoë "Z", Émile', "two\nlines"],
    ]
    part = (await client.get("/v1/contacts/export.csv", params={"tag": "vip", "search": "zoë"})).text
    assert [row[0] for row in csv.reader(io.StringIO(part))] == ["number", "+12025550140"]
    columns = read_header(export.content.partition(b"\r\n")[0], {}, None)
    again = contact_of(next(csv.reader(io.StringIO(export.text.split("\r\n", 2)[2]))), columns)
    assert again == ("+12025550140", "US", zoe["attributes"], zoe["tags"], zoe["timezone"])


async def test_segments_count_their_members(client: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    ids = [(await add_contact(client, f"+1202555014{n}"))["id"] for n in range(3)]
    foreign = (await add_contact(stranger, "+12025550150"))["id"]
    made = [(await client.post("/v1/segments", json={"name": name})).json() for name in ("one", " two ", "three")]
    assert (await client.post("/v1/segments", json={"name": "two"})).status_code == 409
    assert (await client.post("/v1/segments", json={"name": " "})).status_code == 422
    assert [one["name"] for one in await everything(client, "/v1/segments")] == ["three", "two", "one"]

    path = f"/v1/segments/{made[0]['id']}"
    assert (await client.post(f"{path}/members", json={"contact_ids": ids})).json()["members"] == 3
    assert (await client.post(f"{path}/members", json={"contact_ids": ids[:1]})).json()["members"] == 3
    refused = await client.post(f"{path}/members", json={"contact_ids": [foreign]})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "contact_ids")
    assert (await client.post(f"{path}/members", json={"contact_ids": []})).status_code == 422
    assert [one["id"] for one in await everything(client, f"{path}/members")] == ids[::-1]
    removed = await client.post(f"{path}/members/remove", json={"contact_ids": [ids[0], foreign]})
    assert removed.json()["members"] == 2
    await client.delete(f"/v1/contacts/{ids[1]}")
    assert (await client.get(path)).json()["members"] == 1

    for method, where in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/members"),
        ("POST", "/members"),
        ("POST", "/members/remove"),
    ):
        body = {"contact_ids": [foreign]} if method == "POST" else None
        assert (await stranger.request(method, path + where, json=body)).status_code == 404, where
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(f"/v1/contacts/{ids[2]}")).status_code == 200


async def test_suppressions_are_told_once_a_change(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, pool: Pool, caller: Caller
) -> None:
    made = await client.post("/v1/suppressions", json={"number": "(202) 555-0143", "country": "US"})
    assert (made.status_code, made.json()["number"], made.json()["reason"]) == (201, "+12025550143", "manual")
    again = await client.post("/v1/suppressions", json={"number": "+12025550143", "reason": "complaint"})
    assert (again.status_code, again.json()) == (200, made.json())
    for number in ("+12025550142", "+442079460123"):
        await client.post("/v1/suppressions", json={"number": number, "reason": "complaint"})
    assert [one["number"] for one in await everything(client, "/v1/suppressions")] == [
        "+12025550142",
        "+12025550143",
        "+442079460123",
    ]
    export = await client.get("/v1/suppressions/export.csv")
    assert [line.split(",")[:2] for line in export.text.splitlines()] == [
        ["number", "reason"],
        ["+12025550142", "complaint"],
        ["+12025550143", "manual"],
        ["+442079460123", "complaint"],
    ]
    assert (await stranger.get("/v1/suppressions")).json()["items"] == []
    assert (await stranger.delete("/v1/suppressions/+12025550143")).status_code == 404
    assert (await client.get("/v1/suppressions", params={"number": "+12025550143"})).json()["items"] == [made.json()]

    assert (await client.delete("/v1/suppressions/%2B12025550143")).status_code == 204
    assert (await client.delete("/v1/suppressions/12025550143")).status_code == 404
    assert await changes(pool, caller) == [
        ("+12025550143", True, "manual"),
        ("+12025550142", True, "complaint"),
        ("+442079460123", True, "complaint"),
        ("+12025550143", False, "manual"),
    ]
    illegal = await client.post("/v1/suppressions", json={"number": "+12025550143", "reason": "stop_keyword"})
    assert illegal.status_code == 422


async def test_senders_are_added_changed_and_removed(
    client: httpx.AsyncClient, stranger: httpx.AsyncClient, pool: Pool, caller: Caller
) -> None:
    body = {"address": "VOLLEY", "parts_per_second": 50, "countries": ["us", "FR"]}
    made = (await client.post("/v1/senders", json=body)).json()
    assert (made["kind"], made["countries"]) == ("alphanumeric", ["FR", "US"])
    assert (await client.post("/v1/senders", json=body)).status_code == 409
    await client.post("/v1/senders", json={"address": "12345", "parts_per_second": 1})
    await client.post("/v1/senders", json={"address": "+1 202 555 0143", "parts_per_second": 10})
    listed = await everything(client, "/v1/senders")
    assert [(one["address"], one["kind"]) for one in listed] == [
        ("+12025550143", "long_number"),
        ("12345", "short_code"),
        ("VOLLEY", "alphanumeric"),
    ]
    path = f"/v1/senders/{made['id']}"
    assert (await client.patch(path, json={"parts_per_second": 80})).json()["countries"] == ["FR", "US"]
    changed = (await client.patch(path, json={"countries": None})).json()
    assert (changed["parts_per_second"], changed["countries"]) == (80, None)
    assert (await client.get(path)).json() == changed
    assert (await client.patch(path, json={"validity_s": 3600})).json()["validity_s"] == 3600
    assert (await client.patch(path, json={"validity_s": None})).json() == changed
    for illegal in ({"parts_per_second": 0}, {"countries": ["XX"]}, {"address": "OTHER"}, {"validity_s": 59}):
        assert (await client.patch(path, json=illegal)).status_code == 422
    for method in ("GET", "PATCH", "DELETE"):
        body_ = {} if method == "PATCH" else None
        assert (await stranger.request(method, path, json=body_)).status_code == 404

    campaign = (await client.post("/v1/campaigns", json={"name": "Spring"})).json()
    await client.patch(f"/v1/campaigns/{campaign['id']}", json={"sender_id": made["id"]})
    await pool.execute("UPDATE campaigns SET status = 'sending' WHERE account_id = $1", caller.account_id)
    refused = await client.delete(path)
    assert (refused.status_code, refused.json()["campaigns"]) == (409, ["Spring"])
    await pool.execute("UPDATE campaigns SET status = 'finished' WHERE account_id = $1", caller.account_id)
    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).status_code == 404


async def test_an_edit_of_a_sender_is_told_with_its_number(client: httpx.AsyncClient, pool: Pool) -> None:
    made = (await client.post("/v1/senders", json={"address": "VOLLEY", "parts_per_second": 50})).json()
    path = f"/v1/senders/{made['id']}"
    for edit in ({"parts_per_second": 80}, {"parts_per_second": 80}, {"countries": ["FR"], "parts_per_second": 5}):
        assert (await client.patch(path, json=edit)).status_code == 200
    rows = await pool.fetch("SELECT value FROM outbox WHERE topic = 'sender.changes' ORDER BY id")
    told = [decode("volley.sender.changed.v1", row["value"]) for row in rows]
    mine = [one for one in told if isinstance(one, SenderChanged) and str(one.sender_id) == made["id"]]
    assert [(one.version, one.parts_per_second, one.countries) for one in mine] == [(1, 80, None), (2, 5, ("FR",))]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"address": "TWELVE CHARS", "parts_per_second": 1}, "address"),
        ({"address": "VOLLEY", "parts_per_second": 0}, "parts_per_second"),
        ({"address": "VOLLEY"}, "parts_per_second"),
        ({"address": "VOLLEY", "parts_per_second": 1, "kind": "pigeon"}, "kind"),
        ({"address": "VOLLEY", "parts_per_second": 1, "countries": []}, "countries"),
    ],
)
async def test_illegal_senders_are_refused_by_field(
    client: httpx.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await client.post("/v1/senders", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_list_of_suppressions_is_imported(client: httpx.AsyncClient, pool: Pool) -> None:
    await client.post("/v1/suppressions", json={"number": "+12025550143"})
    data = b"number,reason\n+12025550143,x\n+12025550144,x\n(202) 555-0145,\n+12025550144,again\nnobody\n"
    headers = {"content-type": "text/csv"}
    answer = await client.post("/v1/suppressions/import", content=data, headers=headers, params={"country": "US"})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["added"], done["known"], done["rejected"]) == (2, 1, 1)
    assert [(row["line"], row["excerpt"]) for row in done["rejects"]] == [(6, "nobody")]
    listed = (await client.get("/v1/suppressions")).json()
    found = {item["number"]: item["reason"] for item in listed["items"]}
    assert found == {"+12025550143": "manual", "+12025550144": "import", "+12025550145": "import"}
    told = await pool.fetch("SELECT value FROM outbox WHERE topic = 'suppression.changes'")
    numbers = [number for row in told for number in found if number.encode() in row["value"]]
    assert {"+12025550144", "+12025550145"} <= set(numbers)
    exported = (await client.get("/v1/suppressions/export.csv")).content
    again = (await client.post("/v1/suppressions/import", content=exported, headers=headers)).json()
    assert (again["added"], again["known"], again["rejected"]) == (0, 3, 0)


@pytest.fixture
async def no_relay(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Nobody empties the outbox in these tests: long lists do not wait for that."""
    monkeypatch.setattr(suppress_list, "MOST_WAITING", 10**6)
    yield
    await pool.execute("DELETE FROM outbox")


@pytest.mark.usefixtures("no_relay")
async def test_a_long_list_is_taken_while_it_comes_in(client: httpx.AsyncClient, pool: Pool, caller: Caller) -> None:
    rows = [f"+1{area}555{n:04d}" for area in (202, 212, 312) for n in range(7000)]

    async def pieces() -> AsyncIterator[bytes]:
        yield b"number\n"
        for start in range(0, len(rows), 3000):
            yield "".join(f"{number}\n" for number in rows[start : start + 3000]).encode()
            if start == 18_000:
                there = await pool.fetchval(
                    "SELECT count(*) FROM suppressions WHERE account_id = $1", caller.account_id
                )
                assert 0 < there < len(rows)
        yield b"nobody\n" + f"{rows[0]}\n".encode()

    headers = {"content-type": "text/csv"}
    answer = await client.post("/v1/suppressions/import", content=pieces(), headers=headers)
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["added"], done["known"], done["rejected"]) == (21_000, 1, 1)
    assert [row["line"] for row in done["rejects"]] == [21_002]
    assert (await client.get("/v1/suppressions")).json()["total"] == 21_000
    assert len(await changes(pool, caller)) == 21_000
    exported = (await client.get("/v1/suppressions/export.csv")).content
    assert exported.count(b"\n") == 21_001
    again = (await client.post("/v1/suppressions/import", content=exported, headers=headers)).json()
    assert (again["added"], again["known"], again["rejected"]) == (0, 21_000, 0)


@pytest.mark.usefixtures("no_relay")
async def test_a_list_that_is_none_is_refused(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "text/csv"}
    for data, message in (
        (b"name\nAnn\n", "no column of numbers"),
        (b"", "is empty"),
        (b"number\n+12025550143\n\xe9", "is not UTF-8 at byte 21"),
    ):
        answer = await client.post("/v1/suppressions/import", content=data, headers=headers)
        assert answer.status_code == 422, answer.text
        assert message in answer.text
    assert (await client.get("/v1/suppressions")).json()["total"] == 0
    broken = b"number\n" + b"".join(b"+1202555%04d\n" % n for n in range(9000)) + b"\n" * 60_000 + b"\xe9"
    answer = await client.post("/v1/suppressions/import", content=_in_pieces(broken), headers=headers)
    there = (await client.get("/v1/suppressions")).json()["total"]
    assert there > 0
    assert f"{there} numbers above it are suppressed" in answer.json()["errors"][0]["fix"]


async def _in_pieces(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 65_536):
        yield data[start : start + 65_536]
