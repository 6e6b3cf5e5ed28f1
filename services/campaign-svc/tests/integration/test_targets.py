"""Where short links lead: what link-svc is told of it, and of whom."""

from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from volley_contracts import content_hash, now

from .test_sending import Recorder


@pytest.fixture
def stream() -> Any:
    return Recorder()


async def test_a_batch_has_the_target_its_values_and_the_expiry(lab: Any, stream: Any) -> None:
    content = {
        "target_url": "https://shop.example/{{ first_name | you }}?a=b",
        "utm": {"source": "volley", "medium": "sms"},
        "links_expire_after": 30,
    }
    made = await lab.started(20, content=content)
    assert {name: made["content"][name] for name in content} == content | {"utm": {**content["utm"], "campaign": None}}
    await feed_campaign(lab.pool, UUID(made["id"]), at=now())
    await publish_recorded(lab.pool, stream)
    batch = stream.batches(made)[0]
    target = "https://shop.example/{{ first_name | you }}?a=b&utm_source=volley&utm_medium=sms"
    assert (batch.content.target_url, batch.links_expire_after) == (target, 30)
    assert batch.content.hash == content_hash(batch.content.variants, target) == made["content"]["hash"]
    assert (batch.recipients.fields, set(batch.recipients.values)) == (("first_name",), {("Zoe",)})


async def test_a_batch_says_which_language_its_opt_out_pages_are_to_be_in(lab: Any, stream: Any) -> None:
    """Where the account knows such an attribute, and the texts have an opt-out URL; other texts take nothing along."""
    other = await lab.started(3)
    wanting = {
        f"s{n}": str(await lab.audience.segment(f"speaks {language}", 10 * n, 2, language=language))
        for n, language in enumerate(["pt_BR", "Deutsch", " ZH-Hant "], start=1)
    }
    text = {"variants": [{"text": "Hi, {{ short_url }}", "ratio": 100}], "optout_pool_id": None}
    two_way = await lab.started(audience={"include": [wanting["s1"]]}, type="two_way", content=text)
    made = await lab.started(audience={"include": list(wanting.values())})
    for campaign in (other, two_way, made):
        await feed_campaign(lab.pool, UUID(campaign["id"]), at=now())
    await publish_recorded(lab.pool, stream)
    assert [batch.recipients.languages for batch in stream.batches(other)] == [[]]
    assert [batch.recipients.languages for batch in stream.batches(two_way)] == [[]]
    (batch,) = stream.batches(made)
    spoken = dict(zip(batch.recipients.numbers, batch.recipients.languages, strict=True))
    assert [spoken[number] for number in sorted(spoken)] == ["pt-br", "pt-br", "", "", "zh-hant", "zh-hant"]
    assert "language" not in batch.recipients.fields


async def test_another_target_is_moderated_again_and_brings_its_values(lab: Any, stream: Any) -> None:
    made = await lab.prepared(20, content={"links_expire_after": 30})
    same = await lab.edit(made, content={"links_expire_after": 60})
    assert same["status"] == "ready"
    edited = await lab.edit(made, content={"target_url": "https://shop.example/{{ first_name }}"})
    assert edited["status"] == "processing"
    await lab.prepare()
    await lab.do(made, "start")
    await feed_campaign(lab.pool, UUID(made["id"]), at=now())
    await publish_recorded(lab.pool, stream)
    batch = stream.batches(made)[0]
    assert (batch.recipients.fields, batch.recipients.values[0]) == (("first_name",), ("Zoe",))
    assert batch.links_expire_after == 60


async def test_a_launched_campaign_s_links_stay(lab: Any) -> None:
    made = await lab.started(20)
    for change in ({"utm": {"source": "x"}}, {"links_expire_after": 3}, {"target_url": "https://other.example/"}):
        await lab.edit(made, 409, content=change)
