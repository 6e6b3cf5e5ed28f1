"""Several links in one text: chosen, judged, weighed, tried out and fed with the first."""

from typing import Any
from uuid import UUID

import msgspec
import pytest

from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from volley_chassis.http import Caller
from volley_contracts import NamedLink, content_hash, now

from .test_sending import Recorder
from .test_test_sends import OWN, batches, run

TEXT = "Sale {{ short_url }} terms {{ short_url.terms }} stop {{ optout_url }}"
LINKS = [{"name": "terms", "target_url": "https://shop.example/terms/{{ first_name | you }}"}]
CONTENT: dict[str, Any] = {"variants": [{"text": TEXT}], "links": LINKS, "utm": {"source": "volley"}}
PASSED = (NamedLink("terms", "https://shop.example/terms/{{ first_name | you }}?utm_source=volley"),)


async def test_a_batch_has_every_link_and_what_their_targets_need(lab: Any) -> None:
    stream: Any = Recorder()
    made = await lab.started(20, content=CONTENT)
    assert made["content"]["links"] == LINKS
    await feed_campaign(lab.pool, UUID(made["id"]), at=now())
    await publish_recorded(lab.pool, stream)
    content = (batch := stream.batches(made)[0]).content
    assert content.links == PASSED
    assert content.hash == content_hash(content.variants, content.target_url, links=PASSED) == made["content"]["hash"]
    assert (batch.recipients.fields, set(batch.recipients.values)) == (("first_name",), {("Zoe",)})
    await lab.edit(made, 409, content={"links": []})


async def test_previews_sizes_and_forecasts_have_their_length(lab: Any) -> None:
    draft = await lab.draft(20, content=CONTENT)
    preview = (await lab.get(draft, "/preview?contacts=1"))["items"][0]
    assert preview["text"].count("/xxxxxxxx") == 3
    assert preview["missing"] == []
    long = {**CONTENT, "variants": [{"text": TEXT.replace("Sale", "S" * 75)}]}
    assert (await lab.prepared(20, content=long))["forecast"]["typical_parts"] == 2.0


async def test_every_target_is_judged(lab: Any) -> None:
    links = [{"name": "terms", "target_url": "https://192.0.2.7/terms"}]
    rejected = await lab.prepared(content={**CONTENT, "links": links})
    assert rejected["status"] == "rejected"
    (finding,) = rejected["moderation"]["findings"]
    assert (finding["rule"], finding["link"], finding["matched"]) == (
        "ip_host",
        "terms",
        "https://192.0.2.7/terms?utm_source=volley",
    )


async def test_a_test_has_them_too(lab: Any, client_of: Any, caller: Caller) -> None:
    async with client_of(msgspec.structs.replace(caller, actor="ada", role="admin")) as admin:
        assert (await admin.put("/v1/test-numbers", json={"numbers": OWN})).status_code == 200
    draft = await lab.draft(20, content={**CONTENT, "target_url": None, "variants": [{"text": TEXT[20:]}]})
    await run(lab, draft)
    (batch,) = await batches(lab)
    assert batch.content.links == PASSED
    assert batch.short_pool_id is not None


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"links": []}, "content.links"),
        ({"links": [*LINKS, {"name": "terms", "target_url": "https://a.example/"}]}, "content.links[1].name"),
        ({"links": [*LINKS, {"name": "a b", "target_url": "https://a.example/"}]}, "content.links[1].name"),
        ({"links": [*LINKS, {"name": "map", "target_url": "https://a.example/"}]}, "content.links[1]"),
        ({"links": [{"name": "terms", "target_url": "nowhere"}]}, "content.links[0].target_url"),
        (
            {"links": [{"name": "terms", "target_url": "https://a.example/{{ short_url }}"}]},
            "content.links[0].target_url",
        ),
    ],
)
async def test_what_does_not_fit_is_named(lab: Any, content: dict[str, Any], field: str) -> None:
    draft = await lab.draft(20, content=CONTENT)
    answer = await lab.client.patch(f"/v1/campaigns/{draft['id']}", json={"content": content})
    problems = answer.json().get("errors") or (await lab.do(draft, "submit", 422))["errors"]
    assert field in [problem["field"] for problem in problems]
