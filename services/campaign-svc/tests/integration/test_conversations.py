"""Conversations: opened by what people write, answered by agents; keywords answered by Volley itself."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest

from campaign_svc.handlers.receive_inbound import receive_inbound
from campaign_svc.handlers.settle_outcomes import settle_outcomes
from volley_chassis.database import Pool
from volley_chassis.http import Caller
from volley_chassis.kafka import Received
from volley_contracts import CampaignBatch, InboundMessage, MessageOutcomes, decode, is_aside, new_id, now, topics

from .conftest import ClientOf
from .test_audience_events import NUMBER, launched

ADDRESS = "VolleyShop"


@pytest.fixture
async def client(client_of: ClientOf, caller: Caller) -> Any:
    async with client_of(caller) as opened:
        yield opened


@pytest.fixture
async def sender_id(client: httpx.AsyncClient) -> UUID:
    made = await client.post("/v1/senders", json={"address": ADDRESS, "parts_per_second": 10})
    assert made.status_code == 201, made.text
    return UUID(made.json()["id"])


async def write(
    pool: Pool, caller: Caller, text: str, keyword: Any = None, number: str = NUMBER, language: str | None = None
) -> None:
    """A message of a person, delivered twice."""
    message = InboundMessage(
        account_id=caller.account_id,
        message_id=new_id(),
        from_number=number,
        to_address=ADDRESS,
        text=text,
        keyword=keyword,
        language=language,
        at=now(),
    )
    for event_id in ("one", "one", "two"):
        await receive_inbound(pool, Received(f"{message.message_id}{event_id}", "t", "/dispatch-svc", now(), message))


async def inbox(client: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    answer = await client.get(f"/v1/conversations{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def sent(pool: Pool, caller: Caller) -> list[CampaignBatch]:
    rows = await pool.fetch(
        "SELECT value, headers FROM outbox WHERE topic = $1 ORDER BY id", topics.CAMPAIGN_BATCHES.name
    )
    found = [decode(row["headers"]["ce_type"], row["value"]) for row in rows]
    return [b for b in found if isinstance(b, CampaignBatch) and b.account_id == caller.account_id]


async def a_contact(pool: Pool, caller: Caller) -> UUID:
    contact_id = new_id()
    await pool.execute(
        "INSERT INTO contacts (id, account_id, number, country, created_at, updated_at)"
        " VALUES ($1, $2, $3, 'US', now(), now())",
        contact_id,
        caller.account_id,
        NUMBER,
    )
    return contact_id


async def test_messages_of_a_person_make_one_conversation(pool: Pool, caller: Caller, client: Any) -> None:
    await write(pool, caller, "Which sizes?")
    await write(pool, caller, "Hello?")
    (one,) = await inbox(client)
    assert (one["number"], one["unread"], one["last_text"], one["status"]) == (NUMBER, 2, "Hello?", "open")
    messages = (await client.get(f"/v1/conversations/{one['id']}/messages?limit=1")).json()
    assert [m["text"] for m in messages["items"]] == ["Hello?"]
    rest = (await client.get(f"/v1/conversations/{one['id']}/messages?after={messages['next']}")).json()
    assert [(m["text"], m["direction"]) for m in rest["items"]] == [("Which sizes?", "in")]


async def test_it_is_assigned_read_closed_and_opens_again(pool: Pool, caller: Caller, client: Any) -> None:
    await write(pool, caller, "Hi")
    (one,) = await inbox(client, "?unread=true")
    path = f"/v1/conversations/{one['id']}"
    changed = (await client.patch(path, json={"assigned_to": "olga", "status": "closed", "read": True})).json()
    assert (changed["assigned_to"], changed["status"], changed["unread"]) == ("olga", "closed", 0)
    assert await inbox(client, "?unread=true") == []
    assert len(await inbox(client, "?assigned_to=olga&status=closed")) == 1
    await write(pool, caller, "One more thing")
    (again,) = await inbox(client, "?status=open&assigned_to=olga")
    assert again["unread"] == 1
    assert (await client.patch(path, json={"assigned_to": None})).json()["assigned_to"] is None


async def test_an_agent_finds_what_is_theirs_nobodys_and_what_was_written(
    pool: Pool, caller: Caller, client: Any, client_of: ClientOf, sender_id: UUID
) -> None:
    ada = msgspec.structs.replace(caller, actor="user:ada@shop.example")
    by_key = msgspec.structs.replace(caller, actor="key:vk_11111111", owner="user:ada@shop.example")
    contact_id = await a_contact(pool, caller)
    await pool.execute("UPDATE contacts SET attributes = $2 WHERE id = $1", contact_id, {"first_name": "Zoë"})
    others = ("+12025550111", "+12025550122")
    await write(pool, caller, "Which sizes?")
    await write(pool, caller, "Where is my PARCEL?", number=others[0])
    await write(pool, caller, "Hello?", number=others[1])
    await write(pool, caller, "Anybody?", number=others[1])
    ids = {one["number"]: one["id"] for one in await inbox(client)}
    await client.patch(f"/v1/conversations/{ids[NUMBER]}", json={"assigned_to": "ada@shop.example"})
    await client.patch(f"/v1/conversations/{ids[others[0]]}", json={"assigned_to": "bob@shop.example", "read": True})
    await client.post(f"/v1/conversations/{ids[others[1]]}/messages", json={"text": "We are at lunch"})
    await write(pool, caller, "Hello??", number=others[1])
    async with client_of(ada) as agent, client_of(by_key) as program:
        for one in (agent, program):
            counts = (await one.get("/v1/conversations/counts")).json()
            assert counts == {
                "open": 3,
                "unread": 2,
                "unread_messages": 2,
                "mine": 1,
                "mine_unread": 1,
                "unassigned": 1,
                "unassigned_unread": 1,
            }
            assert [c["number"] for c in await inbox(one, "?assigned=me")] == [NUMBER]
        for query, found in (
            ("assigned=nobody", [others[1]]),
            ("assigned=somebody", [others[0], NUMBER]),
            ("assigned=somebody&unread=true", [NUMBER]),
            ("search=parcel", [others[0]]),
            ("search=at%20lunch", [others[1]]),
            ("search=zo%C3%AB", [NUMBER]),
            ("search=0122", [others[1]]),
            ("search=nothing%20like%20it", []),
        ):
            assert [c["number"] for c in await inbox(agent, f"?{query}")] == found, query


async def test_it_opens_again_after_a_campaign_that_asked_for_no_answers(
    pool: Pool, caller: Caller, client: Any
) -> None:
    await write(pool, caller, "Hi")
    (one,) = await inbox(client)
    await client.patch(f"/v1/conversations/{one['id']}", json={"status": "closed"})
    await launched(pool, caller.account_id, await a_contact(pool, caller), at=now())
    await write(pool, caller, "STOP", "stop")
    assert await inbox(client, "?status=open") == [], "a keyword is obeyed, not discussed"
    await write(pool, caller, "And my order?")
    (again,) = await inbox(client, "?status=open")
    assert again["last_text"] == "And my order?"


async def test_an_answer_goes_out_from_the_sender_they_wrote_to(
    pool: Pool, caller: Caller, client: Any, sender_id: UUID
) -> None:
    await write(pool, caller, "Which sizes?")
    (one,) = await inbox(client)
    path = f"/v1/conversations/{one['id']}/messages"
    answer = await client.post(path, json={"text": "S to XL {{ first_name }}"})
    assert (answer.status_code, answer.json()["unread"]) == (202, 0), answer.text
    (batch,) = await sent(pool, caller)
    assert is_aside(batch.campaign_id)
    assert (batch.sender.id, batch.recipients.numbers) == (sender_id, [NUMBER])
    assert (batch.content.variants, batch.recipients.values) == (("{{ text }}",), [("S to XL {{ first_name }}",)])
    event = MessageOutcomes(
        account_id=caller.account_id,
        campaign_id=batch.campaign_id,
        batch_no=0,
        sender_id=sender_id,
        currency="EUR",
        seqs=[0],
        outcomes=["submitted"],
        variants=[0],
        countries=["US"],
        parts=[1],
        costs=[Decimal("0.0079")],
        errors=[None],
        at=now(),
    )
    for _ in range(2):
        await settle_outcomes(pool, Received(f"{batch.campaign_id}:0:0", "t", "/dispatch-svc", now(), event), at=now())
    newest = (await client.get(path)).json()["items"][0]
    assert (newest["direction"], newest["author"], newest["outcome"]) == ("out", "olga", "submitted")
    assert (newest["cost"], newest["currency"]) == ("0.0079", "EUR")


async def test_whoever_opted_out_is_not_answered(pool: Pool, caller: Caller, client: Any, sender_id: UUID) -> None:
    await write(pool, caller, "Hi")
    await write(pool, caller, "Stop", "stop")
    (one,) = await inbox(client)
    assert one["last_text"].startswith(f"{ADDRESS}: you are unsubscribed")
    answer = await client.post(f"/v1/conversations/{one['id']}/messages", json={"text": "Sorry"})
    assert (answer.status_code, answer.json()["code"]) == (409, "suppressed")
    assert "Sorry" not in await texts_sent(pool, caller)


async def test_without_the_sender_there_is_no_answer(pool: Pool, caller: Caller, client: Any) -> None:
    await write(pool, caller, "Hi")
    (one,) = await inbox(client)
    answer = await client.post(f"/v1/conversations/{one['id']}/messages", json={"text": "Hello"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_sender")
    blank = await client.post(f"/v1/conversations/{one['id']}/messages", json={"text": "  "})
    assert (blank.status_code, blank.json()["errors"][0]["field"]) == (422, "text")


@pytest.mark.parametrize(("kind", "opened"), [("outbound", 0), ("two_way", 1)])
async def test_only_two_way_campaigns_open_conversations(
    pool: Pool, caller: Caller, client: Any, kind: str, opened: int
) -> None:
    campaign_id = await launched(pool, caller.account_id, await a_contact(pool, caller), at=now())
    await pool.execute("UPDATE campaigns SET type = $2 WHERE id = $1", campaign_id, kind)
    await write(pool, caller, "Yes please")
    found = await inbox(client)
    assert [one["campaign_id"] for one in found] == [str(campaign_id)] * opened
    assert len(await inbox(client, f"?campaign_id={campaign_id}")) == opened


async def texts_sent(pool: Pool, caller: Caller) -> list[str]:
    return [batch.recipients.values[0][0] for batch in await sent(pool, caller)]


async def test_keywords_are_answered_by_default_in_the_language_of_the_word_or_the_country(
    pool: Pool, caller: Caller, client_of: ClientOf
) -> None:
    named = msgspec.structs.replace(caller, account_name="Ölmühle & Söhne")
    async with client_of(named) as client:
        assert (await client.post("/v1/senders", json={"address": ADDRESS, "parts_per_second": 10})).status_code == 201
        for word, keyword, language, number in (
            ("help", "help", None, NUMBER),
            ("hilfe", "help", "de", NUMBER),
            ("help", "help", None, "+33612345678"),
            ("help", "help", None, "+35699123456"),  # Maltese is not among the languages
            ("stop", "stop", None, NUMBER),
            ("stop", "stop", None, NUMBER),
            ("start", "start", None, NUMBER),
        ):
            await write(pool, caller, word, keyword, number, language)
        listed = {
            (one["keyword"], one["language"]): one["text"]
            for one in (await client.get("/v1/keyword-replies/defaults")).json()["items"]
        }
    assert await texts_sent(pool, caller) == [
        listed["help", "en"],
        listed["help", "de"],
        listed["help", "fr"],
        listed["help", "en"],
        listed["stop", "en"],
        listed["start", "en"],
    ]
    assert all(text.startswith("Ölmühle & Söhne: ") for text in listed.values())
    assert all("STOP" in text for (keyword, _), text in listed.items() if keyword != "stop")


async def test_keywords_are_answered_as_the_account_says(
    pool: Pool, caller: Caller, client: Any, sender_id: UUID
) -> None:
    put = await client.put("/v1/keyword-replies/help", json={"text": "Volley Shop. STOP to end."})
    assert put.status_code == 200, put.text
    await client.put("/v1/keyword-replies/stop", json={"text": None})
    await write(pool, caller, "help", "help")
    await write(pool, caller, "stop", "stop")  # nothing is to be said to that
    await write(pool, caller, "help", "help")  # they have opted out
    assert await texts_sent(pool, caller) == ["Volley Shop. STOP to end."]
    assert await inbox(client) == []
    assert (await client.delete("/v1/keyword-replies/help")).status_code == 204
    (left,) = (await client.get("/v1/keyword-replies")).json()["items"]
    assert (left["keyword"], left["text"]) == ("stop", None)
    await write(pool, caller, "help", "help", "+12025550188")  # no name is known: the sender's
    assert (await texts_sent(pool, caller))[1].startswith(f"{ADDRESS}: ")


async def test_a_stop_is_confirmed_once(pool: Pool, caller: Caller, client: Any, sender_id: UUID) -> None:
    await client.put("/v1/keyword-replies/stop", json={"text": "Bye."})
    await client.put("/v1/keyword-replies/start", json={"text": None})
    await write(pool, caller, "start", "start")
    await write(pool, caller, "stop", "stop")
    await write(pool, caller, "stop", "stop")
    await write(pool, caller, "help", "help")
    (batch,) = await sent(pool, caller)
    assert (batch.recipients.values, batch.despite_optout) == ([("Bye.",)], True)


async def test_a_reply_is_in_the_language_of_the_keyword(
    pool: Pool, caller: Caller, client: Any, sender_id: UUID
) -> None:
    await client.put("/v1/keyword-replies/help", json={"text": "Volley Shop."})
    put = await client.put("/v1/keyword-replies/help?language=fr", json={"text": "Boutique Volley."})
    assert [(one["keyword"], one["language"]) for one in put.json()["items"]] == [("help", None), ("help", "fr")]
    for word, language in (("aide", "fr"), ("hilfe", "de"), ("help", None)):
        await write(pool, caller, word, "help", language=language)
    assert (await client.delete("/v1/keyword-replies/help?language=fr")).status_code == 204
    await write(pool, caller, "aide", "help", language="fr")
    texts = await texts_sent(pool, caller)
    assert texts == ["Boutique Volley.", "Volley Shop.", "Volley Shop.", "Volley Shop."]
    assert not any(batch.despite_optout for batch in await sent(pool, caller))


async def test_a_short_code_that_writes_help_is_not_answered(
    pool: Pool, caller: Caller, client: Any, sender_id: UUID
) -> None:
    await client.put("/v1/keyword-replies/help", json={"text": "Volley Shop."})
    await write(pool, caller, "help", "help", number="12345")
    assert await sent(pool, caller) == []


async def test_accounts_do_not_see_each_others_conversations(
    pool: Pool, caller: Caller, client: Any, client_of: ClientOf
) -> None:
    await write(pool, caller, "Hi")
    (one,) = await inbox(client)
    async with client_of(Caller(account_id=new_id(), actor="eve", role="operator")) as stranger:
        assert await inbox(stranger) == []
        for method, path in (("GET", ""), ("GET", "/messages"), ("PATCH", ""), ("POST", "/messages")):
            body = {"text": "x"} if method == "POST" else {}
            answer = await stranger.request(method, f"/v1/conversations/{one['id']}{path}", json=body)
            assert answer.status_code == 404
