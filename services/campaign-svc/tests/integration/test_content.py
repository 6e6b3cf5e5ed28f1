"""What texts weigh on real contacts, what forces UCS-2, and what is saved without it."""

# ruff: noqa: RUF001  # typographic characters are the point

from typing import Any
from uuid import UUID

from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from volley_contracts import CampaignBatch, decode, now

TEXT = "Hi {{ first_name | there }} – " + "x" * 60 + " {{ short_url }} {{ optout_url }}"


async def name(lab: Any, value: str, number: str) -> None:
    done = await lab.pool.execute(
        "UPDATE contacts SET attributes = jsonb_build_object('first_name', $3::text)"
        " WHERE account_id = $1 AND number = $2",
        lab.audience.account_id,
        number,
        value,
    )
    assert done == "UPDATE 1"


async def test_parts_are_counted_on_the_typical_and_the_worst_recipient(lab: Any) -> None:
    draft = await lab.draft(recipients=100, content={"variants": [{"text": TEXT.replace("–", "-")}]})
    await name(lab, "Maximiliane", "+12025550000042")
    await name(lab, "Łukasz", "+12025550000007")
    size = await lab.get(draft, "/content-size")
    (variant,) = size["variants"]
    assert (size["audience"], size["sampled"], size["currency"]) == (100, 100, "EUR")
    typical, worst = variant["typical"], variant["worst"]
    assert (typical["encoding"], typical["parts"]) == ("gsm7", 1)
    assert typical["text"].startswith("Hi Zoe - xxx")
    assert worst["text"].startswith("Hi Łukasz")
    assert (worst["encoding"], worst["parts"], worst["simplified_parts"]) == ("ucs2", 2, 1)
    assert variant["causes"] == [{"text": "Ł", "replacement": "L", "in_text": False, "messages": 1}]
    assert (variant["average_parts"], variant["ucs2_share"]) == (1.01, 0.01)
    assert variant["money"] == {"cost": "0.7979", "simplified_cost": "0.7900", "saving": "0.0079"}


async def test_what_forces_ucs2_has_a_replacement_and_a_price_and_transliteration_is_on_request(lab: Any) -> None:
    draft = await lab.draft(recipients=10, content={"variants": [{"text": TEXT}]})
    (variant,) = (await lab.get(draft, "/content-size"))["variants"]
    assert variant["causes"] == [{"text": "–", "replacement": "-", "in_text": True, "messages": 10}]
    assert variant["money"] == {"cost": "0.1580", "simplified_cost": "0.0790", "saving": "0.0790"}
    edited = await lab.edit(draft, content={"transliterate": True})
    assert edited["content"]["transliterate"] is True
    after = await lab.get(draft, "/content-size")
    assert after["transliterated"] is True
    assert after["variants"][0]["money"] == {"cost": "0.0790", "simplified_cost": "0.0790", "saving": "0.0000"}
    shown = (await lab.get(draft, "/preview"))["items"][0]
    assert (shown["encoding"], shown["ucs2_causes"]) == ("gsm7", [])
    assert shown["text"].startswith("Hi Zoe - x")
    await lab.do(draft, "submit")
    await lab.prepare()
    ready = await lab.get(draft)
    assert ready["forecast"]["cost"] == "0.0790"


async def test_how_texts_are_rendered_is_part_of_what_is_approved(lab: Any) -> None:
    records: list[Any] = []

    class Stream:
        async def publish_raw(self, batch: Any) -> None:
            records.extend(batch)

    made = await lab.started(content={"variants": [{"text": TEXT}], "transliterate": True})
    await feed_campaign(lab.pool, UUID(made["id"]), at=now())
    while await publish_recorded(lab.pool, Stream()):  # type: ignore[arg-type]
        pass
    found = [decode(headers["ce_type"], value) for _, _, value, headers in records]
    (batch,) = [b for b in found if isinstance(b, CampaignBatch) and str(b.campaign_id) == made["id"]]
    assert batch.content.transliterate
    assert batch.content.hash == made["content"]["hash"]
    assert (await lab.edit(made, content={"transliterate": False}))["suspension"]["code"] == "content_needs_review"


async def test_a_size_needs_neither_contacts_nor_neighbours(lab: Any) -> None:
    draft = await lab.draft(audience={"include": []})
    lab.neighbours.down = True
    size = await lab.get(draft, "/content-size")
    assert (size["audience"], size["sampled"], size["currency"]) == (0, 0, None)
    assert [variant["money"] for variant in size["variants"]] == [None, None]
    assert size["variants"][0]["typical"]["text"].startswith("Hi there, see")
