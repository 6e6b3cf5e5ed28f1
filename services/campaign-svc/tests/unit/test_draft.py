"""Editing in steps: what is illegal names field and fix, what is missing is listed, the status limits edits."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from campaign_svc.domain import draft, draft_content
from campaign_svc.domain.breakers import Breakers
from campaign_svc.domain.campaign import Campaign, Variant
from campaign_svc.domain.draft import EDITABLE, NotEditableError
from campaign_svc.domain.fault import InvalidDraftError
from campaign_svc.domain.hours import Hours
from campaign_svc.domain.lifecycle import LAUNCHED
from campaign_svc.domain.target import Utm
from campaign_svc.domain.waves import Wave, Winner
from volley_contracts import Status, new_id

NOW = datetime(2031, 1, 1, tzinfo=UTC)
SEGMENT = new_id()
TEXT = "Hi {{ first_name | there }}: {{ short_url }} {{ optout_url }}"


def campaign(status: Status = "draft", **changes: Any) -> Campaign:
    made = Campaign(
        id=new_id(), account_id=new_id(), name="c", created_at=NOW, created_by="p", updated_at=NOW, prepare_after=NOW
    )
    return msgspec.structs.replace(made, status=status, **changes)


def complete(status: Status = "draft", **changes: Any) -> Campaign:
    chosen: dict[str, Any] = {
        "include": (SEGMENT,),
        "sender_id": new_id(),
        "variants": (Variant(text=TEXT),),
        "target_url": "https://shop.example/",
        "short_pool_id": new_id(),
        "optout_pool_id": new_id(),
        "start_mode": "now",
    }
    return campaign(status, **(chosen | changes))


def edit(before: Campaign, **changes: Any) -> Campaign:
    return draft.edit(before, changes, known_fields=["first_name", "city"], at=NOW)


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"name": ""}, "name", "0 characters"),
        ({"name": "  "}, "name", "characters"),
        ({"name": "x" * 256}, "name", "256 characters"),
        ({"name": "a\x00b"}, "name", "control character (U+0000) at character 2"),
        ({"tags": ("a\x1bb",)}, "tags[0]", "control character"),
        ({"variants": (Variant(text="a\x00b"),)}, "content.variants[0].text", "control character"),
        ({"variants": (Variant(text="a", name="\x00"),)}, "content.variants[0].name", "control character"),
        ({"tags": ("ok", "")}, "tags[1]", "0 characters"),
        ({"include": (SEGMENT,), "exclude": (SEGMENT,)}, "audience.exclude", "also included"),
        ({"variants": (Variant(text="a", ratio=70),)}, "content.variants", "sum to 70"),
        ({"variants": (Variant(text="a", ratio=0), Variant(text="b"))}, "content.variants[0].ratio", "is 0"),
        ({"variants": (Variant(text=" "),)}, "content.variants[0].text", "1 characters"),
        ({"variants": (Variant(text="Hi {{ first_name"),)}, "content.variants[0].text", "not closed at character 4"),
        ({"variants": (Variant(text="Hi {{ shoe_size }}"),)}, "content.variants[0].text", "shoe_size at character 4"),
        ({"target_url": "shop.example"}, "content.target_url", "no web address"),
        ({"target_url": "ftp://shop.example"}, "content.target_url", "no web address"),
        ({"target_url": "https://a b"}, "content.target_url", "blank"),
        ({"target_url": "https://[::1"}, "content.target_url", "no web address"),
        ({"target_url": "https://x:99999/"}, "content.target_url", "no web address"),
        ({"target_url": "https://shop.example/{{ shoe_size }}"}, "content.target_url", "shoe_size at character 22"),
        ({"target_url": "https://shop.example/{{ number }}"}, "content.target_url", "unknown placeholder number"),
        ({"target_url": "https://{{ city }}.example/"}, "content.target_url", "in its host"),
        ({"target_url": "https://shop.example{{ city }}"}, "content.target_url", "in its host"),
        ({"utm": Utm(source="")}, "content.utm.source", "0 characters"),
        ({"utm": Utm(medium="a\x00")}, "content.utm.medium", "control character"),
        ({"utm": Utm(source="sms"), "target_url": "https://a.example/?utm_source=x"}, "content.utm.source", "already"),
        ({"links_expire_after": 0}, "content.links_expire_after", "is 0"),
        ({"start_mode": "at"}, "schedule.at", "missing"),
        ({"start_mode": "now", "start_at": NOW + timedelta(days=1)}, "schedule.at", "no meaning"),
        ({"start_mode": "at", "start_at": NOW - timedelta(seconds=1)}, "schedule.at", "past"),
        ({"start_mode": "at", "start_at": NOW + timedelta(days=2000)}, "schedule.at", "too far"),
        ({"lateness_limit_s": -1}, "schedule.lateness_limit_s", "-1"),
        ({"lateness_limit_s": 59}, "schedule.lateness_limit_s", "59"),
        ({"budget_amount": Decimal(0), "budget_currency": "EUR"}, "budget.amount", "is 0"),
        ({"budget_amount": Decimal("NaN"), "budget_currency": "EUR"}, "budget.amount", "NaN"),
        ({"budget_amount": Decimal(1), "budget_currency": "euro"}, "budget.currency", "no currency"),
        ({"max_parts_per_second": 0}, "max_parts_per_second", "is 0"),
    ],
)
def test_what_is_illegal_names_field_and_fix(changes: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(InvalidDraftError) as refused:
        edit(campaign(), **changes)
    fault = next(fault for fault in refused.value.faults if fault.field == field)
    assert message in fault.message
    assert fault.fix


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/{{ city | all cities }}?n={{first_name}}",
        "https://shop.example/a?b=c#d",
        "http://xn--caf-dma.example",
        "https://café.example:8443/",
    ],
)
def test_web_addresses_of_all_alphabets_are_legal(url: str) -> None:
    assert edit(campaign(), target_url=url).target_url == url


def test_a_name_may_hold_any_letters_and_symbols() -> None:
    name = "Черная пятница 🛍️ - 50 % & more " + "長" * 200
    assert edit(campaign(), name=name).name == name


def test_an_edit_is_a_new_revision() -> None:
    before = campaign()
    after = edit(before, name="new")
    assert (after.revision, after.name, after.updated_at) == (before.revision + 1, "new", NOW)


def test_an_edit_that_changes_nothing_is_none() -> None:
    before = campaign()
    assert edit(before, name=before.name) is before


def test_texts_may_have_lines() -> None:
    assert edit(campaign(), variants=(Variant(text="a\nb"),)).texts == ("a\nb",)


def test_missing_lists_the_open_steps_and_then_nothing() -> None:
    assert [fault.field for fault in draft.missing(campaign())] == [
        "audience.include",
        "sender_id",
        "content.variants",
        "schedule",
    ]
    assert draft.missing(complete()) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target_url": None}, "content.target_url"),
        ({"short_pool_id": None}, "content.short_pool_id"),
        ({"optout_pool_id": None}, "content.optout_pool_id"),
        ({"target_url": None, "utm": Utm(source="sms")}, "content.utm"),
        ({"variants": (Variant(text="{{ optout_url }}"),)}, "content.short_pool_id"),
        ({"variants": (Variant(text="{{ short_url }}"),)}, "content.optout_pool_id"),
    ],
)
def test_urls_and_what_makes_them_go_together(changes: dict[str, Any], field: str) -> None:
    assert field in [fault.field for fault in draft.missing(complete(**changes))]


def test_an_active_campaign_must_stay_complete() -> None:
    with pytest.raises(InvalidDraftError):
        edit(complete("sending"), short_pool_id=None)


@pytest.mark.parametrize(
    "text",
    ["Hi {{ first_name }}", "See {{ short_url }}", "Stop {{ optout_url }}"],
)
def test_a_launched_campaign_keeps_the_links_of_its_texts(text: str) -> None:
    pools = {
        name: new_id() if f"{name.removesuffix('_pool_id')}_url" in text else None
        for name in ("short_pool_id", "optout_pool_id")
    }
    url = "https://shop.example/" if pools["short_pool_id"] else None
    before = complete("sending", variants=(Variant(text=text),), target_url=url, **pools)
    with pytest.raises(InvalidDraftError) as refused:
        edit(before, variants=(Variant(text=TEXT + TEXT),), short_pool_id=new_id(), optout_pool_id=new_id())
    assert "content.variants" in {fault.field for fault in refused.value.faults} or url is None
    assert edit(before, variants=(Variant(text=f"{text}!"),)).texts == (f"{text}!",)


CHANGES: dict[str, Any] = {
    "name": "other",
    "tags": ("t",),
    "type": "two_way",
    "include": (new_id(),),
    "sender_id": new_id(),
    "variants": (Variant(text=f"New: {TEXT}"),),
    "target_url": "https://other.example/",
    "short_pool_id": new_id(),
    "start_mode": "manual",
    "budget_amount": Decimal(5),
    "budget_currency": "USD",
    "max_parts_per_second": 5,
    "breakers": Breakers(failure_percent=10),
    "transliterate": True,
    "short_domains": ("a.example",),
    "optout_pool_id": new_id(),
    "optout_domains": ("b.example",),
    "hours": Hours(opens=time(10), closes=time(12)),
    "waves": (Wave(share=10, wait_minutes=5), Wave(share=30, wait_minutes=5)),
    "winner": Winner(test_share=10, min_wait_minutes=30, max_wait_minutes=60),
}
BEFORE: dict[str, dict[str, Any]] = {
    "budget_amount": {"budget_currency": "EUR"},
    "budget_currency": {"budget_amount": Decimal(1), "budget_currency": "EUR"},
    "hours": {"hours": Hours(opens=time(9), closes=time(17))},
    "waves": {"waves": (Wave(share=10, wait_minutes=5), Wave(share=20, wait_minutes=5))},
    "winner": {
        "variants": (Variant(text=TEXT, ratio=50), Variant(text=f"Hello {TEXT}", ratio=50)),
        "winner": Winner(test_share=10, min_wait_minutes=30, max_wait_minutes=40),
    },
}
"""What stands there before, where that is not empty."""


def test_every_field_that_may_be_edited_while_active_is_tried() -> None:
    assert set().union(*(fields for status, fields in EDITABLE.items() if status in LAUNCHED)) <= CHANGES.keys()


@pytest.mark.parametrize("status", EDITABLE)
@pytest.mark.parametrize("column", CHANGES)
def test_the_status_decides_what_may_change(status: Status, column: str) -> None:
    everything = status in {"draft", "rejected"}
    stays = {"type", "include", "sender_id", "target_url", "start_mode"}
    may = (
        everything
        or (status == "processing" and column in {"name", "tags"})
        or (status in {"ready", "scheduled", "started", "sending", "paused", "suspended"} and column not in stays)
        or (status in {"ready", "scheduled"} and column in {"start_mode", "target_url"})
    )
    if may:
        before = complete(status, **BEFORE.get(column, {}))
        assert getattr(edit(before, **{column: CHANGES[column]}), column) == CHANGES[column]
    else:
        with pytest.raises(NotEditableError) as refused:
            edit(complete(status), **{column: CHANGES[column]})
        assert refused.value.fields == [column]


def test_the_fields_that_travel_are_those_that_the_texts_use() -> None:
    assert draft_content.fields_used(complete()) == ["first_name"]
