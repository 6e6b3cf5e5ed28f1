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
