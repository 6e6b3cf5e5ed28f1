"""Previews: of what is saved and of what is being written, for contacts and for samples."""

from typing import Any

from volley_contracts import new_id


async def test_a_preview_shows_what_people_get(lab: Any) -> None:
    text = "Hi {{ first_name }} – {{ short_url }} {{ optout_url }}"  # noqa: RUF001 - the dash is the point
    draft = await lab.draft(recipients=3, content={"variants": [{"text": text}]})
    shown = (await lab.get(draft, "/preview"))["items"]
    assert len(shown) == 3
    first = shown[0]
    url = "https://go.example/xxxxxxxx"
    assert first["text"] == f"Hi Zoe – {url} {url}"  # noqa: RUF001
    assert (first["encoding"], first["parts"], first["simplified_parts"]) == ("ucs2", 1, 1)
    assert first["ucs2_causes"][0][1:] == ["–", "-"]  # noqa: RUF001
    assert first["missing"] == []


async def test_who_is_shown_of_a_prepared_campaign_is_a_recipient(lab: Any) -> None:
    everybody = await lab.audience.segment("everybody", 0, 6, first_name="Zoe")
    out = await lab.audience.segment("out", 0, 4)
    made = await lab.prepared(audience={"include": [str(everybody)], "exclude": [str(out)]})
    shown = {(one["number"], one["text"].split(",")[0]) for one in (await lab.get(made, "/preview"))["items"]}
    assert {number for number, _ in shown} == {"+12025550000004", "+12025550000005"}
    assert {begin for _, begin in shown} == {"Hi Zoe", "Hello! Hi Zoe"}


async def test_a_preview_needs_neither_contacts_nor_link_svc(lab: Any) -> None:
    draft = await lab.draft(audience={"include": []})
    lab.neighbours.down = True
    shown = (await lab.get(draft, "/preview"))["items"]
    assert [message["contact_id"] for message in shown] == [None, None]
    assert "there" in shown[0]["text"]


async def test_a_half_done_draft_is_shown_for_a_chosen_contact_with_its_targets(lab: Any) -> None:
    segment = await lab.audience.segment("chosen", 7, 1, first_name="Ana María", code="a/b")
    contact = (await lab.client.get(f"/v1/segments/{segment}/members")).json()["items"][0]["id"]
    made = (await lab.client.post("/v1/campaigns", json={"name": "Half done"})).json()
    step = {
        "variants": [{"text": "Hi {{ first_name }}: {{ short_url }} {{ short_url.terms }}", "ratio": 40}],
        "target_url": "https://shop.example/{{ code | x }}?n={{ first_name }}",
        "links": [{"name": "terms", "target_url": "https://shop.example/terms"}],
        "utm": {"source": "sms"},
    }
    saved = await lab.client.put(f"/v1/campaigns/{made['id']}/steps/content", json=step)
    assert saved.status_code == 200, saved.text
    (shown,) = (await lab.get(made, f"/preview?contact_id={contact}"))["items"]
    assert (shown["contact_id"], shown["text"].split(":")[0]) == (contact, "Hi Ana María")
    assert shown["targets"] == {
        "short_url": "https://shop.example/a%2Fb?n=Ana%20Mar%C3%ADa&utm_source=sms",
        "short_url.terms": "https://shop.example/terms?utm_source=sms",
    }
    assert (await lab.get(made, "/preview"))["items"][0]["contact_id"] is None
    unknown = await lab.client.get(f"/v1/campaigns/{made['id']}/preview?contact_id={new_id()}")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "contact_id")


async def test_what_is_being_written_is_shown_before_it_is_saved(lab: Any) -> None:
    made = (await lab.client.post("/v1/campaigns", json={"name": "Live"})).json()
    path = f"/v1/campaigns/{made['id']}/preview"
    content = {"variants": [{"text": "Hello {{ nickname }}, 20 € off"}], "transliterate": True}
    sample = {"number": "+44 7400 123456", "attributes": {"nickname": "Zoë"}}
    answer = await lab.client.post(path, json={"content": content, "sample": sample})
    assert answer.status_code == 200, answer.text
    (shown,) = answer.json()["items"]
    assert (shown["number"], shown["country"], shown["parts"]) == ("+447400123456", "GB", 1)
    assert shown["text"].startswith("Hello Zo")
    assert (await lab.get(made))["content"]["variants"] == []
    for body, field in (
        ({"content": content}, "content.variants[0].text"),  # no contact has a nickname
        ({"content": {"variants": [{"text": "Hi {{ "}]}}, "content.variants[0].text"),
        ({"sample": {"number": "12"}}, "sample.number"),
        ({"sample": {"attributes": {"short_url": "x"}}}, "sample.attributes.short_url"),
        ({"sample": {}, "contact_id": str(new_id())}, "sample"),
    ):
        refused = await lab.client.post(path, json=body)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
