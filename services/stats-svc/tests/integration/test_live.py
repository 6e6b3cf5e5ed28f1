"""Live figures: every change reaches stats.live, from one replica at a time, and survives a failed publication."""

import asyncio
from datetime import timedelta

import pytest

from stats_svc.config import Settings
from stats_svc.consumers import subscribe
from stats_svc.domain.paces import Paces
from stats_svc.handlers.apply_move import apply_edit, apply_move
from stats_svc.handlers.count_event import count_event
from stats_svc.handlers.publish_live import publish_changes, publish_live
from volley_chassis.database import Pool
from volley_chassis.kafka import Received, Stream
from volley_contracts import CampaignEdited, LiveFigures, VariantsCompared, topics

from .events import AT, Story, received

WITHIN = 30


async def test_from_kafka_to_kafka(settings: Settings, pool: Pool) -> None:
    story, stream = Story(), Stream(settings, "stats-svc")
    got: asyncio.Queue[Received[LiveFigures]] = asyncio.Queue()
    subscribe(stream, pool)
    stream.subscribe(topics.STATS_LIVE, {LiveFigures: got.put})
    async with stream.running(), asyncio.timeout(WITHIN):
        for id_ in ("o", "o"):
            await stream.publish(story.outcomes(), id=id_)
        for event in (story.moved(), story.revised(), story.receipts(), story.clicks()):
            for _ in range(2):
                await stream.publish(event, id=type(event).__name__)
        for number, event in enumerate(story.optouts()):
            for _ in range(2):
                await stream.publish(event, id=f"optout-{number}")
        publishing = asyncio.create_task(publish_live(pool, stream, 0.02))
        while True:
            figures = (await got.get()).data
            counts = (figures.submitted, figures.delivered, figures.clicks_raw, figures.optouts, figures.unknown)
            if counts == (4, 2, 3, 2, 0):
                break
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
    assert (figures.account_id, figures.campaign_id) == (story.account_id, story.campaign_id)
    assert (str(figures.cost), figures.currency, figures.clickers) == ("0.1657", "EUR", 1)


class Broken:
    """A stream whose broker is away."""

    async def publish(self, *_events: object) -> None:
        raise ConnectionError("away")


class Kept:
    def __init__(self) -> None:
        self.events: list[LiveFigures | VariantsCompared] = []

    async def publish(self, *events: LiveFigures | VariantsCompared) -> None:
        self.events += events


async def test_a_change_is_published_once_and_not_lost_with_the_broker(pool: Pool) -> None:
    one, two, kept = Story(), Story(), Kept()
    for story in (one, two):
        for event in (story.outcomes(), story.receipts()):
            await count_event(pool, received(event))
    with pytest.raises(ConnectionError):
        await publish_changes(pool, Broken(), Paces())  # type: ignore[arg-type]
    assert await publish_changes(pool, kept, Paces()) == 2  # type: ignore[arg-type]
    assert {event.campaign_id for event in kept.events} == {one.campaign_id, two.campaign_id}
    assert await publish_changes(pool, kept, Paces()) == 0  # type: ignore[arg-type]


async def test_how_variants_compare_is_told_beside_the_figures(pool: Pool) -> None:
    story, kept = Story(), Kept()
    for event in (story.outcomes(), story.receipts(), story.clicks()):
        for _ in range(2):
            await count_event(pool, received(event, type(event).__name__ + str(story.campaign_id)))
    await publish_changes(pool, kept, Paces())  # type: ignore[arg-type]
    (compared,) = [
        event for event in kept.events if isinstance(event, VariantsCompared) and event.campaign_id == story.campaign_id
    ]
    assert (compared.account_id, compared.verdict, compared.winner) == (story.account_id, "too_early", None)
    stats = {one.variant: (one.reached, one.clickers) for one in compared.variants}
    assert stats == {0: (2, 1), 1: (0, 0)}


async def test_one_replica_publishes_at_a_time(pool: Pool) -> None:
    story, kept = Story(), Kept()
    await count_event(pool, received(story.outcomes()))
    async with pool.acquire() as connection, connection.transaction():
        assert await connection.fetchval("SELECT pg_try_advisory_xact_lock(7306105123)")
        assert await publish_changes(pool, kept, Paces()) == 0  # type: ignore[arg-type]
    assert await publish_changes(pool, kept, Paces()) == 1  # type: ignore[arg-type]


async def test_an_abort_is_told_although_nobody_was_sent_to(pool: Pool) -> None:
    story, kept = Story(), Kept()
    await apply_move(pool, received(story.moved(1, "aborted")))
    await publish_changes(pool, kept, Paces())  # type: ignore[arg-type]
    figures = next(e for e in kept.events if isinstance(e, LiveFigures) and e.campaign_id == story.campaign_id)
    assert (figures.cancelled, figures.submitted, figures.cost, figures.currency) == (6, 0, 0, "")


async def last_of(pool: Pool, story: Story) -> LiveFigures:
    kept = Kept()
    await publish_changes(pool, kept, Paces())  # type: ignore[arg-type]
    found = [e for e in kept.events if isinstance(e, LiveFigures) and e.campaign_id == story.campaign_id]
    assert found, "nothing was published"
    return found[-1]


async def test_figures_say_name_status_tags_and_progress_by_the_latest_move_or_edit(pool: Pool) -> None:
    story = Story()

    def edited(name: str, minutes: int) -> CampaignEdited:
        at = AT + timedelta(minutes=minutes)
        return CampaignEdited(**story.whose, campaign_name=name, tags=(name.lower(),), actor="a", at=at)

    await apply_move(pool, received(story.moved(1, "started", tags=("may",))))
    await count_event(pool, received(story.outcomes()))
    figures = await last_of(pool, story)
    assert (figures.name, figures.status, figures.tags) == ("May", "started", ("may",))
    assert (figures.recipients, figures.progress, figures.rate) == (6, 1.0, None)
    for edit in (edited("June", 2), edited("April", 1)):
        await apply_edit(pool, received(edit))
    await apply_move(pool, received(story.moved(2, "paused")))  # of an older release, and from before the edit
    figures = await last_of(pool, story)
    assert (figures.name, figures.status, figures.tags) == ("June", "paused", ("june",))


async def test_a_rate_that_fades_is_told_without_any_change(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    story, paces, clock = Story(), Paces(), AT
    monkeypatch.setattr("stats_svc.handlers.publish_live.now", lambda: clock)
    kept = Kept()
    for _ in range(3):
        await count_event(pool, received(story.outcomes()))
        clock += timedelta(seconds=1)
        await publish_changes(pool, kept, paces)  # type: ignore[arg-type]
    clock += timedelta(seconds=1)
    while await publish_changes(pool, kept, paces):  # type: ignore[arg-type]
        clock += timedelta(seconds=1)
    rates = [e.rate for e in kept.events if isinstance(e, LiveFigures) and e.campaign_id == story.campaign_id]
    assert rates[:3] == [None, 3.0, 3.0]
    assert rates[-1] == 0.0
