"""A person answers a campaign, an agent or Volley itself answers the person: from phone to phone."""

import pytest

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.provider import Provider

RECIPIENTS, PACE, SECONDS = 20, 100, 60.0
ANSWER = "S to XL, until {{ Friday }}\nSee you!"


async def test_a_reply_is_answered_by_an_agent(mine: Api, http_route: story.Json, provider: Provider) -> None:
    await provider.behave(reply=1000, reply_text="Which sizes?")
    things = await story.prepare_plain(mine, "talk", people.csv_file(RECIPIENTS), http_route, PACE)
    campaign = await story.write_plain(mine, things, "talk")
    await mine.patch(f"/v1/campaigns/{campaign['id']}", {"type": "two_way"})
    await story.move(mine, campaign, "submit")
    await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)

    async def all_wrote() -> list[dict[str, object]]:
        page = await mine.get("/v1/conversations", campaign_id=campaign["id"], unread="true")
        return list(page["items"]) if len(page["items"]) == RECIPIENTS else []

    (first, *_) = await until(all_wrote, seconds=SECONDS, what="every person's reply")
    await provider.behave(reply=0)
    agent = {"email": f"agent-{first['id']}@example.com", "name": "Ada", "role": "operator"}
    await mine.post("/v1/users", agent)
    await mine.patch(f"/v1/conversations/{first['id']}", {"assigned_to": agent["email"]})
    with pytest.raises(ApiError, match="assigned_to"):
        await mine.patch(f"/v1/conversations/{first['id']}", {"assigned_to": "somebody@else.example"})
    assert (await mine.get("/v1/conversations/counts"))["unassigned"] == RECIPIENTS - 1
    await mine.post(f"/v1/conversations/{first['id']}/messages", {"text": ANSWER})

    async def submitted() -> bool:
        newest = (await mine.get(f"/v1/conversations/{first['id']}/messages"))["items"][0]
        return bool(newest["outcome"] == "submitted" and newest["currency"] == "EUR")

    await until(submitted, seconds=SECONDS, what="the answer to be taken")

    async def counted() -> bool:
        found = await mine.get(f"/v1/campaigns/{campaign['id']}/stats")
        by_country = sum(country["replies"] for country in found["countries"])
        return bool(found["totals"]["replies"] == by_country == RECIPIENTS)

    await until(counted, seconds=SECONDS, what="the replies among the campaign's figures")
    ledger = await provider.ledger()
    got = [m["text"] for m in ledger.of_sender(things.senders[0]["address"]) if m["to"] == first["number"]]
    assert got[1:] == [ANSWER]

    await provider.behave(reply=1000, reply_text="Hilfe!")
    await mine.post(f"/v1/conversations/{first['id']}/messages", {"text": "Anything else?"})
    name = (await mine.get("/v1/me"))["account"]["name"]

    async def helped() -> list[str]:
        texts = [m["text"] for m in (await provider.ledger()).messages if m["to"] == first["number"]]
        return [text for text in texts if text.startswith(f"{name}: Sie erhalten") and "STOP" in text]

    await until(helped, seconds=SECONDS, what="an answer to a word for help")
    await provider.behave(reply=0)
