"""What was foretold of a campaign is foretold anew when it is edited, from where it stands."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from campaign_svc.handlers.feed_campaign import feed_campaigns
from campaign_svc.handlers.forecast_again import LEASE, forecast_next
from volley_contracts import now


async def foretell(lab: Any) -> int:
    """How many forecasts were made anew."""
    made = 0
    while await forecast_next(lab.pool, lab.peers, at=now()):
        made += 1
    return made


async def test_an_edit_while_it_is_sent_is_foretold_from_where_it_stands(lab: Any) -> None:
    made = await lab.started(1_000)
    assert await foretell(lab) == 0
    await feed_campaigns(lab.pool, at=now())
    fed = (await lab.get(made))["counts"]["fed"]
    assert 0 < fed < 900
    lab.neighbours.pools[UUID(made["content"]["short_pool_id"])]["remaining"] = 100
    edited = await lab.edit(made, max_parts_per_second=2)
    assert edited["forecast"] == made["forecast"]
    assert await foretell(lab) == 1
    after = await lab.get(made)
    assert after["revision"] == edited["revision"]
    assert after["forecast"]["cost"] == made["forecast"]["cost"]
    assert after["forecast"]["start_at"] > made["forecast"]["start_at"]
    assert abs(after["forecast"]["duration_s"] - (1_000 - fed) / 2) < 1
    assert [pool["ends_at_message"] for pool in after["forecast"]["pools"]] == [fed + 101, None]


async def test_a_slower_sender_is_foretold_to_all_its_campaigns(lab: Any) -> None:
    made = await lab.prepared(500)
    answer = await lab.client.patch(f"/v1/senders/{made['sender_id']}", json={"parts_per_second": 5})
    assert answer.status_code == 200, answer.text
    assert await foretell(lab) == 1
    after = (await lab.get(made))["forecast"]
    assert (after["parts_per_second"], round(after["duration_s"])) == (5, 100)


async def test_without_a_rate_card_nothing_is_foretold(lab: Any) -> None:
    made = await lab.prepared(100)
    await lab.edit(made, max_parts_per_second=2)
    lab.neighbours.coverage = None
    assert await foretell(lab) == 1
    assert (await lab.get(made))["forecast"] == made["forecast"]
    assert not await forecast_next(lab.pool, lab.peers, at=now() + 2 * LEASE)


async def test_ratios_and_the_schedule_may_be_changed_at_once(lab: Any) -> None:
    made = await lab.prepared(100)
    variants = [
        {**variant, "ratio": ratio} for variant, ratio in zip(made["content"]["variants"], (10, 90), strict=True)
    ]
    schedule = {"start": "at", "at": (now() + timedelta(hours=1)).isoformat()}
    edited = await lab.edit(made, content={"variants": variants}, schedule=schedule)
    assert edited["status"] == "scheduled"
    await lab.do(made, "start")
    await feed_campaigns(lab.pool, at=now())
    assert (await lab.get(made))["counts"]["fed"] == 100
    split = await lab.pool.fetch(
        "SELECT count(*) FROM recipients WHERE campaign_id = $1 GROUP BY variant ORDER BY variant", UUID(made["id"])
    )
    assert abs(split[0]["count"] - 10) <= 1
    assert split[0]["count"] + split[1]["count"] == 100
