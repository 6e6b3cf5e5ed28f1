"""A campaign stops by itself, says why with the figures, and goes on when its cause is over or accepted."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from campaign_svc.handlers.break_campaign import count_optouts, follow_budget, follow_routes
from campaign_svc.handlers.feed_campaign import feed_campaign, publish_recorded
from campaign_svc.handlers.keep_figures import keep_figures
from campaign_svc.handlers.record_optout import record_optouts
from campaign_svc.handlers.settle_outcomes import settle_outcomes
from volley_chassis.kafka import Received
from volley_contracts import (
    AlertRaised,
    AlertResolved,
    BudgetReached,
    CampaignBatch,
    CampaignMoved,
    LiveFigures,
    OptedOut,
    RouteHealth,
    new_id,
    now,
    topics,
)

from .test_sending import Recorder, outcomes


@pytest.fixture
def stream() -> Any:
    return Recorder()


async def fed(lab: Any, stream: Any, campaign: dict[str, Any]) -> list[CampaignBatch]:
    """The batches that credit allows now."""
    before = len(stream.batches(campaign))
    await feed_campaign(lab.pool, UUID(campaign["id"]), at=now())
    while await publish_recorded(lab.pool, stream):
        pass
    return list(stream.batches(campaign)[before:])


async def settle(lab: Any, campaign: dict[str, Any], batch: CampaignBatch, failed: int) -> None:
    """The first `failed` of the batch fail, and the event comes twice."""
    well = len(batch.recipients.numbers) - failed
    received = outcomes(campaign, batch, *["failed"] * failed, *["submitted"] * well)
    for _ in range(2):
        await settle_outcomes(lab.pool, received, at=now())


async def opt_out(lab: Any, campaign: dict[str, Any], *seqs: int) -> None:
    for seq in seqs:
        event = OptedOut(
            account_id=lab.audience.account_id,
            campaign_id=UUID(campaign["id"]),
            seq=seq,
            variant=0,
            domain_id=new_id(),
            at=now(),
        )
        received = Received(f"{campaign['id']}:{seq}", "t", "/link-svc", now(), event)
        for _ in range(2):
            await record_optouts(lab.pool, [received])
            await count_optouts(lab.pool, at=now())


async def tell_routes(lab: Any, *countries: str, everywhere: bool = False) -> None:
    reachable = None if everywhere else countries
    event = RouteHealth(account_id=lab.audience.account_id, reachable=reachable, at=now())
    received = Received(str(new_id()), "t", "/dispatch-svc", now(), event)
    for _ in range(2):
        await follow_routes(lab.pool, received, at=now())


async def alerts(lab: Any, campaign: dict[str, Any], kind: type) -> list[Any]:
    return [e for e in await lab.events(campaign, topics.ALERTS) if isinstance(e, kind)]


async def test_too_many_failures_suspend_and_a_resume_begins_anew(lab: Any, stream: Any) -> None:
    made = await lab.started(1_000, breakers={"failure_percent": 20, "min_sample": 150})
    first, second, third = await fed(lab, stream, made)
    await settle(lab, made, first, failed=60)  # more than the limit, of too few
    assert (await lab.get(made))["status"] == "sending"
    await settle(lab, made, second, failed=0)
    stopped = await lab.get(made)
    assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "failure_rate")
    assert stopped["suspension"]["sentence"] == ("60 of the last 200 messages failed (30.0%); the limit is 20%.")
    (alert,) = await alerts(lab, made, AlertRaised)
    assert alert.code == "failure_rate"

    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["cause"]) == ("cause_holds", "failure_rate")
    assert "raise the limit" in refused["missing"]
    await lab.do(made, "resume", 409, accept="optout_rate")
    assert (await lab.do(made, "resume", accept="failure_rate"))["status"] == "sending"
    history = (await lab.client.get(f"/v1/campaigns/{made['id']}/history")).json()["items"]
    (why,) = [entry["sentence"] for entry in history if entry["move"] == "resume"]
    assert why == "Accepted: 60 of the last 200 messages failed (30.0%); the limit is 20%."
    assert len(await alerts(lab, made, AlertResolved)) == 1

    await settle(lab, made, third, failed=25)  # 25% of those since, but too few
    assert (await lab.get(made))["status"] == "sending"
    (fourth, *_) = await fed(lab, stream, made)
    await settle(lab, made, fourth, failed=14)
    assert (await lab.get(made))["status"] == "sending"  # 39 of 200
    (fifth, *_) = await fed(lab, stream, made)
    await settle(lab, made, fifth, failed=21)  # 60 of 300: exactly 20%
    assert (await lab.get(made))["suspension"]["code"] == "failure_rate"
    await lab.edit(made, breakers={"failure_percent": 21})
    assert (await lab.do(made, "resume"))["status"] == "sending"


async def receipts(lab: Any, campaign: dict[str, Any], *, delivered: int, undelivered: int) -> None:
    """What stats-svc tells of all receipts so far, twice."""
    counts = dict.fromkeys(("submitted", "failed", "unknown", "suppressed", "cancelled"), 0)
    clicks = dict.fromkeys(("clicks_raw", "clicks_human", "clickers", "optouts", "parts"), 0)
    event = LiveFigures(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        delivered=delivered,
        undelivered=undelivered,
        cost=Decimal(0),
        currency="EUR",
        at=now(),
        **counts,
        **clicks,
    )
    for _ in range(2):
        await keep_figures(lab.pool, Received(str(new_id()), "t", "/stats-svc", now(), event), at=now())


async def test_too_many_that_do_not_arrive_suspend_and_a_resume_begins_anew(lab: Any, stream: Any) -> None:
    made = await lab.started(1_000, breakers={"failure_percent": 20, "min_sample": 150})
    first, second, third = await fed(lab, stream, made)
    for batch in (first, second):
        await settle(lab, made, batch, failed=0)
    await receipts(lab, made, delivered=89, undelivered=60)  # more than the limit, of too few
    assert (await lab.get(made))["status"] == "sending"
    await receipts(lab, made, delivered=90, undelivered=60)
    stopped = await lab.get(made)
    assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "failure_rate")
    sentence = "60 of the last 150 receipts say undelivered (40.0%); the limit is 20%."
    assert stopped["suspension"]["sentence"] == sentence
    assert [alert.code for alert in await alerts(lab, made, AlertRaised)] == ["failure_rate"]
    assert (await lab.do(made, "resume", 409))["cause"] == "failure_rate"
    assert (await lab.do(made, "resume", accept="failure_rate"))["status"] == "sending"

    await settle(lab, made, third, failed=0)
    await receipts(lab, made, delivered=210, undelivered=89)  # 29 of 149 since, too few
    assert (await lab.get(made))["status"] == "sending"
    await receipts(lab, made, delivered=210, undelivered=90)  # 30 of 150: exactly 20%
    assert (await lab.get(made))["suspension"]["code"] == "failure_rate"
    await receipts(lab, made, delivered=211, undelivered=90)  # what arrived meanwhile heals it
    assert (await lab.do(made, "resume"))["status"] == "sending"


async def test_too_many_opt_outs_suspend_and_older_ones_do_not_count_again(lab: Any, stream: Any) -> None:
    made = await lab.started(1_000, breakers={"optout_percent": 3, "min_sample": 150})
    first, second, _ = await fed(lab, stream, made)
    await settle(lab, made, first, failed=0)
    await opt_out(lab, made, *range(5))
    assert (await lab.get(made))["status"] == "sending"  # 5%, of too few
    await settle(lab, made, second, failed=0)
    await opt_out(lab, made, 5)
    stopped = await lab.get(made)
    assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "optout_rate")
    assert "6 of 200 people" in stopped["suspension"]["sentence"]
    refused = await lab.do(made, "resume", 409)
    assert refused["cause"] == "optout_rate"
    assert (await lab.do(made, "resume", accept="optout_rate"))["status"] == "sending"
    for batch in await fed(lab, stream, made):
        await settle(lab, made, batch, failed=0)
    await opt_out(lab, made, *range(6, 40))  # of what was sent before
    assert (await lab.get(made))["status"] == "sending"
    await opt_out(lab, made, *range(300, 306))
    assert (await lab.get(made))["suspension"]["code"] == "optout_rate"


async def test_limits_of_the_account_hold_where_a_campaign_has_none(
    lab: Any, stream: Any, client_of: Any, caller: Any
) -> None:
    assert (await lab.client.get("/v1/breakers")).json()["in_force"]["failure_percent"] == 30.0
    assert (await lab.client.put("/v1/breakers", json={"failure_percent": 0})).status_code in {400, 422}
    chosen = await lab.client.put("/v1/breakers", json={"failure_percent": 5, "min_sample": 50})
    assert chosen.json()["in_force"] == {"failure_percent": 5.0, "optout_percent": 5.0, "min_sample": 50}
    strict, lax = await lab.started(300), await lab.started(300, breakers={"failure_percent": 50})
    for campaign in (strict, lax):
        (batch, *_) = await fed(lab, stream, campaign)
        await settle(lab, campaign, batch, failed=10)
    assert (await lab.get(strict))["suspension"]["code"] == "failure_rate"
    assert (await lab.get(lax))["status"] == "sending"


async def test_routes_that_are_down_suspend_and_resume_waits_for_one(lab: Any, stream: Any) -> None:
    made = await lab.started(300)
    await fed(lab, stream, made)
    await tell_routes(lab, "US")
    assert (await lab.get(made))["status"] == "started"
    await tell_routes(lab, "GB")
    stopped = await lab.get(made)
    assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "route_down")
    assert stopped["suspension"]["sentence"] == "No route works for 300 of 300 recipients (US)."
    assert [alert.code for alert in await alerts(lab, made, AlertRaised)] == ["route_down"]
    refused = await lab.do(made, "resume", 409)
    assert refused["cause"] == "route_down"
    assert "route" in refused["missing"]
    await tell_routes(lab, everywhere=True)
    assert (await lab.get(made))["status"] == "suspended"  # a person resumes, not the system
    assert (await lab.do(made, "resume"))["status"] == "started"


async def test_a_campaign_launched_while_routes_are_down_stops_before_it_feeds(lab: Any, stream: Any) -> None:
    await tell_routes(lab)
    made = await lab.started(100)
    assert await fed(lab, stream, made) == []
    assert (await lab.get(made))["suspension"]["code"] == "route_down"
    await tell_routes(lab, "US")
    await lab.do(made, "resume")
    assert len(await fed(lab, stream, made)) == 1


async def test_old_news_of_routes_changes_nothing(lab: Any, stream: Any) -> None:
    made = await lab.started(100)
    old = RouteHealth(account_id=lab.audience.account_id, reachable=(), at=now())
    await tell_routes(lab, "US")
    await follow_routes(lab.pool, Received(str(new_id()), "t", "/dispatch-svc", now(), old), at=now())
    assert (await lab.get(made))["status"] == "started"


async def reach_budget(lab: Any, campaign: dict[str, Any], spent: str, needed: str) -> None:
    """dispatch-svc says, twice, that the budget pays for no more."""
    event = BudgetReached(
        account_id=lab.audience.account_id,
        campaign_id=UUID(campaign["id"]),
        spent=Decimal(spent),
        needed=Decimal(needed),
        at=now(),
    )
    for _ in range(2):
        await follow_budget(lab.pool, Received(str(new_id()), "t", "/dispatch-svc", now(), event), at=now())


async def budgets_told(lab: Any, campaign: dict[str, Any]) -> list[str | None]:
    found = [e for e in await lab.events(campaign, topics.CAMPAIGN_LIFECYCLE) if isinstance(e, CampaignMoved)]
    assert all(e.budget for e in found)
    return [None if e.budget.amount is None else str(e.budget.amount) for e in found]


async def test_a_budget_that_is_reached_suspends_and_resume_waits_for_what_the_next_message_needs(
    lab: Any, stream: Any
) -> None:
    made = await lab.started(1_000, budget={"amount": "2.3755", "currency": "EUR"})
    for batch in await fed(lab, stream, made):
        await settle(lab, made, batch, failed=0)
    spent = (await lab.get(made))["cost"]["amount"]
    await reach_budget(lab, made, spent, "2.3779")
    stopped = await lab.get(made)
    assert (stopped["status"], stopped["suspension"]["code"]) == ("suspended", "budget_exhausted")
    assert f"{spent} of the budget of 2.3755 EUR is spent" in stopped["suspension"]["sentence"]
    assert len(await alerts(lab, made, AlertRaised)) == 1
    await lab.edit(made, budget={"amount": "2.3778", "currency": "EUR"})
    refused = await lab.do(made, "resume", 409)
    assert (refused["code"], refused["cause"]) == ("cause_holds", "budget_exhausted")
    assert "at least 2.3779" in refused["detail"]
    await lab.edit(made, budget={"amount": "2.3779", "currency": "EUR"})
    assert (await lab.do(made, "resume"))["status"] == "sending"
    await reach_budget(lab, made, spent, "2.3779")  # late: it was raised meanwhile
    assert (await lab.get(made))["status"] == "sending"
    assert (await budgets_told(lab, made))[-4:] == ["2.3755", "2.3778", "2.3779", "2.3779"]


async def test_a_budget_lowered_below_what_is_spent_suspends_at_once(lab: Any, stream: Any) -> None:
    made = await lab.started(1_000)
    for batch in await fed(lab, stream, made):
        await settle(lab, made, batch, failed=0)
    spent = Decimal((await lab.get(made))["cost"]["amount"])
    assert spent > 1
    edited = await lab.edit(made, budget={"amount": "1.00", "currency": "EUR"})
    assert (edited["status"], edited["suspension"]["code"]) == ("suspended", "budget_exhausted")
    assert edited["suspension"]["sentence"] == (
        f"{spent} of the budget of 1.00 EUR is spent. Raise the budget, then resume."
    )
    refused = await lab.do(made, "resume", 409)
    assert (refused["cause"], refused["missing"]) == ("budget_exhausted", "A higher budget, or none.")
    await lab.edit(made, budget={"amount": str(spent), "currency": "EUR"})
    await lab.do(made, "resume", 409)
    await lab.edit(made, budget=None)
    assert (await lab.do(made, "resume"))["status"] == "sending"
    entries = (await lab.get(made, "/history"))["items"]
    edits = [(e["actor"], e["sentence"]) for e in entries if e["move"] == "edit_budget"]
    assert "system" not in {actor for actor, _ in edits}
    assert sorted(sentence for _, sentence in edits) == [
        "The budget is now 1.00 EUR; it was unlimited.",
        f"The budget is now {spent} EUR; it was 1.00 EUR.",
        f"The budget is now unlimited; it was {spent} EUR.",
    ]


async def test_a_budget_is_in_the_currency_of_the_costs(lab: Any) -> None:
    made = await lab.started(10)
    path = f"/v1/campaigns/{made['id']}"
    refused = await lab.client.patch(path, json={"budget": {"amount": "100", "currency": "JPY"}})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "budget.currency")
    currency = made["forecast"]["currency"]
    assert (await lab.client.patch(path, json={"budget": {"amount": "100", "currency": currency}})).status_code == 200
