"""The life of a campaign as a person leads it: refused, mended, scheduled, paused, finished, listed, deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, ApiError, until
from volley_tools.demo.provider import Provider

RECIPIENTS, PACE, SECONDS = 150, 50, 60.0
BANNED = "Cheap cocaine! {{ short_url }} {{ optout_url }}"


def at(seconds: float) -> story.Json:
    return {"schedule": {"start": "at", "at": (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()}}


async def refused(api: Api, campaign: story.Json, move: str) -> story.Json:
    with pytest.raises(ApiError) as refusal:
        await story.move(api, campaign, move)
    assert refusal.value.status == 409
    return refusal.value.problem


async def moves_of(api: Api, campaign: story.Json) -> list[str]:
    return [entry["move"] async for entry in api.pages(f"/v1/campaigns/{campaign['id']}/history")]


async def test_from_a_rejected_text_to_a_finished_campaign(
    mine: Api, http_route: story.Json, provider: Provider
) -> None:
    await provider.behave(click=500)
    things = await story.prepare_plain(mine, "life", people.csv_file(RECIPIENTS), http_route, PACE)
    campaign = await story.write_plain(mine, things, "Life")
    path = f"/v1/campaigns/{campaign['id']}"
    good = [{"text": variant["text"], "ratio": variant["ratio"]} for variant in campaign["content"]["variants"]]

    await mine.patch(path, {"content": {"variants": [{"text": BANNED}]}})
    await story.move(mine, campaign, "submit")
    rejected = await story.wait_for_status(mine, campaign, "rejected", seconds=SECONDS)
    assert [BANNED[f["start"] : f["end"]] for f in rejected["moderation"]["findings"]] == ["cocaine"]
    mended = await mine.patch(path, {"content": {"variants": good}, "schedule": {"start": "manual"}})
    assert (mended["status"], mended["missing"]) == ("draft", [])
    assert (await refused(mine, campaign, "start"))["allowed"] == mended["allowed"]

    await story.move(mine, campaign, "submit")
    ready = await story.wait_for_status(mine, campaign, "ready", seconds=SECONDS)
    assert ready["forecast"]["recipients"] == RECIPIENTS
    assert (await mine.patch(path, at(3600)))["status"] == "scheduled"
    await mine.patch(path, at(1.5))
    await provider.accepted(10, seconds=SECONDS)
    assert (await story.move(mine, campaign, "pause"))["status"] == "paused"
    assert "resume" in (await refused(mine, campaign, "pause"))["allowed"]
    await story.move(mine, campaign, "resume")
    await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)

    expected = ["submit", "reject", "edit_back_to_draft", "submit", "pass", "reschedule"]
    moves = await moves_of(mine, campaign)
    assert moves[: len(expected)] == expected
    later = ["pause", "resume", "finish"]
    assert [move for move in moves[len(expected) :] if move in later] == later
    await listed_as_counted(mine, campaign)

    segment = await mine.post(f"{path}/segment-clickers", {"name": "who clicked"})
    clickers = (await mine.get(f"{path}/stats"))["totals"]["clickers"]
    assert (await mine.get(f"/v1/segments/{segment['id']}"))["members"] == clickers > 0
    copy = await mine.post(f"{path}/duplicate")
    assert (copy["status"], copy["content"]["variants"][0]["text"]) == ("draft", good[0]["text"])
    await deleted_while_it_is_sent(mine, copy, provider)


async def listed_as_counted(api: Api, campaign: story.Json) -> None:
    """The list shows what the figures say: progress, click rate, cost; and finds the campaign by what it shows."""

    async def agree() -> story.Json | None:
        query = {"name": "lIf", "status": "finished", "sender_id": campaign["sender_id"], "sort": "-cost"}
        page = await api.get("/v1/campaigns", **query)
        (row,) = page["items"]
        stats = await api.get(f"/v1/campaigns/{campaign['id']}/stats")
        counted = stats["totals"]["submitted"] == row["counts"]["submitted"]
        settled = counted and stats["ctr"]["value"] and row["clicks"]["ctr"] == stats["ctr"]["value"]
        return {"row": row, "stats": stats, "total": page["total"]} if settled else None

    found = await until(agree, seconds=SECONDS, what="the list to show the click rate")
    row, totals = found["row"], found["stats"]["totals"]
    assert (row["id"], found["total"], row["counts"]["progress"]) == (campaign["id"], 1, 1)
    assert (row["counts"]["recipients"], row["counts"]["submitted"]) == (RECIPIENTS, totals["submitted"])
    assert (row["cost"]["amount"], row["cost"]["currency"]) == (totals["cost"], totals["currency"])
    assert (await api.get("/v1/campaigns", name="lIf", status="paused"))["items"] == []


async def deleted_while_it_is_sent(api: Api, copy: story.Json, provider: Provider) -> None:
    await api.patch(f"/v1/campaigns/{copy['id']}", {"schedule": {"start": "now"}})
    before = len((await provider.ledger()).messages)
    await story.move(api, copy, "submit")
    await provider.accepted(before + 10, seconds=SECONDS)
    await api.delete(f"/v1/campaigns/{copy['id']}")
    assert (await moves_of(api, copy))[-2:] == ["abort", "delete"]
    assert copy["id"] not in [row["id"] async for row in api.pages("/v1/campaigns")]
