"""An audience in portions: each ends where it should, the next begins in time; a test's winner goes to the rest."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.feed_campaign import feed_campaigns, publish_recorded
from campaign_svc.handlers.follow_waves import follow_comparison
from campaign_svc.handlers.settle_outcomes import settle_outcomes
from volley_chassis.kafka import Received
from volley_contracts import Tried, VariantsCompared, now, topics

from .test_hours import MORNING, TOMORROW, local
from .test_sending import Recorder, outcomes

WAVES = [{"share": 10, "wait_minutes": 120}, {"share": 30, "wait_minutes": 60}]
WINNER = {"test_share": 40, "min_wait_minutes": 10, "max_wait_minutes": 60}
EVEN = {
    "variants": [{"text": t, "ratio": 50} for t in ("A {{short_url}} {{optout_url}}", "B {{short_url}} {{optout_url}}")]
}


@pytest.fixture
def stream() -> Any:
    return Recorder()


def after(minutes: float) -> datetime:
    return now() + timedelta(minutes=minutes)


async def fed(lab: Any, stream: Any, made: dict[str, Any], at: datetime) -> list[int]:
    """The variants of everybody who is fed at `at`, by several feeders at once, and then sent."""
    variants: list[int] = []
    while True:
        await asyncio.gather(*(feed_campaigns(lab.pool, at=at) for _ in range(3)))
        before = len(stream.batches(made))
        while await publish_recorded(lab.pool, stream):
            pass
        if not (new := stream.batches(made)[before:]):
            return variants
        for batch in new:
            variants += batch.recipients.variants
            for _ in range(2):
                await settle_outcomes(lab.pool, outcomes(made, batch, "submitted"), at=now())


async def waves_of(lab: Any, made: dict[str, Any]) -> dict[str, Any]:
    return dict((await lab.get(made))["waves"])


async def codes(lab: Any, made: dict[str, Any]) -> list[tuple[str, str]]:
    entries = (await lab.get(made, "/history"))["items"]
    return [(entry["actor"], entry["code"]) for entry in entries if entry["move"] == "next_wave"]


async def test_waves_end_exactly_and_go_on_when_it_is_time(lab: Any, stream: Any) -> None:
    made = await lab.prepared(1_001, schedule={"start": "now", "waves": WAVES})
    assert (await waves_of(lab, made))["waits_for"] == "sending"
    assert len(await fed(lab, stream, made, after(0))) == 101  # a tenth, rounded up
    assert await fed(lab, stream, made, after(0)) == []
    waves = await waves_of(lab, made)
    shown = {"current": 1, "total": 3, "recipients": 101, "waits_for": "time", "comparison": None}
    assert waves == shown | {"next_at": waves["next_at"]}
    assert abs(datetime.fromisoformat(waves["next_at"]) - after(120)) < timedelta(minutes=1)
    assert (await lab.get(made))["status"] == "sending"

    assert await fed(lab, stream, made, after(119)) == []
    await lab.do(made, "pause")
    assert await fed(lab, stream, made, after(121)) == []
    await lab.do(made, "resume")
    assert len(await fed(lab, stream, made, after(121))) == 300
    assert await fed(lab, stream, made, after(121)) == []
    assert len(await fed(lab, stream, made, after(182))) == 600
    done = await lab.get(made)
    assert (done["status"], done["counts"]["submitted"]) == ("finished", 1_001)
    assert await codes(lab, made) == [("system", "wave_due")] * 2
    moves = [event.move for event in await lab.events(made, topics.CAMPAIGN_LIFECYCLE)]
    assert moves.count("next_wave") == 2

    # Numbers were given in the order of the contacts' ids: the first tenth is of all of them, in another order.
    first = [int(number[-4:]) for batch in stream.batches(made)[:2] for number in batch.recipients.numbers][:101]
    assert 20 < sum(number < 500 for number in first) < 80
    assert first != sorted(first)
    everybody = [number for batch in stream.batches(made) for number in batch.recipients.numbers]
    assert len(set(everybody)) == 1_001


async def test_a_wave_is_the_same_share_of_every_zone(lab: Any, stream: Any) -> None:
    segments = [await lab.audience.segment(name, 0, 40, country) for name, country in (("uk", "GB"), ("us", "US"))]
    made = await lab.prepared(
        audience={"include": [str(segment) for segment in segments]},
        schedule={"start": "now", "hours": MORNING, "waves": [{"share": 25, "wait_minutes": 30}]},
    )
    london, washington = local(TOMORROW, 9, "Europe/London"), local(TOMORROW, 9, "America/New_York")
    assert len(await fed(lab, stream, made, london)) == 10
    # The wave has to wait for the others before its pause begins.
    assert await fed(lab, stream, made, london + timedelta(hours=2)) == []
    assert len(await fed(lab, stream, made, washington)) == 10
    assert await fed(lab, stream, made, washington + timedelta(minutes=29)) == []
    assert len(await fed(lab, stream, made, washington + timedelta(minutes=31))) == 30
    assert len(await fed(lab, stream, made, london + timedelta(days=1))) == 30
    assert (await lab.get(made))["status"] == "finished"


async def test_later_waves_are_edited_and_the_next_one_let_go(lab: Any, stream: Any) -> None:
    made = await lab.prepared(100, schedule={"start": "now", "waves": WAVES})
    await fed(lab, stream, made, after(0))
    schedule = made["schedule"]
    refused = await lab.edit(made, 422, schedule=schedule | {"waves": [WAVES[0] | {"share": 11}]})
    assert [error["field"] for error in refused["errors"]] == ["schedule.waves"]
    changed = [WAVES[0] | {"wait_minutes": 5}, {"share": 50, "wait_minutes": 7}]
    edited = await lab.edit(made, schedule=schedule | {"waves": changed})
    assert edited["schedule"]["waves"] == changed
    assert len(await fed(lab, stream, made, after(6))) == 50
    assert "next-wave" in (await lab.get(made))["allowed"]
    begun = await lab.do(made, "next-wave")
    assert (begun["waves"]["current"], begun["waves"]["waits_for"], begun["waves"]["recipients"]) == (3, None, 100)
    assert len(await fed(lab, stream, made, after(6))) == 40
    assert await codes(lab, made) == [("system", "wave_due"), ("olga", "by_hand")]
    assert (await lab.do(made, "next-wave", 409))["code"] == "illegal_move"


async def test_what_has_no_next_wave_says_so(lab: Any) -> None:
    made = await lab.started(10)
    assert made["waves"] is None
    assert (await lab.do(made, "next-wave", 409))["code"] == "no_next_wave"
    late = await lab.edit(made, 422, schedule=made["schedule"] | {"waves": WAVES})
    assert [error["field"] for error in late["errors"]] == ["schedule.waves"]
    ready = await lab.prepared(10)
    late = await lab.edit(ready, 422, content={"winner": WINNER})
    assert [error["field"] for error in late["errors"]] == ["content.winner"]


async def compared(lab: Any, made: dict[str, Any], winner: int | None, at: datetime) -> None:
    event = VariantsCompared(
        account_id=lab.audience.account_id,
        campaign_id=UUID(made["id"]),
        verdict="undecided" if winner is None else "winner",
        winner=winner,
        p_value=0.2 if winner is None else 0.0004,
        variants=[Tried(0, 600, 12), Tried(1, 610, 61)],
        at=at,
    )
    for _ in range(2):
        await follow_comparison(lab.pool, Received("c", "volley.stats.variants_compared.v1", "/stats-svc", at, event))


async def trial(lab: Any, stream: Any, **schedule: Any) -> dict[str, Any]:
    """A campaign whose test was sent and waits."""
    made = await lab.prepared(100, content=EVEN | {"winner": WINNER}, schedule={"start": "now"} | schedule)
    variants = await fed(lab, stream, made, after(0))
    assert len(variants) == 40
    assert sum(variants) == pytest.approx(20, abs=1)
    waves = await waves_of(lab, made)
    assert (waves["current"], waves["waits_for"], waves["comparison"]) == (1, "winner", None)
    return dict(made)


async def test_the_winner_goes_to_the_rest(lab: Any, stream: Any) -> None:
    made = await trial(lab, stream, waves=[{"share": 10, "wait_minutes": 5}])
    await compared(lab, made, None, after(0))
    await compared(lab, made, 1, after(1))
    await compared(lab, made, None, after(0.5))  # comes late
    assert (await waves_of(lab, made))["comparison"]["winner"] == 1
    assert await fed(lab, stream, made, after(9)) == []
    assert await fed(lab, stream, made, after(11)) == [1] * 10
    assert await fed(lab, stream, made, after(17)) == [1] * 50
    await compared(lab, made, 0, after(12))
    done = await lab.get(made)
    assert done["status"] == "finished"
    assert [variant["ratio"] for variant in done["content"]["variants"]] == [0, 100]
    assert done["waves"]["comparison"]["winner"] == 1
    (entry, _) = [e for e in (await lab.get(made, "/history"))["items"] if e["move"] == "next_wave"]
    assert (entry["actor"], entry["code"], entry["status_to"]) == ("system", "winner_chosen", "sending")
    assert "variant 1 was clicked by 10.00% of 610 people" in entry["sentence"]


async def test_a_winner_that_is_found_late_is_sent_at_once(lab: Any, stream: Any) -> None:
    made = await trial(lab, stream)
    assert await fed(lab, stream, made, after(30)) == []
    await compared(lab, made, 0, after(31))
    assert await fed(lab, stream, made, after(31)) == [0] * 60


async def test_without_a_winner_the_rest_goes_by_the_ratios(lab: Any, stream: Any) -> None:
    made = await trial(lab, stream)
    await compared(lab, made, None, after(5))
    assert await fed(lab, stream, made, after(59)) == []
    rest = await fed(lab, stream, made, after(61))
    assert len(rest) == 60
    assert sum(rest) == pytest.approx(30, abs=1)
    assert await codes(lab, made) == [("system", "no_winner")]
    assert [v["ratio"] for v in (await lab.get(made))["content"]["variants"]] == [50, 50]


async def test_what_was_said_of_other_texts_chooses_no_winner(lab: Any, stream: Any) -> None:
    made = await trial(lab, stream)
    variants = [variant | {"text": f"New {variant['text']}"} for variant in made["content"]["variants"]]
    await lab.edit(made, content={"variants": variants})
    await lab.prepare()
    await compared(lab, made, 1, after(5))
    assert await fed(lab, stream, made, after(59)) == []
    rest = await fed(lab, stream, made, after(61))
    assert len(rest) == 60
    assert sum(rest) == pytest.approx(30, abs=1)
    assert await codes(lab, made) == [("system", "no_winner")]


async def test_a_person_chooses_by_the_ratios(lab: Any, stream: Any) -> None:
    made = await trial(lab, stream)
    await lab.do(made, "pause")
    ratios = zip(made["content"]["variants"], (100, 0), strict=True)
    chosen = await lab.edit(made, content={"variants": [variant | {"ratio": ratio} for variant, ratio in ratios]})
    assert (chosen["status"], chosen["waves"]["current"]) == ("paused", 2)
    await compared(lab, made, 1, after(1))
    await lab.do(made, "resume")
    assert await fed(lab, stream, made, after(0)) == [0] * 60
    assert await codes(lab, made) == [("olga", "chosen_by_hand")]


async def test_what_a_test_needs_is_named(lab: Any) -> None:
    made = (await lab.client.post("/v1/campaigns", json={"name": "In steps"})).json()
    path = f"/v1/campaigns/{made['id']}/steps"
    content = {"variants": [{"text": "no link"}], "winner": WINNER}
    half = (await lab.client.put(f"{path}/content", json=content)).json()
    assert [problem["field"] for problem in half["problems"]] == ["content.winner", "content.variants[0].text"]
    schedule = {"start": "now", "waves": [{"share": 60, "wait_minutes": 5}]}
    wrong = (await lab.client.put(f"{path}/schedule", json={"schedule": schedule})).json()
    assert [error["field"] for error in wrong["errors"]] == ["schedule.waves"]
    none = {"start": "now", "waves": [{"share": 0, "wait_minutes": 5}]}
    wrong = (await lab.client.put(f"{path}/schedule", json={"schedule": none})).json()
    assert [error["field"] for error in wrong["errors"]] == ["schedule.waves[0].share"]


async def test_the_forecast_counts_the_waits(lab: Any) -> None:
    plain, in_waves = await lab.prepared(100), await lab.prepared(100, schedule={"start": "manual", "waves": WAVES})
    waits = in_waves["forecast"]["duration_s"] - plain["forecast"]["duration_s"]
    assert waits == pytest.approx((120 + 60) * 60, abs=1)
    assert datetime.fromisoformat(in_waves["forecast"]["finish_at"]) > datetime.now(UTC) + timedelta(hours=3)
