"""Hours by people's own clock: who is fed when, what a batch says of it, and what may be changed."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from campaign_svc.handlers.settle_outcomes import settle_outcomes
from volley_contracts import CampaignBatch, now

from .test_sending import Recorder, outcomes

MORNING = {"opens": "09:00:00", "closes": "12:00:00"}
TOMORROW = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@pytest.fixture
def stream() -> Any:
    return Recorder()


async def with_hours(lab: Any, **hours: Any) -> dict[str, Any]:
    """20 people in London, 30 in Washington by their numbers, 10 with an American number in Tokyo."""
    segments = [
        await lab.audience.segment("london", 0, 20, "GB"),
        await lab.audience.segment("washington", 0, 30, "US"),
        await lab.audience.segment("tokyo", 100, 10, "US", timezone="Asia/Tokyo"),
    ]
    made = await lab.prepared(
        audience={"include": [str(segment) for segment in segments]},
        schedule={"start": "now", "hours": MORNING | hours},
    )
    assert made["status"] == "started", made
    return dict(made)


async def fed(lab: Any, stream: Any, campaign: dict[str, Any], at: datetime) -> list[CampaignBatch]:
    before = len(stream.batches(campaign))
    await feed_campaign(lab.pool, UUID(campaign["id"]), at=at)
    while await publish_recorded(lab.pool, stream):
        pass
    return list(stream.batches(campaign)[before:])


async def settle(lab: Any, campaign: dict[str, Any], batch: CampaignBatch) -> None:
    for _ in range(2):
        await settle_outcomes(lab.pool, outcomes(campaign, batch, "submitted"), at=now())


def local(day: datetime, hour: int, zone: str) -> datetime:
    return day.replace(hour=hour, tzinfo=ZoneInfo(zone)).astimezone(UTC)


async def test_people_are_fed_in_their_own_hours(lab: Any, stream: Any) -> None:
    made = await with_hours(lab)
    assert made["counts"]["recipients"] == 60
    seen: dict[str, int] = {}
    for zone, hour, expected in (
        ("Asia/Tokyo", 8, {}),
        ("Asia/Tokyo", 9, {"tokyo": 10}),
        ("Europe/London", 9, {"tokyo": 10, "london": 20}),
        ("Europe/London", 10, {"tokyo": 10, "london": 20}),
        ("America/New_York", 9, {"tokyo": 10, "london": 20, "washington": 30}),
    ):
        for batch in await fed(lab, stream, made, local(TOMORROW, hour, zone)):
            numbers = batch.recipients.numbers
            who = "london" if numbers[0].startswith("+44") else "tokyo" if len(numbers) == 10 else "washington"
            seen[who] = seen.get(who, 0) + len(numbers)
        assert seen == expected, (zone, hour)
    everybody = [number for batch in stream.batches(made) for number in batch.recipients.numbers]
    assert len(set(everybody)) == 60
    for batch in stream.batches(made):
        await settle(lab, made, batch)
    assert (await lab.get(made))["status"] == "finished"


CHRISTMAS = datetime(2031, 12, 25, tzinfo=UTC)


async def with_holidays(lab: Any) -> dict[str, Any]:
    """5 Britons and 7 Americans, in London: one clock, other holidays. Only Britons have the 26th too."""
    segments = [
        await lab.audience.segment("britons", 0, 5, "GB"),
        await lab.audience.segment("americans", 0, 7, "US", timezone="Europe/London"),
    ]
    made = await lab.prepared(
        audience={"include": [str(segment) for segment in segments]},
        schedule={"start": "now", "hours": MORNING | {"skip_holidays": True}},
    )
    assert made["status"] == "started", made
    return dict(made)


async def test_nobody_is_fed_on_a_holiday_of_their_country(lab: Any, stream: Any) -> None:
    made = await with_holidays(lab)
    assert made["forecast"]["without_holidays"] == []
    at = local(CHRISTMAS, 10, "Europe/London")
    for later, expected in ((0, []), (1, ["US"] * 7), (2, ["GB"] * 5), (3, [])):
        batches = await fed(lab, stream, made, at + timedelta(days=later))
        assert [country for batch in batches for country in batch.recipients.countries] == expected
    # What comes too late for its hours waits for the next that are no holiday's.
    await lab.pool.execute(
        "UPDATE batches SET created_at = $2, published_at = NULL WHERE campaign_id = $1", UUID(made["id"]), at
    )
    for batch in await fed(lab, stream, made, at):
        days = [f"{one.opens:%d %b}" for one in batch.sendable[:6]]
        if batch.recipients.countries[0] == "US":
            assert days == ["26 Dec", "27 Dec", "28 Dec", "29 Dec", "30 Dec", "31 Dec"]
        else:
            assert days == ["27 Dec", "28 Dec", "29 Dec", "30 Dec", "31 Dec", "02 Jan"]
        await settle(lab, made, batch)
    assert (await lab.get(made))["status"] == "finished"


async def test_dates_may_be_added_while_it_sends_and_holidays_only_before(lab: Any, stream: Any) -> None:
    made = await with_hours(lab)
    refused = await lab.edit(made, 422, schedule={"start": "now", "hours": MORNING | {"skip_holidays": True}})
    assert refused["errors"][0]["field"] == "schedule.hours.skip_holidays"
    skipped = MORNING | {"skip_dates": ["2031-12-25"]}
    edited = await lab.edit(made, schedule={"start": "now", "hours": skipped})
    assert edited["schedule"]["hours"]["skip_dates"] == skipped["skip_dates"]
    at = local(CHRISTMAS, 10, "Europe/London")
    assert await fed(lab, stream, made, at) == []
    (london,) = await fed(lab, stream, made, at + timedelta(days=1))
    assert len(london.recipients.numbers) == 20


async def test_holidays_may_be_texted_on_after_all(lab: Any, stream: Any) -> None:
    made = await with_holidays(lab)
    await lab.edit(made, schedule={"start": "now", "hours": MORNING})
    batches = await fed(lab, stream, made, local(CHRISTMAS, 10, "Europe/London"))
    assert sum(len(batch.recipients.numbers) for batch in batches) == 12


async def test_a_batch_says_when_it_may_leave(lab: Any, stream: Any) -> None:
    made = await with_hours(lab, days=["mon", "tue", "wed", "thu", "fri"])
    monday = TOMORROW + timedelta(days=(7 - TOMORROW.weekday()) % 7)
    (tokyo,) = await fed(lab, stream, made, local(monday, 11, "Asia/Tokyo"))
    zone = ZoneInfo("Asia/Tokyo")
    days = [(one.opens.astimezone(zone), one.closes.astimezone(zone)) for one in tokyo.sendable]
    assert len(days) == 60
    assert all((opens.hour, closes.hour) == (9, 12) and opens.weekday() < 5 for opens, closes in days)
    # Published again it is the same.
    await lab.pool.execute("UPDATE batches SET published_at = NULL WHERE campaign_id = $1", UUID(made["id"]))
    while await publish_recorded(lab.pool, stream):
        pass
    assert stream.batches(made)[1] == tokyo
    without = await lab.started(10)
    (batch,) = await fed(lab, stream, without, now())
    assert batch.sendable == ()


async def test_hours_that_would_never_come_for_some_are_refused(lab: Any, stream: Any) -> None:
    idaho = await lab.audience.segment(
        "idaho", 0, 4, "US"
    )  # whose numbers may be in either of two zones, an hour apart
    await lab.pool.execute(
        "UPDATE contacts SET number = replace(number, '+12025550', '+12083200') WHERE account_id = $1",
        lab.audience.account_id,
    )
    made = await lab.prepared(
        audience={"include": [str(idaho)]},
        schedule={"start": "now", "hours": {"opens": "09:00:00", "closes": "11:00:00"}},
    )
    refused = await lab.edit(made, 422, schedule={"start": "now", "hours": {"opens": "09:00:00", "closes": "10:00:00"}})
    (error,) = refused["errors"]
    assert error["field"] == "schedule.hours"
    assert error["message"].startswith("4 people would never be texted")
    await lab.edit(made, schedule={"start": "now", "hours": {"opens": "09:00:00", "closes": "10:01:00"}})
    (batch,) = await fed(lab, stream, made, local(TOMORROW, 9, "America/Los_Angeles"))
    assert len(batch.recipients.numbers) == 4


async def test_what_waits_for_its_hours_takes_no_credit_from_others(lab: Any, stream: Any) -> None:
    lab.pace = 10  # three batches of ten
    made = await with_hours(lab)
    night_in_tokyo = local(TOMORROW, 9, "Europe/London")
    (tokyo,) = await fed(lab, stream, made, local(TOMORROW, 10, "Asia/Tokyo"))
    assert len(await fed(lab, stream, made, night_in_tokyo)) == 2
    washington = await fed(lab, stream, made, local(TOMORROW, 10, "America/New_York"))
    assert [len(batch.recipients.numbers) for batch in washington] == [10, 10, 10]
    assert tokyo.recipients.numbers[0] not in washington[0].recipients.numbers


async def test_hours_are_edited_while_it_sends_but_not_taken_away(lab: Any, stream: Any) -> None:
    made = await with_hours(lab)
    early = local(TOMORROW, 7, "Asia/Tokyo")
    assert await fed(lab, stream, made, early) == []
    waiting = await lab.pool.fetchval("SELECT feed_after FROM campaigns WHERE id = $1", UUID(made["id"]))
    assert waiting > early
    schedule = {"start": "now"}
    edited = await lab.edit(made, schedule=schedule | {"hours": {"opens": "06:00:00", "closes": "08:00:00"}})
    assert edited["schedule"]["hours"]["opens"] == "06:00:00"
    assert [len(batch.recipients.numbers) for batch in await fed(lab, stream, made, early)] == [10]
    refused = await lab.edit(made, 422, schedule=schedule)
    assert refused["errors"][0]["field"] == "schedule.hours"
    plain = await lab.started(10)
    await lab.edit(plain, 422, schedule=schedule | {"hours": MORNING})


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ({"opens": "20:00:00", "closes": "09:00:00"}, "schedule.hours.closes"),
        ({"opens": "09:00:00", "closes": "20:00:00", "days": []}, "schedule.hours.days"),
        ({"opens": "09:00:00", "closes": "20:00:00", "days": ["mon", "mon"]}, "schedule.hours.days"),
        (MORNING | {"skip_dates": ["2031-12-24"] * 101}, "schedule.hours.skip_dates"),
    ],
)
async def test_illegal_hours_are_named(lab: Any, hours: dict[str, Any], field: str) -> None:
    draft = await lab.draft()
    refused = await lab.edit(draft, 422, schedule={"start": "now", "hours": hours})
    assert refused["errors"][0]["field"] == field


async def test_a_new_ratio_reaches_everybody_who_was_not_fed_and_nobody_else(lab: Any, stream: Any) -> None:
    made = await with_hours(lab)
    (tokyo,) = await fed(lab, stream, made, local(TOMORROW, 9, "Asia/Tokyo"))
    (text, other) = made["content"]["variants"]
    await lab.edit(made, content={"variants": [text | {"ratio": 1}, other | {"ratio": 99}]})
    later = await fed(lab, stream, made, local(TOMORROW, 9, "Europe/London"))
    later += await fed(lab, stream, made, local(TOMORROW, 9, "America/New_York"))
    assert sum(len(batch.recipients.numbers) for batch in later) == 50
    rows = await lab.pool.fetch(
        "SELECT number, variant FROM recipients WHERE campaign_id = $1 ORDER BY seq", UUID(made["id"])
    )
    variants = {row["number"]: row["variant"] for row in rows}
    assert [variants[number] for number in tokyo.recipients.numbers] == tokyo.recipients.variants
    assert sum(sum(batch.recipients.variants) for batch in later) >= 48
