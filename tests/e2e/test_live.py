"""The live stream of a campaign to its end: filtered, renamed meanwhile, and gone on with after a broken connection."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from volley_tools.demo import people, story
from volley_tools.demo.api import Api

RECIPIENTS, PACE, SECONDS = 240, 60, 60.0


class Listening:
    """An open stream; `last_id` as a browser keeps it."""

    def __init__(self, lines: Any) -> None:
        self.lines = lines
        self.last_id = ""

    async def event(self) -> tuple[str, Any]:
        fields: dict[str, str] = {}
        async for line in self.lines:
            name, _, value = line.decode().rstrip("\r\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                return fields["event"], json.loads(fields["data"])
        raise AssertionError("the stream ended")


@asynccontextmanager
async def listening(api: Api, query: list[tuple[str, str]], last_id: str = "") -> AsyncIterator[Listening]:
    headers = api.headers | ({"Last-Event-ID": last_id} if last_id else {})
    async with api.session.get(f"{api.url}/v1/live", params=query, headers=headers) as answer:
        assert answer.status == 200
        yield Listening(answer.content)


async def test_a_campaign_is_followed_live(mine: Api, http_route: story.Json) -> None:
    things = await story.prepare_plain(mine, "live", people.csv_file(RECIPIENTS), http_route, PACE)
    campaign = await story.write_plain(mine, things, "Spring & more")
    path = f"/v1/campaigns/{campaign['id']}"
    await mine.patch(path, {"tags": ["shoes", "sale"]})
    query = [("name", "SPRING"), ("tag", "sale"), ("tag", "shoes")]
    figures, moves, renamed = [], [], False
    async with (
        asyncio.timeout(SECONDS),
        listening(mine, query) as followed,
        listening(mine, [("status", "finished")]) as ended,
    ):
        await story.move(mine, campaign, "submit")
        first, _ = await followed.event()
        first_id = followed.last_id
        while not figures or (figures[-1]["status"], figures[-1]["progress"]) != ("finished", 1):
            name, data = await followed.event()
            assert data["campaign_id"] == campaign["id"]
            (figures if name == "figures" else moves).append(data)
            if name == "figures" and data["rate"] and not renamed:
                await mine.patch(path, {"name": "Spring again"})
                renamed = True
        name, data = await ended.event()
        assert "finished" in {data.get("status"), data.get("status_to")}
    assert first in {"figures", "campaign_moved"}
    assert [move["status_to"] for move in moves][-1] == "finished"
    assert {(one["name"], *one["tags"]) for one in figures} == {
        ("Spring & more", "shoes", "sale"),
        ("Spring again", "shoes", "sale"),
    }
    progress = [one["progress"] for one in figures if one["progress"] is not None]
    assert progress == sorted(progress)
    assert figures[-1]["submitted"] == figures[-1]["recipients"] == RECIPIENTS

    async with asyncio.timeout(SECONDS), listening(mine, query, last_id=first_id) as again:
        missed = []
        while not missed or missed[-1][1].get("status_to") != "finished":
            missed.append(await again.event())
    told = [data["version"] for name, data in missed if name == "campaign_moved"]
    assert told == sorted(told)
    assert {move["version"] for move in moves} <= set(told)
    async with asyncio.timeout(SECONDS), listening(mine, query, last_id="of-another-platform") as other:
        assert await other.event() == ("reset", {})
