"""A person who is erased is in no table of any service any more; what was counted stays."""

import asyncpg

from volley_tools.demo import story
from volley_tools.demo.api import Api, until
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

SECONDS = 60.0
GONE, NAME = "+14035550142", "Zebulon"
CSV = f"""number,first_name,city,timezone
{GONE},{NAME},Rome,
+14035550143,Ida,Rome,
(403) 555-0142,{NAME},,Mars/Olympus
"""


async def test_who_is_erased_is_in_no_table(
    mine: Api, http_route: story.Json, provider: Provider, stack: Stack
) -> None:
    await provider.behave(reply=1000, reply_text="It is me")
    events = ["volley.message.inbound.v1", "volley.suppression.changed.v1"]
    await mine.post("/v1/webhooks", {"url": "https://hooks.example.com/", "events": events})
    await mine.put("/v1/test-numbers", {"numbers": [GONE]})
    things = await story.prepare_plain(mine, "forget", CSV.encode(), http_route, 100)
    campaign = await story.write_plain(mine, things, "forget")
    await mine.patch(f"/v1/campaigns/{campaign['id']}", {"type": "two_way"})
    await mine.post(f"/v1/campaigns/{campaign['id']}/tests", {})
    await mine.post("/v1/suppressions", {"number": GONE})
    await mine.delete(f"/v1/suppressions/{GONE}")
    await story.move(mine, campaign, "submit")
    finished = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)
    [conversation] = await until(lambda: _conversations(mine), seconds=SECONDS, what="the reply")
    await provider.behave(reply=0)
    await mine.post(f"/v1/conversations/{conversation['id']}/messages", {"text": f"Dear {NAME}"})
    await until(lambda: _answered(mine, conversation["id"]), seconds=SECONDS, what="the answer to be taken")
    assert await _where(stack) >= {"recipients", "inbound_messages", "conversations", "test_numbers", "answers"}

    [contact] = (await mine.get("/v1/contacts", number=GONE))["items"]
    await mine.delete(f"/v1/contacts/{contact['id']}")

    async def forgotten() -> bool:
        return not await _where(stack)

    await until(forgotten, seconds=2 * SECONDS, what="the number to be nowhere")
    found = await mine.get(f"/v1/campaigns/{campaign['id']}")
    assert (found["counts"], found["cost"]) == (finished["counts"], finished["cost"])


async def _conversations(api: Api) -> list[object]:
    return list((await api.get("/v1/conversations", number=GONE))["items"])


async def _answered(api: Api, conversation_id: str) -> bool:
    newest = (await api.get(f"/v1/conversations/{conversation_id}/messages"))["items"][0]
    return bool(newest["outcome"] == "submitted")


async def _where(stack: Stack) -> set[str]:
    """The tables of all databases that have the number or the name somewhere, bytes too."""
    return {table for database in stack.platform.databases() for table in await _tables(stack, database)}


async def _tables(stack: Stack, database: str) -> list[str]:
    connection = await asyncpg.connect(f"{stack.addresses.postgres}/{database}")
    try:
        tables = [
            row[0]
            for row in await connection.fetch("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")
        ]
        traces = [GONE[1:], GONE[2:], NAME, "(403) 555-0142"]
        patterns = [f"%{text}%" for trace in traces for text in (trace, trace.encode().hex())]
        query = 'SELECT EXISTS (SELECT FROM "{}" AS t WHERE t::text LIKE ANY($1::text[]))'
        return [table for table in tables if await connection.fetchval(query.format(table), patterns)]
    finally:
        await connection.close()
