"""People are forgotten: at once where nobody needs them, else when the last campaign that does has ended."""

from typing import Any
from uuid import UUID

import msgspec

from campaign_svc.handlers.erase_contact import carry_out_next_erasure
from campaign_svc.handlers.import_contacts import Ahead, import_slice
from campaign_svc.handlers.receive_inbound import receive_inbound
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import ContactErased, InboundMessage, new_id, now, topics


async def erase(lab: Any, number: str) -> str:
    """The id of the contact that had the number."""
    [contact] = (await lab.client.get("/v1/contacts", params={"number": number})).json()["items"]
    assert (await lab.client.delete(f"/v1/contacts/{contact['id']}")).status_code == 204
    assert (await lab.client.get("/v1/contacts", params={"number": number})).json()["items"] == []
    return str(contact["id"])


async def says(pool: Pool, account_id: UUID, number: str, text: str) -> None:
    event = InboundMessage(
        account_id=account_id,
        message_id=new_id(),
        from_number=number,
        to_address="V",
        text=text,
        keyword=None,
        at=now(),
    )
    await receive_inbound(pool, Received(str(new_id()), "type", "/test", now(), event))


async def inbound(lab: Any) -> list[tuple[str, str]]:
    rows = await lab.pool.fetch(
        "SELECT from_number, text FROM inbound_messages WHERE account_id = $1 ORDER BY id", lab.audience.account_id
    )
    return [tuple(row) for row in rows]


async def numbers(lab: Any, campaign: dict[str, Any]) -> list[str]:
    rows = await lab.pool.fetch(
        "SELECT number FROM recipients WHERE campaign_id = $1 ORDER BY seq", UUID(campaign["id"])
    )
    return [row["number"] for row in rows]


async def told(lab: Any, campaign: dict[str, Any]) -> list[tuple[str, bool, bool]]:
    events = await lab.events(campaign, topics.CONTACT_ERASURES)
    return [(e.number, e.complete, e.suppressed) for e in events if isinstance(e, ContactErased)]


async def test_a_recipient_is_forgotten_when_the_campaign_has_ended(lab: Any) -> None:
    made = await lab.started(recipients=3)
    gone = "+12025550000001"
    await says(lab.pool, lab.audience.account_id, gone, "It is me, Zoe")
    await erase(lab, gone)
    await says(lab.pool, lab.audience.account_id, gone, "Hello again")
    segment = made["audience"]["include"][0]
    assert (await lab.client.get(f"/v1/segments/{segment}")).json()["members"] == 2
    assert not await carry_out_next_erasure(lab.pool), "the campaign still needs the number"
    assert gone in await numbers(lab, made)
    assert await told(lab, made) == [(gone, False, False)]

    await lab.do(made, "abort")
    before = (await lab.get(made))["counts"]
    assert await carry_out_next_erasure(lab.pool)
    assert not await carry_out_next_erasure(lab.pool)
    assert await numbers(lab, made) == ["+12025550000000", "", "+12025550000002"]
    assert (await lab.get(made))["counts"] == before
    assert await told(lab, made) == [(gone, False, False), (gone, True, False)]
    assert await inbound(lab) == [("", ""), (gone, "Hello again")], (
        "what came later is another's, or was sent knowingly"
    )
    rest = await lab.pool.fetchval(
        "SELECT count(*) FROM recipients WHERE campaign_id = $1 AND fields = '{}'", UUID(made["id"])
    )
    assert rest == 1


async def test_nobody_is_forgotten_while_an_audience_is_being_taken(lab: Any) -> None:
    draft = await lab.draft(recipients=2)
    await lab.do(draft, "submit")
    await erase(lab, "+12025550000000")
    assert not await carry_out_next_erasure(lab.pool)
    await lab.prepare()
    assert await carry_out_next_erasure(lab.pool)
    assert await numbers(lab, draft) == ["+12025550000001"]


async def test_tests_findings_and_rejected_rows_are_emptied(lab: Any, client_of: Any, caller: Caller) -> None:
    gone, other = "+12015550123", "+447911123456"
    async with client_of(msgspec.structs.replace(caller, role="admin")) as admin:
        assert (await admin.put("/v1/test-numbers", json={"numbers": [gone, other]})).is_success
    draft = await lab.draft(recipients=2, schedule=None)
    assert (await lab.client.post(f"/v1/campaigns/{draft['id']}/tests", json={})).status_code == 202
    person = {"number": gone, "attributes": {"first_name": "Cocaine Zoe"}}
    contact_id = (await lab.client.post("/v1/contacts", json=person)).json()["id"]
    assert (await lab.client.post(f"/v1/campaigns/{draft['id']}/tests", json={"contact_id": contact_id})).is_success
    csv = b"number,timezone\n(201) 555-0123,Mars/Olympus\n+447911123457,Mars/Olympus\n"
    await lab.client.post("/v1/contact-imports?country=US", content=csv, headers={"content-type": "text/csv"})
    while await import_slice(lab.pool, Ahead()):
        pass
    segment_id = draft["audience"]["include"][0]
    await lab.client.post(f"/v1/segments/{segment_id}/members", json={"contact_ids": [contact_id]})
    await lab.edit(draft, schedule={"start": "manual"})
    await lab.do(draft, "submit")
    await lab.prepare()
    rejected = await lab.get(draft)
    assert [f["matched"] for f in rejected["moderation"]["findings"]] == ["Cocaine"]
    assert "Cocaine" not in str(await lab.get(draft, "/history"))

    await erase(lab, gone)
    assert await carry_out_next_erasure(lab.pool)
    dump = await everything(lab.pool)
    assert not [table for table, rows in dump.items() if "2015550123" in rows or "Cocaine" in rows]
    assert "(201)" not in str(dump)
    kept = await lab.pool.fetch("SELECT number, text FROM test_messages ORDER BY test_id, seq")
    assert [(row["number"], bool(row["text"])) for row in kept] == [
        ("", False),
        (other, True),
        ("", False),
        (other, False),
    ]
    assert len((await lab.get(draft))["moderation"]["findings"]) == 1
    excerpts = await lab.pool.fetch("SELECT excerpt FROM contact_import_rejects ORDER BY line")
    assert [row["excerpt"].startswith("+447911123457") for row in excerpts] == [False, True]
    key = f"{caller.account_id}:{gone}".encode()
    assert (
        await lab.pool.fetchval("SELECT value FROM outbox WHERE topic = 'suppression.changes' AND key = $1", key) == b""
    )


async def everything(pool: Pool) -> dict[str, str]:
    """All rows of all tables as text, but for what waits to leave by Kafka."""
    tables = await pool.fetch(
        "SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname <> 'outbox'"
    )
    return {
        table["relname"]: "\n".join(
            row[0] for row in await pool.fetch(f'SELECT t::text FROM "{table["relname"]}" AS t')
        )
        for table in tables
    }


async def test_a_suppression_stays(lab: Any) -> None:
    draft = await lab.draft(recipients=1)
    await lab.audience.suppress("+12025550000000")
    contact_id = await erase(lab, "+12025550000000")
    assert await carry_out_next_erasure(lab.pool)
    assert await told(lab, draft) == [("+12025550000000", False, True), ("+12025550000000", True, True)]
    assert (await lab.client.get("/v1/suppressions", params={"number": "+12025550000000"})).json()["total"] == 1
    assert (await lab.client.delete(f"/v1/contacts/{contact_id}")).status_code == 404
