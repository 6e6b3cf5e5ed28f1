"""A domain that fails has one alert, which is over when the domain works again."""

from typing import Any

from campaign_svc.handlers.follow_domain import follow_domain
from volley_chassis.kafka import Received
from volley_contracts import AlertRaised, AlertResolved, DomainHealth, new_id, now, topics


async def test_a_failing_domain_has_one_alert_until_it_works_again(lab: Any) -> None:
    campaign = await lab.started()
    domains = [new_id(), new_id()]

    async def hear(problem: str | None, domain: int = 0) -> list[str]:
        event = DomainHealth(
            account_id=lab.audience.account_id, domain_id=domains[domain], host="go.example", problem=problem, at=now()
        )
        record = Received(str(new_id()), "type", "/link-svc", now(), event)
        for _ in range(2):
            await follow_domain(lab.pool, record, at=now())
        found = (await lab.client.get("/v1/alerts", params={"open": True})).json()["items"]
        assert {alert["code"] for alert in found} <= {"domain_failing"}
        return sorted(f"{domains.index(type(domains[0])(a['domain_id']))} {a['sentence']}" for a in found)

    assert await hear("It expired.") == ["0 It expired."]
    assert await hear("It expired again.") == ["0 It expired."]
    assert await hear("It is gone.", 1) == ["0 It expired.", "1 It is gone."]
    assert await hear(None) == ["1 It is gone."]
    assert await hear("It expired.") == ["0 It expired.", "1 It is gone."]
    events = await lab.events(campaign, topics.ALERTS)
    assert [type(event) for event in events] == [AlertRaised, AlertRaised, AlertResolved, AlertRaised]
    assert (await lab.get(campaign))["status"] == "started"
