"""Two links in a text, from domains that the campaign lists itself: the list runs out, gets another, and it goes on.
Who opens the opt-out URL is asked in the language that the contact says.
"""

import re

from volley_tools.demo import people, story
from volley_tools.demo.api import Api, until
from volley_tools.demo.provider import Provider
from volley_tools.stack.supervisor import Stack

RECIPIENTS, LIMIT, PACE, SECONDS = 30, 20, 100, 60.0
TEXT = "Sale: {{ short_url }} Terms: {{ short_url.terms }} Opt out: {{ optout_url }}"
TARGETS = ["https://shop.example.com/", "https://shop.example.com/terms"]
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Mobile Safari/604.1"}
URL = re.compile(r"https?://([\w.-]+)/(\w{8})\b")


async def test_two_links_of_listed_domains(mine: Api, http_route: story.Json, provider: Provider, stack: Stack) -> None:
    header, *rows = people.csv_file(RECIPIENTS).splitlines()
    spoken = b"\n".join([header + b",language", *(row + b",pt_BR" for row in rows)])
    things = await story.prepare_plain(mine, "listing", spoken, http_route, PACE)
    for host, limit in (("one.listed.example", LIMIT), ("two.listed.example", None), ("out.listed.example", None)):
        await mine.post("/v1/domains", {"host": host, "message_limit": limit})
    campaign = await story.write_plain(mine, things, "listing")
    path = f"/v1/campaigns/{campaign['id']}"
    lists = {"short_domains": ["one.listed.example"], "optout_domains": ["out.listed.example"]}
    links = [{"name": "terms", "target_url": TARGETS[1]}]
    await mine.patch(path, {"content": {"variants": [{"text": TEXT, "ratio": 100}], "links": links, **lists}})
    await story.move(mine, campaign, "submit")

    stopped = await story.wait_for_status(mine, campaign, "suspended", seconds=SECONDS)
    assert stopped["suspension"]["code"] == "link_domains_exhausted"
    await mine.patch(path, {"content": {"short_domains": ["one.listed.example", "two.listed.example"]}})
    await story.move(mine, campaign, "resume")
    await story.wait_for_status(mine, campaign, "finished", seconds=SECONDS)

    messages = (await provider.ledger()).of_sender(things.senders[0]["address"])
    urls = [URL.findall(message["text"]) for message in messages]
    assert [len(each) for each in urls] == [3] * RECIPIENTS
    assert len({url for each in urls for url in each}) == 3 * RECIPIENTS
    assert all(sale[0] == terms[0] and optout[0] == "out.listed.example" for sale, terms, optout in urls)
    hosts = [sale[0] for sale, _, _ in urls]
    assert (hosts.count("one.listed.example"), hosts.count("two.listed.example")) == (LIMIT, RECIPIENTS - LIMIT)

    for (host, slug), target in zip(urls[0][:2], TARGETS, strict=True):
        visit = mine.session.get(f"{stack.public_url()}/{slug}", headers={"Host": host} | PHONE, allow_redirects=False)
        async with visit as answer:
            assert (answer.status, answer.headers["Location"]) == (302, target)

    host, slug = urls[0][2]
    asked = {"Host": host, "Accept-Language": "de"} | PHONE
    async with mine.session.get(f"{stack.public_url()}/{slug}", headers=asked) as page:
        assert '<html lang="pt">' in await page.text()

    async def both_are_counted() -> list[story.Json]:
        found = (await mine.get(f"{path}/stats"))["links"]
        return found if len(found) == 2 else []

    counted = await until(both_are_counted, seconds=SECONDS, what="the clicks of both links to be counted")
    assert {(one["link"], one["clicks_human"]) for one in counted} == {(None, 1), ("terms", 1)}
