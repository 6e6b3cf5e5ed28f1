"""Single clicks go; every figure stays, and a person still counts once."""

from datetime import timedelta

from stats_svc.config import Settings
from stats_svc.handlers.count_event import count_event
from stats_svc.handlers.recount_clicks import Recount, recount_campaign
from stats_svc.store.retention import rules
from volley_chassis.database import Pool
from volley_chassis.retention import remove_old
from volley_contracts import Event

from .events import AT, Story, received

FIGURES = """
SELECT (SELECT array_agg(t ORDER BY t::text) FROM figures AS t WHERE campaign_id = $1),
       (SELECT array_agg(t ORDER BY t::text) FROM minutes AS t WHERE campaign_id = $1),
       (SELECT array_agg(t ORDER BY t::text) FROM domains AS t WHERE campaign_id = $1)
"""


async def test_figures_outlive_the_clicks_that_they_count(pool: Pool, settings: Settings) -> None:
    story = Story()
    young = story.visits([(2, "curl/8", None), (0, "curl/8", None)])
    events: list[Event] = [story.outcomes(), story.receipts(), story.clicks((0, 0, 1))]
    for event in events:
        await count_event(pool, received(event))
    figures = await pool.fetchrow(FIGURES, story.campaign_id)
    year = timedelta(days=settings.click_days)
    for minutes, gone in ((0, 0), (2, 3)):
        at = AT + year + timedelta(minutes=minutes)
        removed = {rule.table: await remove_old(pool, rule, at=at, rows=2) for rule in rules(settings)}
        assert removed["clicks"] == gone
    assert await pool.fetchval("SELECT count(*) FROM clicks WHERE campaign_id = $1", story.campaign_id) == 0
    assert await pool.fetchrow(FIGURES, story.campaign_id) == figures
    await count_event(pool, received(story.clicks((0,))))
    await count_event(pool, received(young))
    clickers = "SELECT sum(clickers) FROM figures WHERE campaign_id = $1"
    assert await pool.fetchval(clickers, story.campaign_id) == 2
    # Whose click is gone stays a clicker, whatever a recount says of a later one; whose is not is judged.
    assert await recount_campaign(pool, story.campaign_id) == Recount(judged=3, changed=2, lost=1)
    assert await pool.fetchval(clickers, story.campaign_id) == 1
