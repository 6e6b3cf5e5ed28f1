"""Two texts are tried on some people, the phones of whom open the links of one: the rest gets that one, by itself."""

from itertools import islice

from volley_tools.demo import people, story
from volley_tools.demo.api import Api
from volley_tools.demo.provider import Provider

RECIPIENTS, TRIED, PACE, SECONDS = 1_600, 1_120, 500, 90.0
LIKED = "20% off"  # of the second text


async def test_the_text_that_people_click_on_goes_to_the_rest(
    mine: Api, http_route: story.Json, provider: Provider
) -> None:
    await provider.behave(click=150, click_text=LIKED)
    things = await story.prepare_plain(mine, "winning", people.csv_file(RECIPIENTS), http_route, PACE)
    campaign = await story.write_plain(mine, things, "winning")
    path = f"/v1/campaigns/{campaign['id']}"
    variants = [variant | {"ratio": 50} for variant in campaign["content"]["variants"]]
    winner = {"test_share": 70, "max_wait_minutes": 60}
    await mine.patch(path, {"content": {"variants": variants, "winner": winner}})
    await story.move(mine, campaign, "submit")
    done = await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)
    await provider.quiet(SECONDS)

    messages = sorted((await provider.ledger()).of_sender(things.senders[0]["address"]), key=lambda m: m["at"])
    assert len({message["to"] for message in messages}) == len(messages) == RECIPIENTS
    liked = [LIKED in message["text"] for message in messages]
    assert abs(sum(islice(liked, TRIED)) - TRIED / 2) <= 2
    assert all(liked[TRIED:])
    assert [variant["ratio"] for variant in done["content"]["variants"]] == [0, 100]
    (chosen,) = [e async for e in mine.pages(f"{path}/history") if e["move"] == "next_wave"]
    assert (chosen["actor"], chosen["code"], chosen["status_to"]) == ("system", "winner_chosen", "sending")
    assert "Variant 1 goes to the rest: variant 0 was clicked by 0.00% of 5" in chosen["sentence"]
    assert done["waves"]["comparison"]["winner"] == 1
    assert (await mine.get(f"{path}/stats/comparison"))["winner"] == 1
